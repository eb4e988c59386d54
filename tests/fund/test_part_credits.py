"""A credit note for a part of an invoice in dispute leaves less of it to be charged and paid."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import payments_service_pb2 as payments
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import refunds_service_pb2 as refunds
from sqlalchemy import Connection, insert

from services.fund.storage.tables.disputes import dispute_credits
from services.fund.verification import verify
from tests.fund.approving import refusal
from tests.fund.by_sql import answers, row_of, unexpected
from tests.fund.closing_world import balance
from tests.fund.test_disputes import ACCEPTED, CREDITED, RETURNED, disputed, resolve
from tests.fund.test_invoicing import invoice, ordered, ready
from tests.fund.world import OFFICER, World, pence, pounds, rid


async def credit(world: World, ids: tuple[str, str], net: str, number: str, **more: Any) -> Any:
    request = refunds.RecordCreditNoteRequest(
        request_id=rid(),
        purchase_id=ids[0],
        invoice_id=ids[1],
        credit_note_number=number,
        net=pounds(net),
        **more,
    )
    return await world.call(OFFICER, "RecordCreditNote", request)


async def due(world: World) -> list[int]:
    listed = await world.call(OFFICER, "ListDueInvoices", payments.ListDueInvoicesRequest())
    return [pence(each.amount) for each in listed.due_invoices]


async def test_what_is_left_is_accepted_charged_and_paid(world: World) -> None:
    ids = await disputed(world)
    assert await refusal(resolve(world, ids, ACCEPTED)) == "INVOICE_ABOVE_COMMITMENT"

    noted = await credit(world, ids, "6", "C 1")
    noted = await credit(world, ids, "4", "C 2")
    (waits,) = noted.invoices
    assert (waits.state, pence(waits.cost)) == (types.INVOICE_STATE_DISPUTED, 5000)
    assert (pence(noted.money.spent), pence(noted.money.refund_due)) == (0, 0)
    charged = await resolve(world, ids, ACCEPTED)

    assert [pence(each.cost) for each in charged.invoices] == [5000]
    assert (pence(charged.money.spent), await due(world)) == (5000, [5000])
    assert [each.action for each in charged.timeline][-3:] == ["credited", "credited", "invoiced"]
    late = credit(world, ids, "1", "C 3")
    assert await refusal(late) == "INVOICE_NOT_IN_DISPUTE"


async def test_notes_for_all_of_it_end_the_dispute(world: World) -> None:
    ids = await disputed(world)

    await credit(world, ids, "20", "C 1")
    assert await refusal(credit(world, ids, "1", "c 1")) == "CREDIT_NOTE_ALREADY_RECORDED"
    assert await refusal(credit(world, ids, "40.01", "C 2")) == "CREDIT_ABOVE_INVOICED"
    ended = await credit(world, ids, "40", "C 2")
    closed = await world.step(OFFICER, "ClosePurchase", ids[0])

    assert [each.state for each in ended.invoices] == [types.INVOICE_STATE_CREDITED]
    assert pence(closed.money.spent) == 0
    unknown = credit(world, (ids[0], rid()), "1", "C 3")
    assert await refusal(unknown) == "INVOICE_NOT_FOUND"


@pytest.mark.parametrize(
    "how", [pytest.param(RETURNED, id="sent back"), pytest.param(CREDITED, id="credited")]
)
async def test_a_part_that_was_credited_does_not_stand_in_the_way(fund: World, how: Any) -> None:
    ids = await disputed(fund)
    await credit(fund, ids, "6", "C 1")

    ended = await resolve(fund, ids, how, credit_note_number="C 2")

    assert pence(ended.money.spent) == 0


async def test_vat_of_a_note_is_taken_off_what_is_claimed_back(world: World) -> None:
    await ready(world)
    asked = await ordered(world)
    recoverable = {"vat": pounds("12"), "vat_recovery": types.VAT_RECOVERY_YES}
    seen = await invoice(world, asked.id, "60", **recoverable)
    ids = (asked.id, str(seen.invoices[0].id))
    only_net = credit(world, ids, "57", "C 0")
    assert await refusal(only_net) == "VAT_DOES_NOT_ADD_UP"

    await credit(world, ids, "10", "C 1", vat=pounds("2"))
    await resolve(world, ids, ACCEPTED)

    assert await balance(world, "vat:recoverable") == 1000
    assert await due(world) == [6000]


async def test_the_table_refuses_more_than_is_left_and_a_dispute_that_ended(world: World) -> None:
    ids = await disputed(world)
    await credit(world, ids, "6", "C 1")
    row = {**await row_of(world, dispute_credits), "id": rid()}

    def note(**changes: Any) -> Any:
        return insert(dispute_credits).values({**row, **changes})

    cases = {"all": note(net=5400), "vat": note(vat=1), "more": note(net=5399)}
    answered = await answers(world, cases)
    await resolve(world, ids, RETURNED)
    ended = await answers(world, {"ended": note()})

    no = "no invoice in dispute"
    expected = {"all": no, "vat": no, "more": "taken", "ended": no}
    assert unexpected({**answered, **ended}, expected) == {}


async def test_verify_names_an_accepted_invoice_that_charged_what_was_credited(
    fund: World,
) -> None:
    ids = await disputed(fund)
    await credit(fund, ids, "10", "C 1")
    await resolve(fund, ids, ACCEPTED)
    row = {**await row_of(fund, dispute_credits), "id": rid(), "net": 100, "cost": 100}
    found: list[Any] = []

    def forge(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TRIGGER dispute_credits_left")
        connection.execute(insert(dispute_credits).values(row))
        found[:] = verify(connection)
        connection.rollback()

    await fund.database.write(forge)
    assert {(each.invariant, each.row) for each in found} == {(8, f"disputed_invoices {ids[1]}")}
