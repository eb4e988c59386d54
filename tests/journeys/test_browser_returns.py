"""What comes back and what is handed out, by a finance officer's browser without JavaScript."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import httpx
from playwright.async_api import Browser, expect

from services.chassis.ids import new_id
from services.demonstration import slice as story
from services.demonstration import support
from services.demonstration.api import Json
from services.demonstration.stage import Stage, pounds
from tests.gateway.pages.conftest import Browser as Forms
from tests.gateway.pages.journeys import date_of, problems
from tests.journeys.conftest import Council, pictures
from tests.journeys.test_browser import be, follow, press
from tests.support.browser import Person, person

UNIFORM = replace(support.NEEDS[4], supplier="Credit and Sons Outfitters", price=239)
"""Of its own supplier and child, so that it counts against no other test's limit."""


async def ordered(stage: Stage, *, child: int) -> Json:
    """A uniform of £239 for one of the cohort, approved and ordered."""
    made = await support.submit(
        stage, [story.cohort(stage)[child]], UNIFORM, review=date(2027, 3, 27)
    )
    made = await support.approve(stage, made)
    return await support.move(stage, "OrderPurchase", "officer", made)


async def charged_uniform(stage: Stage) -> Json:
    """One of which £200 was invoiced and charged."""
    made = await ordered(stage, child=1)
    paper = {"invoice_number": "CS-20", "net": pounds(200), "vat_recovery": "VAT_RECOVERY_YES"}
    return await support.move(stage, "RecordInvoice", "officer", made, **paper)


async def test_what_comes_back_is_handed_out_lost_or_moved_is_recorded_without_javascript(
    browser: Browser, council: Council
) -> None:
    uniform = await charged_uniform(council.stage)
    async with person(browser, council.address, scripts=False, pictures=pictures()) as ruth:
        await be(ruth, "Ruth Mensah")
        await ruth.page.goto(f"/purchases/{uniform['id']}")
        await credit(ruth)
        await refund(ruth)
        await hand_out(ruth)
        await use(ruth)
        await lose(ruth)
        await confirm_the_loss(council.stage)
        await ruth.page.goto(f"/purchases/{uniform['id']}")
        await expect(ruth.page.get_by_role("row", name="Written off")).to_contain_text("£25.00")
        await move(ruth)
    for part in ("auditor", "practitioner"):
        async with httpx.AsyncClient(base_url=council.address, follow_redirects=True) as client:
            await client.post("/sign-in", data={"persona": council.stage.cast[part].subject})
            seen = await client.get(f"/purchases/{uniform['id']}")
            form = await client.get(f"/purchases/{uniform['id']}/credit")
        assert "/credit" not in seen.text, part
        assert 'name="net"' not in form.text, part


async def test_a_part_of_a_dispute_is_credited_once_however_often_it_is_sent(
    council: Council,
) -> None:
    made = await ordered(council.stage, child=2)
    paper = {"invoice_number": "CS-21", "net": pounds(400), "vat_recovery": "VAT_RECOVERY_YES"}
    made = await support.move(council.stage, "RecordInvoice", "officer", made, **paper)
    path = f"/purchases/{made['id']}/credit"
    # The council's own day: another journey may have moved its clock, or not yet.
    year, month, day = made["submit_time"][:10].split("-")
    note = {"credit_note_number": "CN-21", "net": "150", **date_of("credited", day, month, year)}
    async with httpx.AsyncClient(base_url=council.address, follow_redirects=True) as client:
        await client.post("/sign-in", data={"persona": council.stage.cast["officer"].subject})
        officer = Forms(client)
        check = await officer.send(path, **note)
        done = [await officer.fill(check, confirmed="yes") for _ in range(2)]
        refused = await officer.fill(check, confirmed="yes", request_id=new_id())
        bare = await officer.send_bare(path, **note)

    assert "£250.00 without VAT and £0.00 VAT stay in dispute" in check.text
    assert [page.url.params.get("done") for page in done] == ["credit", "credit"]
    assert done[1].text.count("Credit note recorded, £150.00") == 1
    assert "Invoice CS-21 is in dispute.</strong> It costs the fund £250.00" in done[1].text
    assert problems(refused)[0].startswith("Somebody changed this request since you opened")
    assert bare.status_code == 403


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


