"""Credit notes, refunds, vouchers, and all that time does by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from google.type.date_pb2 import Date
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import refunds_service_pb2 as pb

from tests.fund.approving import approve, in_force, jobs, refusal
from tests.fund.world import OFFICER, PRACTITIONER, World, pence, pounds, rid

LATER = Date(year=2026, month=12, day=1)


async def ordered(world: World, cost: str = "100") -> Any:
    await world.limit(OFFICER, "5000")
    asked = await world.submit(cost)
    await approve(world, OFFICER, asked.id)
    return await world.step(OFFICER, "OrderPurchase", asked.id)


async def invoiced(world: World, *amounts: str) -> Any:
    """Return an order of £100 with an invoice for each amount."""
    order = await ordered(world)
    for place, net in enumerate(amounts):
        paper = {"invoice_number": f"I{place} {order.id}", "net": pounds(net)}
        await world.step(OFFICER, "RecordInvoice", order.id, **paper)
    return order


async def credit(world: World, purchase_id: str, net: str, **fields: Any) -> Any:
    values = {"credit_note_number": rid(), "net": pounds(net), **fields}
    request = pb.RecordCreditNoteRequest(request_id=rid(), purchase_id=purchase_id, **values)
    return await world.call(OFFICER, "RecordCreditNote", request)


async def refund(world: World, purchase_id: str, amount: str, **fields: Any) -> Any:
    values = {"reference": rid(), "amount": pounds(amount), **fields}
    request = pb.RecordRefundRequest(request_id=rid(), purchase_id=purchase_id, **values)
    return await world.call(OFFICER, "RecordRefund", request)


async def issue(world: World, purchase_id: str, amount: str, until: Date = LATER) -> Any:
    request = pb.IssueVoucherRequest(
        request_id=rid(),
        purchase_id=purchase_id,
        number="V 1",
        amount=pounds(amount),
        expiry_date=until,
    )
    return await world.call(OFFICER, "IssueVoucher", request)


async def redeem(world: World, voucher: Any, amount: str) -> Any:
    request = pb.RedeemVoucherRequest(
        request_id=rid(),
        purchase_id=voucher.purchase_id,
        voucher_id=voucher.id,
        amount=pounds(amount),
    )
    return await world.call(OFFICER, "RedeemVoucher", request)


async def test_part_deliveries_and_several_invoices_add_up(world: World) -> None:
    await world.money()
    order = await ordered(world)

    for part in ("30", "20"):
        await world.step(PRACTITIONER, "RecordDelivery", order.id, amount=pounds(part))
    for number, net in (("A", "25"), ("B", "35")):
        paper = {"invoice_number": number, "net": pounds(net)}
        now = await world.step(OFFICER, "RecordInvoice", order.id, **paper)
    closed = await world.step(OFFICER, "ClosePurchase", order.id)

    assert (pence(now.money.spent), pence(now.money.received)) == (6000, 0)
    assert (pence(closed.money.spent), pence(closed.money.released)) == (6000, 4000)


async def test_credit_notes_up_to_what_was_invoiced_come_back_also_after_the_close(
    world: World,
) -> None:
    budget = await world.money("1000")
    order = await invoiced(world, "40", "60")
    await world.step(OFFICER, "ClosePurchase", order.id)

    await credit(world, order.id, "30")
    now = await credit(world, order.id, "20")
    assert (pence(now.money.spent), pence(now.money.refund_due)) == (5000, 5000)
    assert await refusal(credit(world, order.id, "50.01")) == "CREDIT_ABOVE_INVOICED"
    assert await refusal(refund(world, order.id, "50.01")) == "REFUND_ABOVE_CREDIT"
    await refund(world, order.id, "10")
    done = await refund(world, order.id, "40")

    assert (pence(done.money.refund_due), pence(done.money.released)) == (0, 5000)
    assert pence((await world.budget_now(budget.id)).figures.available) == 95000
    assert (await world.events())[-1] == "purchase.refunded"


async def test_what_comes_back_follows_the_plan_from_its_last_place(world: World) -> None:
    fund = await world.budget()
    for name, terms in (("Trust", {"categories": ["uniform"]}), ("Council", {})):
        source = await world.source(name, "60", **terms)
        await world.allocate(fund.id, source.id, "60")
    order = await invoiced(world, "100")

    now = await credit(world, order.id, "50")

    due = [pence(each.money.refund_due) for each in now.apportionments]
    assert due == [1000, 4000]


async def test_a_refund_after_the_year_goes_back_to_the_source(world: World) -> None:
    source = await world.source(banked="1000")
    budget = await world.budget()
    await world.allocate(budget.id, source.id, "1000")
    order = await invoiced(world, "100")
    world.clock.set(datetime(2027, 4, 20, 10, tzinfo=UTC))

    await credit(world, order.id, "100")
    await refund(world, order.id, "100")

    figures = (await world.budget_now(budget.id)).figures
    assert (pence(figures.allocated), pence(figures.available)) == (90000, 90000)
    assert (await world.journals(order.id))[-1].entries[1].account.endswith(":unallocated")


async def test_a_credit_note_and_a_refund_count_once(fund: World) -> None:
    await fund.money()
    order = await invoiced(fund, "100")
    await credit(fund, order.id, "10", credit_note_number="C 1")
    await refund(fund, order.id, "5", reference="BACS 1")

    credited = credit(fund, order.id, "10", credit_note_number="c  1")
    refunded = refund(fund, order.id, "5", reference="bacs 1")
    assert await refusal(credited) == "CREDIT_NOTE_ALREADY_RECORDED"
    assert await refusal(refunded) == "REFUND_ALREADY_RECORDED"


async def test_recovered_tax_of_a_credit_note_goes_back_outside_the_pots(fund: World) -> None:
    await fund.money()
    order = await ordered(fund)
    vat = {"vat": pounds("10"), "vat_recovery": types.VAT_RECOVERY_YES}
    paper = {"invoice_number": "A", "net": pounds("50"), **vat}
    await fund.step(OFFICER, "RecordInvoice", order.id, **paper)

    now = await credit(fund, order.id, "50", **vat)

    assert pence(now.money.refund_due) == 5000
    tax = [each for each in await fund.journals(order.id) if each.kind == "recover_tax"]
    assert [journal.entries[0].account for journal in tax] == ["vat:control", "vat:recoverable"]


async def test_a_voucher_is_redeemed_in_parts_and_the_rest_lapses_once(world: World) -> None:
    budget = await world.money("1000")
    order = await ordered(world)
    voucher = await issue(world, order.id, "60")
    await redeem(world, voucher, "25")
    over = redeem(world, voucher, "35.01")
    close = world.step(OFFICER, "ClosePurchase", order.id)
    assert await refusal(over) == "VOUCHER_OVERDRAWN"
    assert await refusal(close) == "VOUCHERS_OUTSTANDING"
    world.clock.set(datetime(2026, 12, 2, 10, tzinfo=UTC))
    assert await refusal(redeem(world, voucher, "1")) == "VOUCHER_ENDED"

    await jobs(world).lapse_vouchers()
    await jobs(world).lapse_vouchers()
    closed = await world.step(OFFICER, "ClosePurchase", order.id)

    assert (pence(closed.money.spent), pence(closed.money.released)) == (2500, 7500)
    assert pence((await world.budget_now(budget.id)).figures.available) == 97500
    assert (await world.events()).count("purchase.lapsed") == 1
    request = pb.ListVouchersRequest(purchase_id=order.id)
    (seen,) = (await world.call(OFFICER, "ListVouchers", request)).vouchers
    assert seen.HasField("lapse_time")


VOUCHERS = [
    pytest.param("100.01", LATER, "VOUCHER_ABOVE_COMMITMENT", id="more than is committed"),
    pytest.param("10", Date(year=2026, month=1, day=1), "DATE_OUT_OF_RANGE", id="a day past"),
]


@pytest.mark.parametrize(("amount", "until", "reason"), VOUCHERS)
async def test_a_voucher_that_cannot_be_is_refused(
    fund: World, amount: str, until: Date, reason: str
) -> None:
    await fund.money()
    order = await ordered(fund)

    assert await refusal(issue(fund, order.id, amount, until)) == reason


async def test_a_voucher_belongs_to_its_purchase(fund: World) -> None:
    await fund.money()
    order, other = await ordered(fund), await ordered(fund)
    voucher = await issue(fund, order.id, "10")
    voucher.purchase_id = other.id

    assert await refusal(redeem(fund, voucher, "1")) == "VOUCHER_NOT_FOUND"


async def test_a_request_that_nobody_decides_expires_once_and_gives_its_money_back(
    world: World,
) -> None:
    budget = await world.money("1000")
    await in_force(world, expiry_working_days=5)
    asked = await world.submit("50")
    world.clock.advance(days=7)
    await jobs(world).expire()
    assert (await world.get(asked.id)).state == types.PURCHASE_STATE_SUBMITTED

    world.clock.advance(days=1)
    await jobs(world).expire()
    await jobs(world).expire()

    expired = await world.get(asked.id)
    assert expired.state == types.PURCHASE_STATE_EXPIRED
    assert pence((await world.budget_now(budget.id)).figures.available) == 100000
    assert (await world.events()).count("purchase.expired") == 1
