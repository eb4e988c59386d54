"""What finance officers do about money in a browser, one of them without JavaScript."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.async_api import Browser, expect

from services.demonstration import slice as story
from services.demonstration import support
from services.demonstration.api import Json
from services.demonstration.stage import Stage
from tests.journeys.conftest import BED, Council, pictures
from tests.journeys.test_browser import be, follow, press
from tests.support.browser import Person, person


async def ordered_bed(stage: Stage) -> Json:
    """A bed of £239 that was approved and ordered."""
    child = story.cohort(stage)[0]
    bed = await support.submit(stage, [child], BED, review=date(2027, 3, 27))
    bed = await support.move(stage, "ApprovePurchase", "officer", bed)
    return await support.move(stage, "OrderPurchase", "officer", bed)


@pytest.mark.usefixtures("two_above_250")
async def test_an_invoice_above_the_order_is_paid_after_two_officers_approved_more(
    browser: Browser, council: Council
) -> None:
    bed = await ordered_bed(council.stage)
    path = f"/purchases/{bed['id']}"
    async with (
        person(browser, council.address, pictures=pictures()) as ruth,
        person(browser, council.address, scripts=False) as daniel,
    ):
        await be(ruth, "Ruth Mensah")
        await ruth.page.goto(path)
        await dispute(ruth)
        await ask_for_more(ruth)
        await daniel.page.goto("/sign-in")
        await daniel.page.get_by_role("button", name=re.compile("^Be Daniel")).click()
        await daniel.page.goto(path)
        await confirm_more(daniel)
        await accept(daniel)
        await ruth.page.goto(path)
        await expect(ruth.page.get_by_text("In dispute")).to_have_count(0)


async def dispute(ruth: Person) -> None:
    page = ruth.page
    await press(page, "Record an invoice")
    await page.get_by_label("Invoice number").fill("DS-7")
    await page.get_by_label("Amount without VAT").fill("300")
    await page.get_by_label("No", exact=True).check()
    await press(page, "Record the invoice")
    await expect(page.get_by_text("Invoice DS-7 is in dispute.")).to_be_visible()
    await ruth.inspect("purchase-disputed")
    await press(page, "Resolve an invoice")
    await press(page, "Continue")
    await expect(page.get_by_role("alert")).to_contain_text("Select what happens to the invoice")
    await ruth.inspect("resolve-error")
    await page.get_by_label("The supplier took it back with a credit note").check()
    await page.get_by_label("Reason").fill("The price had gone up.")
    await press(page, "Continue")
    await expect(page.get_by_role("alert")).to_contain_text("Enter the number of the credit note")
    await page.get_by_label("Accept it").check()
    await press(page, "Continue")
    await ruth.inspect("resolve-check")
    await press(page, "Change an answer")
    await expect(page.get_by_label("Reason")).to_have_value("The price had gone up.")
    await press(page, "Continue")
    await press(page, "Confirm: resolve an invoice")
    await expect(page.get_by_role("alert")).to_contain_text("Approve more money first")


async def ask_for_more(ruth: Person) -> None:
    page = ruth.page
    await follow(page, "Back")
    await press(page, "Approve more money")
    await page.get_by_label("How much more?").fill("lots")
    await press(page, "Continue")
    await expect(page.get_by_role("alert")).to_contain_text("Enter an amount in pounds")
    await expect(page.get_by_role("alert")).to_contain_text("Enter a reason")
    await ruth.inspect("uplift-error")
    await page.get_by_label("How much more?").fill("61")
    await page.get_by_label("Reason").fill("The bed costs more now.")
    await press(page, "Continue")
    await expect(page.get_by_text("£300.00")).to_be_visible()
    await press(page, "Confirm: approve more money")
    await expect(page.get_by_text("£61.00 more waits for a second officer.")).to_be_visible()
    await ruth.inspect("purchase-raising")


async def confirm_more(daniel: Person) -> None:
    page = daniel.page
    await follow(page, "Look at it and confirm")
    await expect(page.locator("#amount")).to_have_value("61.00")
    await page.locator("#reason").fill("Agreed: the cheapest one.")
    await press(page, "Continue")
    await press(page, "Confirm: approve more money")
    await expect(page.get_by_text("Your decision on more money was recorded.")).to_be_visible()
    await expect(page.get_by_text("waits for a second officer")).to_have_count(0)


async def accept(daniel: Person) -> None:
    page = daniel.page
    await follow(page, "Resolve the invoice")
    await page.get_by_label("Accept it").check()
    await page.locator("#reason").fill("The invoice is right.")
    await press(page, "Continue")
    await expect(page.get_by_text("£300.00 to the funders")).to_be_visible()
    await press(page, "Confirm: resolve an invoice")
    await expect(page.get_by_text("The invoice was resolved.")).to_be_visible()
    await expect(page.get_by_text("Charged", exact=True)).to_be_visible()
