"""Paying, handing back, codes and publishing in a browser, and who is shown what of it."""

from __future__ import annotations

import re
from datetime import date

import httpx
import pytest
from playwright.async_api import Browser, expect

from services.demonstration.stage import Stage
from tests.journeys.conftest import Council, pictures
from tests.journeys.test_browser import be, follow, press
from tests.support.browser import Person, person


async def account_in_force(stage: Stage, supplier_name: str) -> None:
    """Bank details of a supplier that two officers set and that were held for 24 hours."""
    listed = await stage.call("fund.SuppliersService.ListSuppliers", "officer", {})
    ids = {one["name"]: one["id"] for one in listed["suppliers"]}
    account = {"account_holder": supplier_name[:40], "sort_code": "200000"}
    body = {"supplier_id": ids[supplier_name], "account_number": "12345678", **account}
    change = await stage.call(
        "fund.SuppliersService.ProposePayee", "officer", {**body, "reason": "rang them"}
    )
    confirm = {"payee_change_id": change["id"]}
    await stage.call("fund.SuppliersService.ConfirmPayee", "officer-two", confirm)
    stage.at(date(2026, 7, 22))


@pytest.mark.usefixtures("two_above_250")
async def test_an_officer_pays_sees_what_waits_and_takes_a_file_back(
    browser: Browser, council: Council
) -> None:
    await account_in_force(council.stage, "Borough Buses Ltd")
    async with person(browser, council.address, pictures=pictures()) as ruth:
        page = ruth.page
        await be(ruth, "Ruth Mensah")
        await follow(page, "Finance")
        await ruth.inspect("finance")
        await follow(page, "Payments")
        await expect(page.get_by_text("No payment file has been made yet.")).to_be_visible()
        await expect(page.get_by_text(re.compile(r"^\d+ days late$")).first).to_be_visible()
        await expect(page.get_by_text("has no bank details yet").first).to_be_visible()
        await press(page, "Make a payment file")
        await ruth.inspect("payments-new")
        await press(page, "Confirm: make the payment file")
        await expect(page.get_by_text("The payment file was made.")).to_be_visible()
        await ruth.inspect("payment-file")
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="Export for the finance system (CSV)").click()
        sent = (await (await downloading.value).path()).read_text()
        assert "12345678" in sent
        await press(page, "Take the file back")
        await press(page, "Take the file back")
        await expect(page.get_by_text("Taken back", exact=True)).to_be_visible()
        await page.goto("/payments")
        await ruth.inspect("payments")


async def test_money_goes_back_when_a_second_officer_confirms_without_javascript(
    browser: Browser, council: Council
) -> None:
    async with (
        person(browser, council.address, pictures=pictures()) as ruth,
        person(browser, council.address, scripts=False) as daniel,
    ):
        await be(ruth, "Ruth Mensah")
        await propose_to_hand_back(ruth)
        page = daniel.page
        await page.goto("/sign-in")
        await page.get_by_role("button", name=re.compile("^Be Daniel")).click()
        await follow(page, "1 proposal of another officer to confirm or reject")
        await follow(page, "Hand money back to its funder")
        await press(page, "Record the decision")
        await expect(page.get_by_role("alert")).to_contain_text("Select what you decide")
        await page.get_by_label("Confirm: it is done at once").check()
        await press(page, "Record the decision")
        await expect(page.get_by_text("Your decision was recorded.")).to_be_visible()
        await page.goto("/sources")
        await expect(page.get_by_role("row", name="Harbour Building Society")).to_contain_text(
            "£1,500.00"
        )
        await page.goto("/proposals")
        await expect(page.get_by_text("Nothing waits for a second officer.")).to_be_visible()


async def propose_to_hand_back(ruth: Person) -> None:
    page = ruth.page
    await follow(page, "Budgets")
    await follow(page, "Hand money back of Harbour Building Society gift")
    await page.get_by_label("How much goes back?").fill("900000")
    await page.get_by_label("Reason").fill("The gift was for one year. By BACS.")
    await press(page, "Continue")
    await press(page, "Confirm: hand it back")
    await expect(page.get_by_role("alert")).to_contain_text("There is not enough left")
    await expect(page.locator("#amount")).to_have_value("900000")
    await ruth.inspect("hand-back-error")
    await page.get_by_label("How much goes back?").fill("1,500")
    await press(page, "Continue")
    await ruth.inspect("hand-back-check")
    await press(page, "Confirm: hand it back")
    await expect(page.get_by_text("another officer must confirm it")).to_be_visible()
    await ruth.inspect("proposal")
    await follow(page, "Back")
    await ruth.inspect("proposals")


async def test_codes_change_as_a_new_version_and_nothing_is_published_unreviewed(
    browser: Browser, council: Council
) -> None:
    async with person(browser, council.address, pictures=pictures()) as ruth:
        page = ruth.page
        await be(ruth, "Ruth Mensah")
        await page.goto("/finance/codes")
        await ruth.inspect("codes")
        await press(page, "Change the codes")
        await page.get_by_label("Spent", exact=True).fill("40 10")
        await press(page, "Continue")
        alert = page.get_by_role("alert")
        await expect(alert).to_contain_text("The code of “Spent” must be letters")
        await ruth.inspect("codes-error")
        await page.get_by_label("Spent", exact=True).fill("4010")
        await press(page, "Continue")
        await expect(page.get_by_text("4000 becomes 4010")).to_be_visible()
        await press(page, "Confirm: change the codes")
        await expect(page.get_by_text("Version 1 of the codes is in force.")).to_be_visible()
        await follow(page, "Back")
        await follow(page, "Published spending")
        await ruth.inspect("publication")
        await review_everybody(ruth)
        await expect(page.get_by_text("Every supplier has been reviewed.")).to_be_visible()
        await expect(page.get_by_text("REDACTED PERSONAL DATA").first).to_be_visible()


async def review_everybody(ruth: Person) -> None:
    page = ruth.page
    waiting = page.get_by_role("link", name=re.compile("^Review "))
    await waiting.first.click()
    await press(page, "Record the review")
    await expect(page.get_by_role("alert")).to_contain_text("Select what the supplier is")
    await ruth.inspect("publication-review")
    await page.goto("/publication")
    while await waiting.count():
        async with page.expect_navigation():
            await waiting.first.click()
        await page.get_by_label("A person who trades alone").check()
        await press(page, "Record the review")


WAYS = ("/finance", "/payments", "/payments.csv", "/proposals", "/sources", "/publication")
ACTS = ("/payments/new", "/finance/codes/change")


async def test_readers_of_money_see_it_and_only_officers_act(council: Council) -> None:
    for part, reads, acts in (
        ("officer", 200, 200),
        ("auditor", 200, 403),
        ("practitioner", 403, 403),
    ):
        async with httpx.AsyncClient(base_url=council.address, follow_redirects=True) as client:
            await client.post("/sign-in", data={"persona": council.stage.cast[part].subject})
            seen = {path: (await client.get(path)) for path in (*WAYS, *ACTS, "/home")}
            forged = await client.post("/payments/new", data={"csrf_token": "x" * 43})
        assert {path: seen[path].status_code for path in WAYS} == dict.fromkeys(WAYS, reads), part
        assert {path: seen[path].status_code for path in ACTS} == dict.fromkeys(ACTS, acts), part
        assert ('href="/finance"' in seen["/home"].text) == (reads == 200), part
        offered = [path for path in WAYS if "/hand-back" in seen[path].text]
        assert offered == (["/sources"] if part == "officer" else []), part
        assert forged.status_code == 403, part
