"""Paying, handing back, codes and publishing in a browser, and who is shown what of it."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from services.demonstration.people import FIRST_COUNCIL
from tests.journeys.conftest import Council, pictures
from tests.journeys.test_browser import be, follow, press
from tests.support.browser import Person, person

SUPPLIER = "Borough Buses Ltd"
COLUMNS = "record,authority,file,reference,amount,paid_on,bank_reference"


@pytest.mark.usefixtures("two_above_250")
async def test_a_supplier_is_paid_to_details_of_two_officers_and_the_answer_is_read(
    browser: Browser, council: Council
) -> None:
    async with (
        person(browser, council.address, pictures=pictures()) as ruth,
        person(browser, council.address, scripts=False) as daniel,
    ):
        await be(ruth, "Ruth Mensah")
        await propose_an_account(ruth)
        await be_daniel(daniel)
        await confirm_the_account(daniel)
        council.stage.at(date(2026, 7, 22))
        await be(ruth, "Ruth Mensah")
        await make_a_file(ruth)
        await press(ruth.page, "Take the file back")
        await press(ruth.page, "Take the file back")
        await expect(ruth.page.get_by_text("Taken back", exact=True)).to_be_visible()
        await ruth.page.goto("/payments/new")
        await ruth.inspect("payments-new")
        await make_a_file(ruth)
        await read_the_answer(ruth)


async def be_daniel(daniel: Person) -> None:
    await daniel.page.goto("/sign-in")
    await daniel.page.get_by_role("button", name=re.compile("^Be Daniel")).click()


async def propose_an_account(ruth: Person) -> None:
    page = ruth.page
    await follow(page, "Finance")
    await ruth.inspect("finance")
    await follow(page, "Payments")
    await expect(page.get_by_text("No payment file has been made yet.")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"^\d+ days late$")).first).to_be_visible()
    await page.get_by_role(
        "link", name=re.compile(f"no bank details yet.*{SUPPLIER}")
    ).first.click()
    await press(page, "Propose new bank details")
    await page.get_by_label("Sort code").fill("20-00-0")
    await page.get_by_label("Account number").fill("12345678")
    await press(page, "Propose the bank details")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("Enter the name on the account")
    await expect(alert).to_contain_text("The sort code must be 6 digits")
    await ruth.inspect("account-error")
    await page.get_by_label("Name on the account").fill(SUPPLIER)
    await page.get_by_label("Sort code").fill("20-00-00")
    await page.get_by_label("Reason").fill("First order. Rang the number in the contract.")
    await press(page, "Propose the bank details")
    await expect(page.get_by_role("rowheader", name="Ends 5678")).to_be_visible()
    await ruth.inspect("supplier")


async def confirm_the_account(daniel: Person) -> None:
    page = daniel.page
    await page.goto("/suppliers")
    await follow(page, SUPPLIER)
    async with page.expect_navigation():
        await page.get_by_role("link", name=re.compile("^Decide")).click()
    await page.get_by_label("Reject: they are not used").check()
    await press(page, "Record the decision")
    await expect(page.get_by_role("alert")).to_contain_text("Enter why they are not used")
    await page.get_by_label("Confirm: they hold in 24 hours").check()
    await press(page, "Record the decision")
    await expect(page.get_by_text("On hold", exact=True)).to_be_visible()


async def make_a_file(ruth: Person) -> None:
    page = ruth.page
    await page.goto("/payments")
    await press(page, "Make a payment file")
    await press(page, "Confirm: make the payment file")
    await expect(page.get_by_text("The payment file was made.")).to_be_visible()


async def read_the_answer(ruth: Person) -> None:
    page = ruth.page
    await ruth.inspect("payment-file")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Export for the finance system (CSV)").click()
    sent = (await (await downloading.value).path()).read_text(encoding="utf-8-sig")
    assert "12345678" in sent
    await press(page, "Record what was paid")
    await press(page, "Record what was paid")
    await expect(page.get_by_role("alert")).to_contain_text("Select the file")
    await answer_with(page, answered(sent, authority="E99000099"))
    await expect(page.get_by_role("alert")).to_contain_text("it is of another authority")
    await ruth.inspect("answer-error")
    await answer_with(page, answered(sent))
    await expect(page.get_by_text("1 line needs you:")).to_be_visible()
    await expect(page.get_by_text("Less was paid than asked")).to_be_visible()
    await ruth.inspect("answered")
    await page.goto("/payments")
    await expect(page.get_by_text("Not all paid")).to_be_visible()
    await ruth.inspect("payments")


def answered(sent: str, *, authority: str = FIRST_COUNCIL) -> str:
    """Return the finance system's answer to a file: all of it paid, the last line £1 short."""
    lines = [row for row in csv.DictReader(io.StringIO(sent)) if row["record"] == "D"]
    paid = [Decimal(row["amount"]) for row in lines]
    paid[-1] -= 1
    told = [
        f"D,{authority},{row['file']},{row['reference']},{amount},2026-07-22,BACS"
        for row, amount in zip(lines, paid, strict=True)
    ]
    totals = f"T,{authority},{lines[0]['file']},{len(lines)},{sum(paid)},,"
    return "\n".join([COLUMNS, *told, totals, ""])


async def answer_with(page: Page, text: str) -> None:
    await page.get_by_label("File", exact=True).set_input_files(
        {"name": "answer.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    await press(page, "Record what was paid")


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
        await be_daniel(daniel)
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


WAYS = (
    *("/finance", "/payments", "/payments.csv", "/suppliers"),
    *("/proposals", "/sources", "/publication", "/finance/codes"),
)
ACTS = ("/payments/new", "/finance/codes/change", "/virements/new")


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
        offered = [path for path in WAYS if re.search("/hand-back|/virements/new", seen[path].text)]
        assert offered == (["/finance", "/sources"] if part == "officer" else []), part
        assert forged.status_code == 403, part


async def test_every_link_of_the_finance_page_leads_somewhere(council: Council) -> None:
    async with httpx.AsyncClient(base_url=council.address, follow_redirects=True) as client:
        await client.post("/sign-in", data={"persona": council.stage.cast["officer"].subject})
        main = (await client.get("/finance")).text.partition("<main")[2].partition("</main>")[0]
        links = re.findall(r'href="(/[^"]+)"', main)
        answers = {link: (await client.get(link)).status_code for link in links}

    assert {"/payments", "/suppliers", "/api/v1/reports/journal.csv"} <= answers.keys()
    assert set(answers.values()) == {200}, answers
