from __future__ import annotations

import base64
import hashlib
import re

import pytest

from gateway.pages.assets import ASSETS
from gateway.pages.security import TEMPLATE_SCRIPT
from tests.gateway.pages.conftest import Browser

# The font, the crest, the crown and the name belong to one publisher alone.
THEIRS = re.compile(r"GOV\.UK|GDS Transport|crown|crest|logotype|#1d70b8|fonts/", re.IGNORECASE)
PUBLIC = ("/sign-in", "/accessibility", "/privacy", "/help", "/nowhere")
SIGNED_IN = ("/home", "/messages", "/purchases", "/purchases/new", "/sign-out", "/queue")


@pytest.mark.parametrize("name", ASSETS.names())
def test_a_static_file_carries_nothing_of_another_brand(name: str) -> None:
    assert THEIRS.findall(ASSETS.text(name)) == []


@pytest.mark.parametrize("path", PUBLIC + SIGNED_IN)
async def test_a_page_carries_nothing_of_another_brand(browser: Browser, path: str) -> None:
    visitor = browser if path in PUBLIC else await browser.be("priya")

    page = await visitor.see(path)

    assert THEIRS.findall(page.text) == []
    assert "Local response fund" in page.text


async def test_the_only_inline_script_is_the_one_the_policy_names(browser: Browser) -> None:
    page = await browser.see("/sign-in")

    scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]

    assert [f"sha256-{digest}" for digest in digests] == [TEMPLATE_SCRIPT]
    assert " style=" not in page.text
    assert re.findall(r"\son\w+=", page.text) == []


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/static/nothing.css"])
async def test_every_answer_forbids_what_we_did_not_send(browser: Browser, path: str) -> None:
    page = await browser.see(path)

    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"


async def test_a_static_file_may_be_kept_for_ever_under_the_name_of_its_bytes(
    browser: Browser,
) -> None:
    url = ASSETS.url("lrf.css")

    file = await browser.see(url)
    other = await browser.see(url.replace(".css", "0.css"))

    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["content-encoding"] == "gzip"
    assert file.text == ASSETS.text("lrf.css")
    assert other.status_code == 404


def test_our_script_imports_the_vendored_one_by_its_hashed_name() -> None:
    assert ASSETS.url("govuk-6.3.0.js") in ASSETS.text("lrf.js")
