"""Papers of a request: sent by form, listed, and fetched as the file that they were."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx

from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import ask
from tests.support.fakes.stack import PageStack

LIMIT = 10 * 2**20
PDF = b"%PDF-1.4\n" + b"0" * (LIMIT - 9)


async def send(
    who: Browser, path: str, content: bytes | None, *, name: str = "quote.pdf", **values: str
) -> httpx.Response:
    """Send the form of papers with a file."""
    page = await who.see(path)
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    hidden = {field: html.unescape(value) for field, value in found}
    files: Any = {"file": (name, content)} if content is not None else {"file": ("", b"")}
    return await who.upload(path, {**hidden, **values}, files)


async def test_a_paper_of_ten_megabytes_is_sent_listed_and_fetched(
    browser: Browser, second_browser: Browser
) -> None:
    asker = await browser.be("priya")
    path = f"/purchases/{await ask(asker)}/papers"

    sent = await send(asker, path, PDF, name="<Quote> 1.pdf", kind="quote")

    officer = await second_browser.be("ruth")
    listed = (await officer.see(path)).text
    address = re.findall(r'href="(/api/v1/purchases/[^"]+/content)"', listed)[0]
    file = await officer.see(address)
    assert sent.status_code == 200
    assert "&lt;Quote&gt; 1.pdf" in listed
    assert "Quote, 10.5 MB" in listed
    assert file.content == PDF
    assert file.headers["content-disposition"] == 'attachment; filename="_Quote_ 1.pdf"'
    assert file.headers["content-security-policy"].startswith("sandbox")


REFUSED = (
    (PDF + b"0", "quote", "The file must be 10MB or smaller"),
    (PDF * 2, "quote", "The file must be 10MB or smaller"),
    (None, "quote", "Select a file"),
    (b"%PDF", "", "Select what the paper is"),
    (b"MZ", "quote", "Send a PDF, JPG or PNG"),
)


async def test_a_paper_that_cannot_be_kept_comes_back_to_the_form(
    browser: Browser, stack: PageStack
) -> None:
    asker = await browser.be("priya")
    path = f"/purchases/{await ask(asker)}/papers"

    for content, kind, message in REFUSED:
        page = await send(asker, path, content, kind=kind)
        assert (page.status_code, message in page.text) == (422, True), message

    assert stack.discussion.papers == []


async def test_a_paper_without_this_sessions_token_is_refused(
    browser: Browser, stack: PageStack
) -> None:
    asker = await browser.be("priya")
    path = f"/purchases/{await ask(asker)}/papers"

    page = await send(asker, path, b"%PDF", kind="quote", csrf_token="guess")

    assert page.status_code == 403
    assert stack.discussion.papers == []