async def hand_out(ruth: Person) -> None:
    page = ruth.page
    await press(page, "Hand out a voucher")
    await page.get_by_label("Number of the voucher or card").fill("V-20")
    await page.get_by_label("What is it worth?").fill("40")
    for part, value in (("Day", "31"), ("Month", "12"), ("Year", "2026")):
        await page.get_by_label(part).fill(value)
    await press(page, "Continue")
    await press(page, "Confirm: hand out a voucher")
    await expect(page.get_by_role("alert")).to_contain_text("Only £39.00 is on order")
    await look(ruth, "voucher-error")
    await page.get_by_label("What is it worth?").fill("39")
    await press(page, "Continue")
    await look(ruth, "voucher-check")
    await press(page, "Confirm: hand out a voucher")
    await expect(page.get_by_text("The voucher was handed out.")).to_be_visible()


async def use(ruth: Person) -> None:
    page = ruth.page
    await follow(page, "Vouchers, and what is left on them")
    await follow(page, "Record what was used of V-20")
    await page.get_by_label("How much was used?").fill("40")
    await press(page, "Continue")
    await press(page, "Confirm: record what was used")
    await expect(page.get_by_role("alert")).to_contain_text("Only £39.00 is left")
    await look(ruth, "redeem-error")
    await page.get_by_label("How much was used?").fill("9")
    await press(page, "Continue")
    await look(ruth, "redeem-check")
    await press(page, "Confirm: record what was used")
    await expect(page.get_by_role("row", name="V-20")).to_contain_text("£30.00")
    await look(ruth, "vouchers")
    await follow(page, "Back")


async def lose(ruth: Person) -> None:
    page = ruth.page
    await press(page, "Propose a write-off")
    await page.get_by_label("How much is lost?").fill("60")
    await page.get_by_label("Reason").fill("The shop has closed.")
    await press(page, "Continue")
    await press(page, "Confirm: propose a write-off")
    await expect(page.get_by_role("alert")).to_contain_text("Only £50.00 is due back or handed out")
    await look(ruth, "write-off-error")
    await page.get_by_label("How much is lost?").fill("25")
    await press(page, "Continue")
    await look(ruth, "write-off-check")
    await press(page, "Confirm: propose a write-off")
    await expect(page.get_by_text("The write-off was proposed")).to_be_visible()


async def confirm_the_loss(stage: Stage) -> None:
    service = "fund.ProposalsService"
    waiting = await stage.call(
        f"{service}.ListProposals", "officer-two", {"state": "PROPOSAL_STATE_WAITING"}
    )
    for one in waiting["proposals"]:
        if one["kind"] == "PROPOSAL_KIND_WRITE_OFF":
            confirm = {"proposal_id": one["id"]}
            await stage.call(f"{service}.ConfirmProposal", "officer-two", confirm)


async def move(ruth: Person) -> None:
    page = ruth.page
    await follow(page, "Finance")
    await look(ruth, "finance-officer")
    await follow(page, "Move money between budgets")
    await press(page, "Continue")
    await expect(page.get_by_role("alert")).to_contain_text("Select where the money comes from")
    await look(ruth, "move-error")
    origin = page.get_by_label("Where does it come from?")
    await origin.select_option(index=1)
    budget_id = (await origin.input_value()).partition("/")[0]
    target = page.locator(f"#target option:not([value='']):not([value='{budget_id}'])").first
    await page.get_by_label("Where does it go?").select_option(await target.get_attribute("value"))
    await page.get_by_label("How much?").fill("5")
    await page.get_by_label("Reason").fill("More children walk there.")
    await press(page, "Continue")
    await look(ruth, "move-check")
    await press(page, "Confirm: move the money")
    await expect(page.get_by_role("heading", name="Move money to another budget")).to_be_visible()
    await expect(page.get_by_text("Done", exact=True)).to_be_visible()
    await look(ruth, "move-done")


async def look(somebody: Person, name: str) -> None:
    """Keep a picture of the page at two widths where pictures are wanted."""
    page, folder = somebody.page, somebody.pictures
    if folder is None:
        return
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=str(folder / f"{name}-{width}.png"), full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})
