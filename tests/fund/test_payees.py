"""Where suppliers are paid: two officers and a day for every change."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import suppliers_service_pb2 as pb
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from services.chassis.auth import Principal
from services.fund.storage.tables.payees import payee_decisions
from tests.fund.approving import refusal
from tests.fund.world import FOREIGNER, OFFICER, SECOND_OFFICER, TENANT, World, rid

IN_FORCE = pb.PAYEE_CHANGE_STATE_IN_FORCE


async def propose(
    world: World, supplier_id: str, number: str = "12345678", who: Principal = OFFICER
) -> Any:
    request = pb.ProposePayeeRequest(
        request_id=rid(),
        supplier_id=supplier_id,
        account_holder="Clarks Ltd",
        sort_code="200000",
        account_number=number,
        reason="rang the number on file",
    )
    return await world.call(who, "ProposePayee", request)


async def confirm(world: World, change_id: str, who: Principal = SECOND_OFFICER) -> Any:
    request = pb.ConfirmPayeeRequest(request_id=rid(), payee_change_id=change_id)
    return await world.call(who, "ConfirmPayee", request)


async def reject(world: World, change_id: str) -> Any:
    request = pb.RejectPayeeRequest(request_id=rid(), payee_change_id=change_id, reason="not them")
    return await world.call(OFFICER, "RejectPayee", request)


async def in_force(world: World, supplier_id: str) -> tuple[str, bool]:
    """Return the account's last digits that hold, and whether a change waits or is on hold."""
    request = pb.GetSupplierRequest(supplier_id=supplier_id)
    supplier = await world.call(OFFICER, "GetSupplier", request)
    return supplier.account_ending, supplier.change_pending


async def supplier_of(world: World) -> str:
    await world.money()
    return str((await world.submit()).supplier_id)


async def test_new_details_hold_a_day_after_a_second_officer(world: World) -> None:
    supplier_id = await supplier_of(world)
    proposed = await propose(world, supplier_id)
    assert proposed.account_ending == "5678"
    confirmed = await confirm(world, proposed.id)
    assert confirmed.state == pb.PAYEE_CHANGE_STATE_ON_HOLD

    world.clock.advance(hours=23, minutes=59)
    assert await in_force(world, supplier_id) == ("", True)
    world.clock.advance(minutes=1)

    assert await in_force(world, supplier_id) == ("5678", False)
    request = pb.GetSupplierRequest(supplier_id=supplier_id)
    supplier = await world.call(OFFICER, "GetSupplier", request)
    assert (supplier.name, supplier.account_ending) == ("Clarks", "5678")
    listed = (await world.call(OFFICER, "ListSuppliers", pb.ListSuppliersRequest())).suppliers
    assert list(listed) == [supplier]


async def test_nobody_confirms_their_own_and_nothing_is_decided_twice(fund: World) -> None:
    supplier_id = await supplier_of(fund)
    change = await propose(fund, supplier_id)

    assert await refusal(confirm(fund, change.id, OFFICER)) == "PROPOSER_MAY_NOT_CONFIRM"
    assert await refusal(confirm(fund, change.id, FOREIGNER)) == "PAYEE_CHANGE_NOT_FOUND"
    assert await refusal(propose(fund, supplier_id)) == "PAYEE_CHANGE_WAITING"
    await confirm(fund, change.id)
    assert await refusal(confirm(fund, change.id)) == "PAYEE_CHANGE_DECIDED"
    assert await refusal(propose(fund, rid())) == "SUPPLIER_NOT_FOUND"


async def test_a_change_on_hold_can_be_stopped_and_the_old_one_holds_on(world: World) -> None:
    supplier_id = await supplier_of(world)
    await confirm(world, (await propose(world, supplier_id)).id)
    world.clock.advance(days=2)
    fraud = await propose(world, supplier_id, "99999999")
    await confirm(world, fraud.id)

    assert await in_force(world, supplier_id) == ("5678", True)
    stopped = await reject(world, fraud.id)
    world.clock.advance(days=2)

    assert stopped.state == pb.PAYEE_CHANGE_STATE_REJECTED
    assert await in_force(world, supplier_id) == ("5678", False)
    assert await refusal(reject(world, fraud.id)) == "PAYEE_CHANGE_DECIDED"
    request = pb.ListPayeeChangesRequest(supplier_id=supplier_id)
    listed = (await world.call(OFFICER, "ListPayeeChanges", request)).payee_changes
    assert [each.state for each in listed] == [pb.PAYEE_CHANGE_STATE_REJECTED, IN_FORCE]


async def test_a_rejected_proposal_makes_room_for_another(fund: World) -> None:
    supplier_id = await supplier_of(fund)
    change = await propose(fund, supplier_id)

    await reject(fund, change.id)

    assert (await propose(fund, supplier_id)).state == pb.PAYEE_CHANGE_STATE_PROPOSED


FORGED = [
    pytest.param({"decided_by": OFFICER.subject}, id="by one officer"),
    pytest.param(
        {"decided_by": OFFICER.subject, "proposed_by": SECOND_OFFICER.subject},
        id="by one officer in another's name",
    ),
    pytest.param({"hold_s": 60}, id="for a minute"),
]


@pytest.mark.parametrize("forged", FORGED)
async def test_the_table_itself_refuses_one_officer_and_a_short_hold(
    world: World, forged: dict[str, Any]
) -> None:
    change = await propose(world, await supplier_of(world))
    row = {
        "change_id": change.id,
        "tenant": TENANT,
        "confirmed": "yes",
        "proposed_by": OFFICER.subject,
        "decided_by": SECOND_OFFICER.subject,
        "decided_at": world.clock.now(),
        "hold_s": 86400,
        **forged,
    }

    def write(connection: Connection) -> None:
        connection.execute(insert(payee_decisions).values(row))

    with pytest.raises(IntegrityError):
        await world.database.write(write)
