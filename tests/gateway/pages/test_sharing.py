"""Releases by two people, and what an evaluator sees of an agreement and its feed."""

from __future__ import annotations

import re

import httpx

from tests.gateway.pages.conftest import Browser
from tests.gateway.pages.journeys import date_of, heading
from tests.support.fakes.sharing import AGREEMENT, READER, TABLE
from tests.support.fakes.stack import PageStack

ONE = f"/agreements/{AGREEMENT}"


async def drafted(browser: Browser, stack: PageStack) -> str:
    """Draft a release as the programme manager; returns its address."""
    stack.analyses.complete("All support")
    manager = await browser.be("amina")
    form = await manager.see("/releases/new")
    run = re.findall(r'<option value="([0-9a-f-]{36})"', form.text)[0]
    made = await manager.fill(form, title="What the fund reached", run=run)
    assert heading(made) == "What the fund reached", made.text
    return made.url.path


async def test_one_person_drafts_and_another_publishes(
    browser: Browser, second_browser: Browser, stack: PageStack
) -> None:
    address = await drafted(browser, stack)
    governance = await second_browser.be("grace")

    before = await governance.see(address)
    after = await governance.send(f"{address}/publish")

    assert "Draft" in before.text
    assert "Publish it" in before.text
    assert "Publish it" not in (await browser.see(address)).text
    assert (await browser.see(f"{address}/publish")).status_code == 403
    assert "1.0.0" in after.text
    assert "Withdraw it" in after.text


async def test_a_withdrawn_release_says_why_and_offers_no_file(
    browser: Browser, second_browser: Browser, stack: PageStack
) -> None:
    address = await drafted(browser, stack)
    governance = await second_browser.be("grace")
    await governance.send(f"{address}/publish")

    unsaid = await governance.send(f"{address}/withdraw", reason="")
    gone = await governance.send(f"{address}/withdraw", reason="Two schools were swapped")

    assert (unsaid.status_code, "Enter why it is withdrawn" in unsaid.text) == (422, True)
    assert "Two schools were swapped. Do not use these figures." in gone.text
    assert "file.zip" not in gone.text


async def test_a_table_is_shown_with_its_symbols_explained(
    browser: Browser, stack: PageStack, api: httpx.AsyncClient
) -> None:
    address = await drafted(browser, stack)

    page = (await browser.see(f"{address}/tables/reach")).text
    file = await browser.see(f"/api/v1{address}/tables/reach.csv")
    anonymous = await api.get(f"/api/v1{address}/tables/reach.csv")

    assert "too few children" in page
    assert "too few sessions" in page
    assert "Rounds to nothing" not in page
    assert "Change, percentage points" in page
    assert (file.content, file.headers["content-type"]) == (TABLE, "text/csv; charset=utf-8")
    assert anonymous.status_code == 401
    assert (await browser.see(f"{address}/tables/none")).status_code == 404


async def test_a_draft_without_a_good_title_is_not_made(browser: Browser, stack: PageStack) -> None:
    stack.analyses.complete("All support")
    manager = await browser.be("amina")

    for title in ("", "ab", "x" * 101):
        page = await manager.send("/releases/new", title=title, run="r")
        assert page.status_code == 422, title

    assert stack.releases.kept == {}


async def test_an_evaluator_reads_their_agreement_and_how_to_read_the_feed(
    browser: Browser, stack: PageStack
) -> None:
    evaluator = await browser.be("ewan")

    listed = (await evaluator.see("/agreements")).text
    agreement = (await evaluator.see(ONE)).text
    feed = (await evaluator.see(f"{ONE}/feed")).text

    assert ONE in listed
    assert "Independent evaluation of &lt;the fund&gt;." in agreement
    assert "Access lapses after 31 August 2027" in agreement
    assert "Age in whole years" in agreement
    assert (AGREEMENT in agreement, READER in agreement) == (True, True)
    assert "End the agreement" not in agreement
    assert f"{stack.address}/api/v1/feeds/{AGREEMENT}/file.parquet" in feed
    assert "localresponse verify feed feed.ndjson" in feed
    assert "fund+1+AAAA" in feed


async def test_an_agreement_is_ended_by_information_governance_with_a_reason(
    browser: Browser, second_browser: Browser
) -> None:
    governance, evaluator = await browser.be("grace"), await second_browser.be("ewan")

    ended = await governance.send(f"{ONE}/end", reason="The project is over")

    assert "The project is over" in ended.text
    assert "Lapsed" in ended.text
    assert "the feed cannot be read" in (await evaluator.see(f"{ONE}/feed")).text
    assert "parquet" in (await governance.see(f"{ONE}/downloads")).text


AGREED = {
    "evaluator": "uni-north",
    "project": "take-two",
    "subjects": "reader-1\nreader-2",
    "purpose": "Evaluation of take two.",
    "basis": "public-task",
    "dpia": "DPIA-9",
    "measures": "attendance_rate@1\nabsence_rate@1",
    "field-phase": "yes",
    "minimum_group": "15",
    **date_of("first", "1", "1", "2027"),
    **date_of("last", "31", "12", "2027"),
}
NOT_AGREED = (
    ({"evaluator": "Uni North"}, "lower-case letters"),
    ({"subjects": ""}, "Enter the id of one reader or more"),
    ({"purpose": "short"}, "10 characters or more"),
    ({"basis": "none"}, "Select the lawful basis"),
    ({"measures": "attendance"}, "with its version"),
    ({"minimum_group": "3"}, "from 5 to 100"),
    (date_of("last", "31", "12", "2026"), "must not be before the first"),
    (date_of("first", "", "", ""), "Enter the first day"),
)


async def test_information_governance_records_what_was_signed(browser: Browser) -> None:
    governance = await browser.be("grace")

    for changes, message in NOT_AGREED:
        page = await governance.send("/agreements/new", **{**AGREED, **changes})
        assert (page.status_code, message in page.text) == (422, True), message
    made = await governance.send("/agreements/new", **AGREED)

    assert heading(made) == "take-two"
    assert "reader-2" in made.text
    assert "absence_rate@1" in made.text
    assert "15 children" in made.text
    assert "Phase of the school" in made.text


UNSEEN = (
    ("ewan", "/agreements/new", 403),
    ("amina", "/agreements/new", 403),
    ("priya", "/releases", 403),
    ("priya", "/agreements", 403),
    ("ruth", "/agreements", 403),
    ("lin", "/agreements", 403),
    ("amina", f"{ONE}/feed", 403),
    ("grace", "/releases/new", 403),
    ("ewan", f"{ONE}/downloads", 403),
    ("ewan", f"{ONE}/end", 403),
    ("ewan", "/releases/new", 403),
    ("ewan", "/agreements/none", 404),
    ("ewan", "/agreements/none/feed", 404),
    ("ewan", "/releases/none", 404),
)


async def test_a_role_sees_no_more_than_its_own(browser: Browser) -> None:
    for persona, path, status in UNSEEN:
        visitor = await browser.be(persona)
        assert (await visitor.see(path)).status_code == status, (persona, path)
