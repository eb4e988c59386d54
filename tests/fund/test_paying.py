"""Payment files out and the finance system's answers in: paid once, exactly, or listed."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import payments_service_pb2 as pb

from services.chassis.auth import Principal
from services.fund.errors.paying import NothingToPay, PaymentFileUsed, ReconciliationRefused
from tests.fund.approving import THIRD_OFFICER
from tests.fund.test_payees import confirm, propose
from tests.fund.world import OFFICER, PRACTITIONER, TENANT, World, pence, pounds, rid

_HEAD = "record,authority,file,reference,amount,paid_on,bank_reference\n"


async def invoiced(world: World, *numbers: str) -> None:
    """Have purchases of £50 delivered and invoiced under these numbers, with a payee in force."""
    await world.money("1000")
    await world.limit()
    await with_payee(world)
    for number in numbers:
        asked = await world.submit("50")
        await world.step(OFFICER, "ApprovePurchase", asked.id)
        await world.step(OFFICER, "OrderPurchase", asked.id)
        await world.step(PRACTITIONER, "RecordDelivery", asked.id)
        await world.step(
            OFFICER, "RecordInvoice", asked.id, invoice_number=number, net=pounds("50")
        )


async def with_payee(world: World) -> None:
    """Ask for something from the supplier, and put where it is paid in force."""
    asked = await world.submit("1")
    await world.step(PRACTITIONER, "WithdrawPurchase", asked.id, reason="only to name them")
    await confirm(world, (await propose(world, asked.supplier_id)).id)
    world.clock.advance(hours=24)


async def create(world: World, request_id: str = "", who: Principal = THIRD_OFFICER) -> Any:
    request = pb.CreatePaymentFileRequest(request_id=request_id or rid())
    return await world.call(who, "CreatePaymentFile", request)


async def answer(world: World, file: Any, content: str) -> Any:
    request = pb.ReconcilePaymentsRequest(
        request_id=rid(), payment_file_id=file.id, content=content
    )
    return await world.call(OFFICER, "ReconcilePayments", request)


def answered(world: World, file: Any, *amounts: str, **changes: Any) -> str:
    """Return an answer that paid these amounts for the first lines of the file."""
    day = world.clock.now().date().isoformat()
    who, number = changes.get("authority", TENANT), changes.get("number", file.number)
    lines = [
        f"D,{who},{number},{line.invoice_id},{amount},{changes.get('day', day)},BACS{place}\n"
        for place, (line, amount) in enumerate(zip(file.lines, amounts, strict=False))
    ]
    total = changes.get("total", f"{sum(map(float, amounts)):.2f}")
    trailer = f"T,{who},{number},{changes.get('count', len(lines))},{total},,\n"
    return _HEAD + "".join(lines) + trailer


async def test_an_invoice_is_paid_once_and_its_purchase_says_so(world: World) -> None:
    await invoiced(world, "A 1", "A 2")

    file = await create(world)
    done = await answer(world, file, answered(world, file, "50.00", "50.00"))
    seen = await world.get(file.lines[0].purchase_id, OFFICER)
    after = await world.call(
        OFFICER, "GetPaymentFile", pb.GetPaymentFileRequest(payment_file_id=file.id)
    )

    assert (done.matched_count, done.exception_count) == (2, 0)
    assert after.state == pb.PAYMENT_FILE_STATE_PAID
    assert seen.timeline[-1].action == "paid"
    assert (await world.events()).count("purchase.paid") == 2
    with pytest.raises(NothingToPay):
        await create(world)


async def test_a_file_has_control_totals_and_its_invoices_are_in_no_other(fund: World) -> None:
    await invoiced(fund, "=1+1", "A 2")
    request_id = rid()

    first = await create(fund, request_id)
    again = await create(fund, request_id)

    assert again == first
    assert pence(first.total) == 10000
    lines = first.content.splitlines()
    assert lines[-1] == f"T,{TENANT},1,2,,,100.00,,,,"
    assert ",'=1+1,50.00," in lines[1]
    with pytest.raises(NothingToPay):
        await create(fund)


async def test_what_was_not_paid_as_asked_is_listed_and_not_paid(world: World) -> None:
    await invoiced(world, "A 1", "A 2", "A 3")
    file = await create(world)

    done = await answer(world, file, answered(world, file, "50.01", "49.99", "50.00"))

    outcomes = [pb.MatchOutcome.Name(line.outcome)[14:] for line in done.lines]
    assert outcomes == ["OVER", "UNDER", "MATCHED"]
    assert (await world.events()).count("purchase.paid") == 1


async def test_a_payment_that_nobody_asked_for_is_unmatched(fund: World) -> None:
    await invoiced(fund, "A 1")
    file = await create(fund)
    content = answered(fund, file, "50.00").replace(file.lines[0].invoice_id, "SOMETHING")

    done = await answer(fund, file, content)

    assert done.lines[0].outcome == pb.MATCH_OUTCOME_UNMATCHED
    assert "purchase.paid" not in await fund.events()


@pytest.mark.parametrize(
    ("changes", "line", "rule"),
    [
        pytest.param({"authority": "E08000019"}, 2, "authority", id="another authority"),
        pytest.param({"number": 7}, 2, "file", id="another file"),
        pytest.param({"day": "2999-01-01"}, 2, "date", id="paid in the future"),
        pytest.param({"day": "soon"}, 2, "date", id="no day"),
        pytest.param({"count": 3}, 4, "count", id="a wrong count"),
        pytest.param({"total": "99.99"}, 4, "total", id="a wrong total"),
    ],
)
async def test_an_answer_with_anything_wrong_is_refused_whole(
    fund: World, changes: dict[str, Any], line: int, rule: str
) -> None:
    await invoiced(fund, "A 1", "A 2")
    file = await create(fund)

    with pytest.raises(ReconciliationRefused) as refusal:
        await answer(fund, file, answered(fund, file, "50.00", "50.00", **changes))

    assert refusal.value.metadata == {"line": str(line), "rule": rule}
    assert "purchase.paid" not in await fund.events()


async def test_a_file_that_is_taken_back_frees_its_invoices(fund: World) -> None:
    await invoiced(fund, "A 1")
    file = await create(fund)
    cancelled = pb.CancelPaymentFileRequest(request_id=rid(), payment_file_id=file.id)

    await fund.call(OFFICER, "CancelPaymentFile", cancelled)
    second = await create(fund)

    assert second.number == 2
    with pytest.raises(PaymentFileUsed):
        await answer(fund, file, answered(fund, file, "50.00"))


async def test_days_to_pay_are_counted_from_the_invoices_arrival(fund: World) -> None:
    await invoiced(fund, "A 1", "A 2")
    file = await create(fund)
    fund.clock.advance(days=31)

    await answer(fund, file, answered(fund, file, "50.00"))
    request = pb.GetPaymentStatisticsRequest()
    request.from_date.year, request.from_date.month, request.from_date.day = 2026, 1, 1
    request.to_date.year, request.to_date.month, request.to_date.day = 2027, 12, 31
    found = await fund.call(OFFICER, "GetPaymentStatistics", request)

    assert (found.paid_count, found.mean_days_hundredths) == (1, 3100)
    assert (found.within_30_days_count, found.within_60_days_count) == (0, 1)
    assert (found.waiting_count, found.overdue_count) == (1, 1)
