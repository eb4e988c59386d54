"""The administrator's pages of service keys, and a program that calls with one."""

from __future__ import annotations

import re

import httpx

from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import date_of, heading
from tests.support.fakes.sharing import AGREEMENT

ASKED = {
    "name": "Monthly download",
    "agreement": AGREEMENT,
    "subject": "ewan-subject",
    "may-feed": "yes",
    "may-agreement": "yes",
    **date_of("ends", "30", "11", "2026"),
}


async def make(browser: Browser) -> tuple[Browser, str]:
    """Make a key; returns the administrator and the secret."""
    administrator = await browser.be("lin")
    made = await administrator.send("/keys/new", **ASKED)
    assert heading(made) == "Copy the key now", made.text
    found = re.search(r"lr_[\w-]{43}", made.text)
    assert found
    return administrator, found[0]


async def test_a_key_is_shown_once(browser: Browser) -> None:
    administrator, secret = await make(browser)

    listed = (await administrator.see("/keys")).text

    assert secret not in listed
    assert "Monthly download" in listed
    assert AGREEMENT in listed
    assert "30 November 2026" in listed
    assert "Never" in listed


WRONG = {
    "no name": ({"name": ""}, "Enter a name for the key"),
    "no agreement": ({"agreement": ""}, "Enter the agreement"),
    "no reader": ({"subject": ""}, "Enter the reader"),
    "nothing": ({"may-feed": "", "may-agreement": ""}, "Select what the key may read"),
    "a day that has gone": (date_of("ends", "1", "11", "2026"), "must be today or later"),
    "too long": (date_of("ends", "3", "11", "2028"), "within a year"),
    "no day": (date_of("ends", "31", "2", "2027"), "real date"),
}


async def test_a_key_that_is_wrongly_asked_for_is_not_made(browser: Browser) -> None:
    administrator = await browser.be("lin")

    for case, (changes, message) in WRONG.items():
        page = await administrator.send("/keys/new", **{**ASKED, **changes})
        assert (page.status_code, message in page.text) == (422, True), case

    assert "There are no service keys yet." in (await administrator.see("/keys")).text


async def test_a_program_calls_with_its_key_until_it_is_revoked(
    browser: Browser, api: httpx.AsyncClient
) -> None:
    administrator, secret = await make(browser)
    headers = {"Authorization": f"Bearer {secret}"}

    known = await api.get(f"/api/v1/agreements/{AGREEMENT}", headers=headers)
    other = await api.get(f"/api/v1/agreements/{AGREEMENT[:-1]}2", headers=headers)
    beyond = await api.get("/api/v1/releases", headers=headers)
    listed = (await administrator.see("/keys")).text
    key_id = re.findall(r"/keys/([0-9a-f-]{36})/revoke", listed)[0]
    await administrator.send(f"/keys/{key_id}/revoke")
    after = await api.get(f"/api/v1/agreements/{AGREEMENT}", headers=headers)

    assert (known.status_code, known.json()["id"]) == (200, AGREEMENT)
    assert (other.status_code, other.json()["reason"]) == (404, "AGREEMENT_NOT_FOUND")
    assert (beyond.status_code, beyond.json()["reason"]) == (403, "ACTION_NOT_ALLOWED")
    assert "Never" not in listed
    assert (after.status_code, after.json()["reason"]) == (401, "SERVICE_KEY_REFUSED")
    assert "Revoked" in (await administrator.see("/keys")).text


async def test_nobody_else_sees_the_keys(browser: Browser) -> None:
    for persona in ("ruth", "ewan", "grace", "priya"):
        visitor = await browser.be(persona)
        for path in ("/keys", "/keys/new", "/keys/x/revoke"):
            assert (await visitor.see(path)).status_code == 403, (persona, path)
            assert (await visitor.send_bare(path)).status_code in {403, 405}, (persona, path)


async def test_an_unknown_key_is_no_page(browser: Browser) -> None:
    administrator = await browser.be("lin")

    assert (await administrator.see("/keys/nothing/revoke")).status_code == 404
