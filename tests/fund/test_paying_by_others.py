"""Money goes only to details that have held a day, and is sent by who had no hand in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from localresponse.fund.v1 import approval_policies_service_pb2 as policies
from localresponse.fund.v1 import fund_types_pb2 as types
from localresponse.fund.v1 import payments_service_pb2 as pb
from localresponse.fund.v1 import suppliers_service_pb2 as suppliers
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.chassis import idempotency
from services.chassis.auth import Principal
from services.chassis.wire import timestamp_from_proto
from services.fund.storage.tables.payees import payee_changes
from services.fund.storage.tables.paying import payment_files, payment_lines
from services.fund.verification import verify
from tests.fund.approving import THIRD_OFFICER, in_force, refusal
from tests.fund.test_payees import confirm, propose
from tests.fund.test_paying import create, invoiced
from tests.fund.world import OFFICER, SECOND_OFFICER, World, pence, pounds, rid


async def due(world: World, who: Principal = THIRD_OFFICER) -> list[Any]:
    answer = await world.call(who, "ListDueInvoices", pb.ListDueInvoicesRequest())
    return list(answer.due_invoices)


async def held(world: World, who: Principal) -> list[str]:
    return [pb.HoldReason.Name(each.hold_reason)[12:] for each in await due(world, who)]


async def changed(world: World, number: str = "99999999") -> Any:
    """Have two officers change where the supplier is paid."""
    supplier_id = (await due(world))[0].supplier_id
    return await confirm(world, (await propose(world, supplier_id, number)).id)


async def test_a_payee_on_hold_holds_its_invoices_until_the_day_is_over(world: World) -> None:
    await invoiced(world, "A 1")
    change = await changed(world)

    (waiting,) = await due(world)
    until = timestamp_from_proto(waiting.held_until_time)
    assert waiting.hold_reason == pb.HOLD_REASON_PAYEE_ON_HOLD
    assert until == world.clock.now() + timedelta(hours=24)
    assert await refusal(create(world)) == "PAYEE_ON_HOLD"
    world.clock.advance(hours=23, minutes=59)
    assert await refusal(create(world)) == "PAYEE_ON_HOLD"
    world.clock.advance(minutes=1)

    (line,) = (await create(world)).lines
    assert (line.account_ending, change.account_ending) == ("9999", "9999")
    assert await due(world) == []


async def test_only_the_held_invoice_is_left_out_and_the_answer_lists_it(world: World) -> None:
    await invoiced(world, "A 1")
    other = await world.submit("20", supplier_name="Nobody knows where they bank")
    await world.step(OFFICER, "ApprovePurchase", other.id)
    await world.step(OFFICER, "OrderPurchase", other.id)
    await world.step(OFFICER, "RecordInvoice", other.id, invoice_number="B", net=pounds("20"))

    file = await create(world)

    assert [line.invoice_number for line in file.lines] == ["A 1"]
    assert [(each.invoice_number, each.hold_reason) for each in file.held] == [
        ("B", pb.HOLD_REASON_NO_PAYEE)
    ]
    assert pence(file.total) == 5000


async def test_who_had_a_hand_in_it_does_not_pay_it(world: World) -> None:
    await invoiced(world, "A 1")

    assert await held(world, OFFICER) == ["YOU_RECORDED_IT"]
    assert await held(world, SECOND_OFFICER) == ["YOU_SET_THE_PAYEE"]
    assert await held(world, THIRD_OFFICER) == ["UNSPECIFIED"]
    for who in (OFFICER, SECOND_OFFICER):
        assert await refusal(create(world, who=who)) == "NOTHING_TO_PAY"


async def test_an_approver_pays_small_sums_only(fund: World) -> None:
    await in_force(
        fund,
        rungs=[policies.ApprovalRung(approvers=1)],
        payment_duties=types.PaymentDuties(
            recorder_may_pay=True,
            payee_officers_may_pay=True,
            approver_pays_up_to=pounds("49.99"),
        ),
    )
    await invoiced(fund, "A 1")

    assert await held(fund, OFFICER) == ["YOU_APPROVED_IT"]
    assert len((await create(fund, who=SECOND_OFFICER)).lines) == 1


async def test_a_policy_may_let_duties_meet_and_the_shipped_one_does_not(fund: World) -> None:
    request = policies.GetApprovalPolicyRequest()
    shipped = (await fund.call(OFFICER, "GetApprovalPolicy", request)).rules.payment_duties

    assert (shipped.recorder_may_pay, shipped.payee_officers_may_pay) == (False, False)
    assert pence(shipped.approver_pays_up_to) == 50000


FORGED: list[Any] = [
    pytest.param({"paid_by": OFFICER.subject}, id="who recorded it"),
    pytest.param({"paid_by": SECOND_OFFICER.subject}, id="who confirmed the payee"),
    pytest.param(
        {"paid_by": OFFICER.subject, "recorder_may_pay": True, "payee_officers_may_pay": True}
        | {"approver_pays_up_to": 49_99},
        id="who approved it",
    ),
    pytest.param(
        {"paid_by": OFFICER.subject, "recorded_by": "somebody", "payee_officers_may_pay": True},
        id="who says that somebody else recorded it",
    ),
]


@pytest.mark.parametrize("forged", FORGED)
async def test_the_tables_refuse_a_payer_with_a_hand_in_it(
    world: World, forged: dict[str, Any]
) -> None:
    await invoiced(world, "A 1")
    file = await create(world)

    def forge(connection: Connection) -> None:
        row = dict(connection.execute(select(payment_lines)).mappings().one())
        again = {**row, "position": 2, "live": False, **forged}
        connection.execute(insert(payment_lines).values(again))

    assert file.lines
    with pytest.raises(IntegrityError):
        await world.database.write(forge)


async def test_whole_accounts_leave_only_with_the_file_for_the_finance_system(
    world: World,
) -> None:
    await invoiced(world, "A 1")
    file = await create(world)
    request = pb.ExportPaymentFileRequest(payment_file_id=file.id)

    sent = await world.call(THIRD_OFFICER, "ExportPaymentFile", request)

    assert sent.content.splitlines()[1].endswith(",Clarks Ltd,200000,12345678")
    assert file.content.splitlines()[1].endswith(",,,5678")
    assert "12345678" not in str(file)


async def test_an_account_is_sealed_at_rest_and_to_its_own_row(world: World) -> None:
    await invoiced(world, "A 1")

    def rows(connection: Connection) -> list[Any]:
        everything: list[Any] = []
        for table in payee_changes.metadata.sorted_tables:
            everything += connection.execute(select(table)).all()
        return everything

    kept = await world.database.read(rows)

    for secret in ("12345678", "Clarks Ltd"):
        assert not any(secret in str(each) for row in kept for each in row)


async def test_a_repeated_proposal_is_known_without_its_account(fund: World) -> None:
    await fund.money("10")
    asked = await fund.submit("1")
    fields: dict[str, Any] = {"supplier_id": asked.supplier_id, "account_holder": "A shop"}
    request = suppliers.ProposePayeeRequest(
        request_id=rid(), sort_code="200000", account_number="12345678", reason="new", **fields
    )

    first = await fund.call(OFFICER, "ProposePayee", request)
    again = await fund.call(OFFICER, "ProposePayee", request)
    plain = idempotency.input_hash(request)
    request.account_number = "99999999"

    assert first == again
    assert await refusal(fund.call(OFFICER, "ProposePayee", request)) == "REQUEST_ID_REUSED"
    kept = payee_changes.metadata.tables["idempotency"].c.input_hash
    hashes = await fund.database.read(lambda it: it.execute(select(kept)).scalars().all())
    assert plain not in hashes


async def test_verify_names_a_payment_by_who_recorded_and_approved_it(fund: World) -> None:
    await invoiced(fund, "A 1")
    file = await create(fund)
    found: list[Any] = []

    def forge(connection: Connection) -> None:
        for table in ("payment_files", "payment_lines"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_for_good")
        connection.execute(update(payment_files).values(created_by=OFFICER.subject))
        connection.execute(update(payment_lines).values(approver_pays_up_to=0))
        found.extend(verify(connection))
        connection.rollback()

    await fund.database.write(forge)
    assert {(each.invariant, each.row) for each in found} == {(12, f"payment_lines {file.id} 1")}
    assert len(found) == 3
