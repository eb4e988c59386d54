from __future__ import annotations

import pytest

from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import ask, heading
from tests.support.clock import FakeClock

WHO_SEES = {
    "/home": {"priya", "carys", "ruth", "amina", "ewan"},
    "/messages": {"priya", "carys", "ruth", "amina", "ewan"},
    "/purchases/new": {"priya", "carys"},
    "/purchases": {"priya", "carys", "ruth", "amina"},
    "/queue": {"ruth"},
    "/queue.csv": {"ruth"},
    "/budgets": {"ruth", "amina"},
    "/results": {"ruth", "amina"},
}


@pytest.mark.parametrize("persona", ["priya", "carys", "ruth", "amina", "ewan"])
async def test_a_role_sees_its_own_pages_and_is_told_so_of_the_others(
    browser: Browser, persona: str
) -> None:
    visitor = await browser.be(persona)

    for path, seen_by in WHO_SEES.items():
        page = await visitor.see(path)
        assert page.status_code == (200 if persona in seen_by else 403), (persona, path)
        if persona not in seen_by:
            assert heading(page) == "You cannot see this page"


async def test_the_menu_offers_only_what_the_role_may_open(browser: Browser) -> None:
    for persona in ("priya", "ruth", "amina"):
        home = await (await browser.be(persona)).see("/home")
        for path in ("/purchases/new", "/queue", "/budgets", "/results"):
            offered = f'href="{path}"' in home.text.split("</header>")[0]
            assert offered == (persona in WHO_SEES[path]), (persona, path)


async def test_whoever_is_not_signed_in_is_asked_to(browser: Browser) -> None:
    for path in ("/", "/home", "/queue", "/purchases/new/need", "/budgets.csv"):
        assert (await browser.see(path)).url.path == "/sign-in"


async def test_a_session_that_was_left_alone_for_an_hour_has_ended(
    browser: Browser, clock: FakeClock
) -> None:
    visitor = await browser.be("priya")
    clock.advance(minutes=61)

    assert (await visitor.see("/home")).url.path == "/sign-in"


async def test_another_schools_request_does_not_exist(
    browser: Browser, second_browser: Browser
) -> None:
    purchase_id = await ask(await browser.be("priya"))
    other = await second_browser.be("tom")

    for path in ("", "/answer", "/withdraw", "/sent"):
        page = await other.see(f"/purchases/{purchase_id}{path}")
        assert page.status_code == 404
        assert "SP-0001-TEST" not in page.text


@pytest.mark.parametrize("path", ["/purchases/new/need", "/messages", "/sign-out"])
async def test_a_form_without_this_sessions_token_is_refused(browser: Browser, path: str) -> None:
    visitor = await browser.be("priya")

    bare = await visitor.send_bare(path, need="x")
    forged = await visitor.send_bare(path, need="x", csrf_token="x" * 43)

    assert (bare.status_code, forged.status_code) == (403, 403)
    assert heading(bare) == "You cannot see this page"


async def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    visitor = await browser.be("priya")

    page = await visitor.send("/purchases/new/need", need="x" * 300_000)

    assert page.status_code == 413
    assert heading(page) == "That was too much to send"


async def test_signing_out_ends_the_session(browser: Browser) -> None:
    visitor = await browser.be("priya")

    await visitor.send("/sign-out")

    assert (await visitor.see("/home")).url.path == "/sign-in"


async def test_no_name_of_a_child_leaves_the_school(
    browser: Browser, second_browser: Browser
) -> None:
    purchase_id = await ask(await browser.be("priya"))
    officer = await second_browser.be("ruth")

    for path in (f"/purchases/{purchase_id}", "/queue", "/queue.csv", "/purchases.csv"):
        assert "Aisha" not in (await officer.see(path)).text
    assert "Aisha" in (await browser.see(f"/purchases/{purchase_id}")).text
