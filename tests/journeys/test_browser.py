"""The main job in a browser: ask, question, answer, approve, order, deliver, invoice, results."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import pictures
from tests.support.browser import TIMEOUT_MS, Person, person

Role = Literal["button", "link"]

expect.set_options(timeout=TIMEOUT_MS)


async def be(somebody: Person, name: str) -> None:
    page = somebody.page
    await page.goto("/")
    await page.get_by_role("button", name=re.compile(f"^Be {name}")).click()
    await expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()


async def follow(page: Page, name: str, *, role: Role = "link") -> None:
    """Press something that leads to another page, and wait for that page."""
    async with page.expect_navigation():
        await page.get_by_role(role, name=name, exact=True).click()


async def press(page: Page, name: str) -> None:
    await follow(page, name, role="button")


async def go_on(page: Page) -> None:
    await press(page, "Save and continue")


async def test_a_request_goes_from_the_school_to_a_paid_invoice_and_into_the_results(
    browser: Browser, address: str
) -> None:
    async with (
        person(browser, address, pictures=pictures()) as priya,
        person(browser, address, pictures=pictures()) as ruth,
        person(browser, address, pictures=pictures()) as amina,
    ):
        await priya.page.goto("/")
        await priya.inspect("sign-in")
        await be(priya, "Priya Shah")
        await priya.inspect("home-practitioner")
        reference = await ask_for_a_bus_pass(priya)
        await be(ruth, "Ruth Mensah")
        await question(ruth, reference)
        await answer(priya, reference)
        await approve_and_order(ruth, reference)
        await deliver(priya, reference)
        await invoice_and_close(ruth, reference)
        await look_at_money(ruth)
        await be(amina, "Amina Yusuf")
        await look_at_results(amina)


async def ask_for_a_bus_pass(somebody: Person) -> str:
    page = somebody.page
    await follow(page, "Ask for support")
    await somebody.inspect("ask-start")
    await press(page, "Start now")
    await go_on(page)
    await expect(page.get_by_role("alert")).to_contain_text("Select the child this is for")
    assert (await page.title()).startswith("Error: ")
    await somebody.inspect("ask-children-error")
    await page.get_by_label("Child", exact=True).select_option(index=1)
    await go_on(page)
    await page.get_by_label("Cohort (optional)").fill("Autumn 2026")
    await go_on(page)
    await expect(page.get_by_role("alert")).to_contain_text("Cohort must be lower-case")
    await somebody.inspect("ask-group-error")
    await page.get_by_label("Cohort (optional)").fill("autumn-2026")
    await page.get_by_label("Year 9").check()
    await go_on(page)
    await somebody.inspect("ask-category")
    await page.get_by_label("Travel").check()
    await go_on(page)
    await somebody.inspect("ask-need")
    await page.get_by_label("What is needed, and why?").fill("A bus pass: the walk is 4 miles.")
    await go_on(page)
    await somebody.inspect("ask-items")
    await page.get_by_label("What is it?").fill("Bus pass, autumn term")
    await page.get_by_label("Price of one").fill("£1 2x")
    await go_on(page)
    await expect(page.get_by_role("alert")).to_contain_text("Enter an amount")
    await page.get_by_label("Price of one").fill("£120.50 ")
    await page.get_by_label("VAT").select_option("No VAT")
    await go_on(page)
    await page.get_by_label("Who is the supplier?").fill("Northern Buses")
    await go_on(page)
    await somebody.inspect("ask-when")
    await page.get_by_label("Within 3 working days").check()
    await go_on(page)
    await page.get_by_label("Attendance goes up").check()
    for part, value in (("Day", "27"), ("Month", "3"), ("Year", "2027")):
        await page.get_by_label(part).fill(value)
    await somebody.inspect("ask-change")
    await go_on(page)
    await expect(page.get_by_text("£120.50 in all, before VAT")).to_be_visible()
    await somebody.inspect("ask-check")
    await press(page, "Send the request")
    await expect(page.get_by_role("heading", name="Request sent")).to_be_visible()
    await somebody.inspect("ask-sent")
    return (await page.locator(".govuk-panel__body strong").inner_text()).strip()


async def question(officer: Person, reference: str) -> None:
    page = officer.page
    await officer.inspect("home-officer")
    await follow(page, "Requests to decide")
    await officer.inspect("queue")
    await follow(page, reference)
    await expect(page.get_by_text("Left in the budget if you approve")).to_be_visible()
    await press(page, "Record the decision")
    await expect(page.get_by_role("alert")).to_contain_text("Select what you decide")
    await officer.inspect("decide-error")
    await page.get_by_label("Ask the school a question").check()
    await page.get_by_label("Your question or reason").fill("Is there a cheaper day ticket?")
    await officer.inspect("decide")
    await press(page, "Record the decision")
    await expect(page.get_by_text("Your decision was recorded.")).to_be_visible()


async def answer(somebody: Person, reference: str) -> None:
    page = somebody.page
    await follow(page, "Home")
    await follow(page, f"Answer a question about {reference}")
    await somebody.inspect("answer")
    await page.get_by_label("Your answer").fill("No, the pass is cheaper from the fourth week on.")
    await press(page, "Send the answer")
    await expect(page.get_by_text("Your answer was sent.")).to_be_visible()
    await somebody.inspect("purchase-practitioner")


async def approve_and_order(officer: Person, reference: str) -> None:
    page = officer.page
    await page.goto("/queue")
    await follow(page, reference)
    await page.get_by_label("Approve", exact=True).check()
    await press(page, "Record the decision")
    await expect(page.get_by_role("button", name="Record the order")).to_be_visible()
    await press(page, "Record the order")
    await officer.inspect("order")
    await press(page, "Record the order")
    await expect(page.get_by_text("The order was recorded.")).to_be_visible()


async def deliver(somebody: Person, reference: str) -> None:
    page = somebody.page
    await follow(page, "My requests")
    await somebody.inspect("my-requests")
    await follow(page, reference)
    await press(page, "Record a delivery")
    await somebody.inspect("deliver")
    await press(page, "Record the delivery")
    await expect(page.get_by_text("The delivery was recorded.")).to_be_visible()


async def invoice_and_close(officer: Person, reference: str) -> None:
    page = officer.page
    await page.goto("/queue?view=running")
    await follow(page, reference)
    await press(page, "Record an invoice")
    await page.get_by_label("Invoice number").fill("NB-1001")
    await page.get_by_label("Amount without VAT").fill("120.50")
    await page.get_by_label("No", exact=True).check()
    await officer.inspect("invoice")
    await press(page, "Record the invoice")
    await expect(page.get_by_text("The invoice was recorded.")).to_be_visible()
    await press(page, "Close the request")
    await officer.inspect("close")
    await press(page, "Close the request")
    await expect(page.get_by_text("The request was closed.")).to_be_visible()
    await officer.inspect("purchase-officer")
    await follow(page, "Quotes, receipts and other papers")
    await press(page, "Send the paper")
    await officer.inspect("papers-error")


async def look_at_money(officer: Person) -> None:
    await follow(officer.page, "Budgets")
    await expect(officer.page.get_by_role("heading", name="Budgets")).to_be_visible()
    await officer.inspect("budgets")


async def look_at_results(manager: Person) -> None:
    page = manager.page
    await follow(page, "Results")
    await manager.inspect("results")
    await follow(page, "change compared")
    await expect(page.get_by_role("table", name="Children without names")).to_be_visible()
    await manager.inspect("explain")
    assert await page.get_by_text("Aisha").count() == 0
    await page.get_by_role("link", name=re.compile("^Transfers of request")).first.click()
    await expect(page.get_by_role("table", name="Transfers")).to_be_visible()
    await manager.inspect("transfers")
    await page.goto("/results?print=1")
    await expect(page.get_by_role("table", name="Spend and change")).to_be_visible()
    await manager.inspect("results-print")


@pytest.mark.parametrize(
    "path",
    ["/accessibility", "/privacy", "/help", "/messages", "/messages/preferences", "/nowhere"],
)
async def test_a_page_around_the_service_breaks_no_rule(
    browser: Browser, address: str, path: str
) -> None:
    async with person(browser, address, pictures=pictures()) as somebody:
        await be(somebody, "Priya Shah")

        await somebody.page.goto(path)

        await somebody.inspect(path.strip("/").replace("/", "-"))


async def test_a_request_can_be_sent_without_javascript(browser: Browser, address: str) -> None:
    async with person(browser, address, scripts=False) as somebody:
        page = somebody.page
        await page.goto("/sign-in")
        await page.get_by_role("button", name=re.compile("^Be Priya")).click()
        await page.goto("/purchases/new/children")
        await page.locator("#child").select_option(index=2)
        await go_on(page)
        await go_on(page)
        await page.get_by_label("Food").check()
        await go_on(page)
        await page.locator("#need").fill("Breakfast before lessons.")
        await go_on(page)
        await page.locator("#description-1").fill("Breakfast club, one month")
        await page.locator("#price-1").fill("40")
        await go_on(page)
        await page.locator("#supplier").fill("Northgate Breakfast Club")
        await go_on(page)
        await page.get_by_label("Today").check()
        await go_on(page)
        await page.get_by_label("Attendance goes up").check()
        for part, value in (("day", "1"), ("month", "12"), ("year", "2026")):
            await page.locator(f"#review-{part}").fill(value)
        await go_on(page)
        await press(page, "Send the request")

        await expect(page.get_by_role("heading", name="Request sent")).to_be_visible()
