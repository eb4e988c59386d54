"""What comes back and what is handed out, by a finance officer's browser without JavaScript."""

from __future__ import annotations

import httpx
from playwright.async_api import Browser, expect

from services.demonstration import support
from services.demonstration.api import Json
from services.demonstration.stage import Stage, pounds
from tests.journeys.conftest import Council, pictures
from tests.journeys.test_browser import be, press
from tests.journeys.test_browser_finance import ordered_bed
from tests.support.browser import Person, person


async def charged_bed(stage: Stage) -> Json:
    """A bed of £239 of which £200 was invoiced and charged."""
    bed = await ordered_bed(stage)
    paper = {"invoice_number": "DS-20", "net": pounds(200), "vat_recovery": "VAT_RECOVERY_YES"}
    return await support.move(stage, "RecordInvoice", "officer", bed, **paper)


async def test_a_credit_note_and_its_refund_are_recorded_without_javascript(
    browser: Browser, council: Council
) -> None:
    bed = await charged_bed(council.stage)
    async with person(browser, council.address, scripts=False, pictures=pictures()) as ruth:
        await be(ruth, "Ruth Mensah")
        await ruth.page.goto(f"/purchases/{bed['id']}")
        await credit(ruth)
        await refund(ruth)
    for part in ("auditor", "practitioner"):
        async with httpx.AsyncClient(base_url=council.address, follow_redirects=True) as client:
            await client.post("/sign-in", data={"persona": council.stage.cast[part].subject})
            seen = await client.get(f"/purchases/{bed['id']}")
            form = await client.get(f"/purchases/{bed['id']}/credit")
        assert "/credit" not in seen.text, part
        assert 'name="net"' not in form.text, part


async def credit(ruth: Person) -> None:
    page = ruth.page
    await press(page, "Record a credit note")
    await press(page, "Continue")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("Enter the number of the credit note")
    await look(ruth, "credit-error")
    await page.get_by_label("Number of the credit note").fill("CN-20")
    await page.get_by_label("Amount without VAT").fill("500")
    await press(page, "Continue")
    await press(page, "Confirm: record a credit note")
    await expect(alert).to_contain_text("At most £200.00 can come back")
    await page.get_by_label("Amount without VAT").fill("60")
    await press(page, "Continue")
    await expect(page.get_by_text("£60.00 more is due back")).to_be_visible()
    await look(ruth, "credit-check")
    await press(page, "Confirm: record a credit note")
    await expect(page.get_by_text("£60.00 is due back.")).to_be_visible()


async def refund(ruth: Person) -> None:
    page = ruth.page
    await press(page, "Record a refund")
    await page.get_by_label("Reference on the bank statement").fill("BACS 20")
    await page.get_by_label("How much came back?").fill("61")
    await press(page, "Continue")
    await press(page, "Confirm: record a refund")
    await expect(page.get_by_role("alert")).to_contain_text("Only £60.00 is due back")
    await look(ruth, "refund-error")
    await page.get_by_label("How much came back?").fill("40")
    await press(page, "Continue")
    await look(ruth, "refund-check")
    await press(page, "Confirm: record a refund")
    await expect(page.get_by_text("The refund was recorded.")).to_be_visible()
    await expect(page.get_by_text("£20.00 is due back.")).to_be_visible()
    await expect(page.get_by_role("row", name="Refund received")).to_contain_text("£40.00")
    await look(ruth, "purchase-returned")


async def look(somebody: Person, name: str) -> None:
    """Keep a picture of the page at two widths where pictures are wanted."""
    page, folder = somebody.page, somebody.pictures
    if folder is None:
        return
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=str(folder / f"{name}-{width}.png"), full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})
