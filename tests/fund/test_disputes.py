"""An invoice above its order is kept and charges nothing until somebody resolves it."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import payments_service_pb2 as payments
from localresponse.fund.v1 import purchase_changes_service_pb2 as pb
from localresponse.fund.v1 import purchase_types_pb2 as types
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from services.chassis.auth import Principal
from services.fund.storage.tables.disputes import (
    dispute_ends,
    disputed_invoices,
    paper_numbers,
)
from services.fund.verification import verify
from tests.fund.approving import refusal, uplift
from tests.fund.test_invoicing import invoice, ordered, ready
from tests.fund.world import OFFICER, SECOND_OFFICER, World, pence, rid

ACCEPTED = pb.INVOICE_RESOLUTION_ACCEPTED
RETURNED, CREDITED = pb.INVOICE_RESOLUTION_RETURNED, pb.INVOICE_RESOLUTION_CREDITED
STATES = [types.INVOICE_STATE_DISPUTED, types.INVOICE_STATE_CHARGED]


async def disputed(world: World, cost: str = "60") -> tuple[str, str]:
    """Have an order of £50 invoiced above tolerance; return the purchase and the invoice."""
    await ready(world)
    purchase = await ordered(world)
    seen = await invoice(world, purchase.id, cost)
    return purchase.id, str(seen.invoices[0].id)


async def resolve(
    world: World, ids: tuple[str, str], how: Any, who: Principal = SECOND_OFFICER, **more: Any
) -> Any:
    request = pb.ResolveInvoiceRequest(
        request_id=rid(),
        purchase_id=ids[0],
        invoice_id=ids[1],
        reason="looked at",
        resolution=how,
        **more,
    )
    return await world.call(who, "ResolveInvoice", request)


async def test_an_invoice_above_tolerance_is_kept_and_charges_nothing(world: World) -> None:
    await ready(world)
    purchase = await ordered(world)

    within = await invoice(world, purchase.id, "52.51")
    (kept,) = within.invoices

    assert (kept.state, pence(kept.cost)) == (types.INVOICE_STATE_DISPUTED, 5251)
    assert (pence(within.money.spent), pence(within.money.committed)) == (0, 5000)
    assert within.timeline[-1].action == "disputed"
    assert (await world.events())[-1] == "purchase.disputed"
    due = await world.call(OFFICER, "ListDueInvoices", payments.ListDueInvoicesRequest())
    assert list(due.due_invoices) == []
    again = invoice(world, purchase.id, "50")
    assert await refusal(again) == "INVOICE_ALREADY_RECORDED"


async def test_it_is_accepted_once_a_new_decision_committed_enough(world: World) -> None:
    ids = await disputed(world)
    assert await refusal(resolve(world, ids, ACCEPTED)) == "INVOICE_ABOVE_COMMITMENT"
    close = world.step(OFFICER, "ClosePurchase", ids[0])
    assert await refusal(close) == "INVOICE_IN_DISPUTE"

    await world.limit(SECOND_OFFICER, "500")
    await uplift(world, ids[0], "10", SECOND_OFFICER)
    seen = await resolve(world, ids, ACCEPTED)

    assert [each.state for each in seen.invoices] == [types.INVOICE_STATE_CHARGED]
    assert pence(seen.money.spent) == 6000
    assert await refusal(resolve(world, ids, RETURNED)) == "INVOICE_NOT_IN_DISPUTE"
    due = await world.call(OFFICER, "ListDueInvoices", payments.ListDueInvoicesRequest())
    assert [pence(each.amount) for each in due.due_invoices] == [6000]


async def test_it_goes_back_to_the_supplier_and_its_number_stays_used(world: World) -> None:
    ids = await disputed(world)

    seen = await resolve(world, ids, RETURNED, credit_note_number="none of these")
    assert await refusal(invoice(world, ids[0], "50")) == "INVOICE_ALREADY_RECORDED"
    right = await invoice(world, ids[0], "50", invoice_number="A 1 corrected")
    closed = await world.step(OFFICER, "ClosePurchase", ids[0])

    assert [each.state for each in seen.invoices] == [types.INVOICE_STATE_RETURNED]
    assert (pence(right.money.spent), pence(closed.money.spent)) == (5000, 5000)
    assert "purchase.returned" in await world.events()


async def test_a_credit_note_takes_it_back_whole_and_counts_once(world: World) -> None:
    ids = await disputed(world)
    nameless = resolve(world, ids, CREDITED)
    assert await refusal(nameless) == "CREDIT_NOTE_NUMBER_MISSING"

    seen = await resolve(world, ids, CREDITED, credit_note_number="C 1")
    other = await ordered(world)
    second = await invoice(world, other.id, "60", invoice_number="B")
    again = resolve(world, (other.id, second.invoices[0].id), CREDITED, credit_note_number="c  1")

    assert [each.state for each in seen.invoices] == [types.INVOICE_STATE_CREDITED]
    assert await refusal(again) == "CREDIT_NOTE_ALREADY_RECORDED"
    missing = resolve(world, (other.id, rid()), RETURNED)
    assert await refusal(missing) == "INVOICE_NOT_FOUND"


TAMPERED = [
    pytest.param(update(disputed_invoices).values(cost=1), id="a dispute is changed"),
    pytest.param(
        insert(paper_numbers).from_select(
            [column.name for column in paper_numbers.c], select(paper_numbers)
        ),
        id="a number is used again",
    ),
]


@pytest.mark.parametrize("statement", TAMPERED)
async def test_the_tables_themselves_hold_it(world: World, statement: Any) -> None:
    await disputed(world)

    with pytest.raises(DBAPIError):
        await world.database.write(lambda connection: connection.execute(statement) and None)


async def test_verify_names_an_invoice_accepted_and_not_charged(fund: World) -> None:
    purchase_id, invoice_id = await disputed(fund)
    found: list[Any] = []

    def forge(connection: Connection) -> None:
        row = {"invoice_id": invoice_id, "tenant": "E06000050", "purchase_id": purchase_id}
        rest = {"outcome": "accepted", "credit_note_number": "", "reason": "", "decided_by": "x"}
        at = fund.clock.now()
        connection.execute(insert(dispute_ends).values(**row, **rest, decided_at=at))
        found.extend(verify(connection))
        connection.rollback()

    await fund.database.write(forge)
    assert [(each.invariant, each.row) for each in found] == [
        (8, f"disputed_invoices {invoice_id}")
    ]
