"""The guards of approvals as somebody meets them who writes to the tables: the same refusals."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Update, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.fund.storage import tables
from tests.fund.approving import THIRD_OFFICER, amend, approve
from tests.fund.world import OFFICER, PRACTITIONER, SECOND_OFFICER, World, rid

DECISIONS, PURCHASES = tables.decisions, tables.purchases
ANOTHER_SHOP: dict[str, Any] = {"supplier_name": "Another shop"}


async def approved(world: World) -> str:
    """Have a purchase approved by an officer whose limit is £500."""
    await world.money()
    await world.limit()
    await world.limit(SECOND_OFFICER, "100")
    asked = await world.submit("50")
    await approve(world, OFFICER, asked.id)
    return str(asked.id)


FORGED = [
    pytest.param({"decider": PRACTITIONER.subject}, id="self-approval"),
    pytest.param({"counted": 500_01}, id="splitting under the limit"),
    pytest.param({"limit_amount": 900_00, "counted": 900_00}, id="a limit that nobody set"),
    pytest.param({"decider": SECOND_OFFICER.subject}, id="somebody else's limit"),
    pytest.param({"on_behalf_of": PRACTITIONER.subject}, id="delegation round segregation"),
    pytest.param({"on_behalf_of": SECOND_OFFICER.subject}, id="the limit of whom one covers"),
]


@pytest.mark.parametrize("forged", FORGED)
async def test_a_forged_decision_is_refused(world: World, forged: dict[str, Any]) -> None:
    await approved(world)

    def forge(connection: Connection) -> None:
        row = dict(connection.execute(select(DECISIONS)).mappings().one())
        anew = {"id": rid(), "purchase_version": 99}
        connection.execute(insert(DECISIONS).values({**row, **anew, **forged}))

    with pytest.raises(IntegrityError):
        await world.database.write(forge)


async def test_an_approval_is_not_replayed_after_its_limit_was_lowered(world: World) -> None:
    await approved(world)
    await world.limit(OFFICER, "40")

    def replay(connection: Connection) -> None:
        row = dict(connection.execute(select(DECISIONS)).mappings().one())
        again = {**row, "id": rid(), "purchase_version": 99}
        connection.execute(insert(DECISIONS).values(again))

    with pytest.raises(IntegrityError):
        await world.database.write(replay)


EDITS = [
    pytest.param(update(PURCHASES).values(**ANOTHER_SHOP), id="as it is approved"),
    pytest.param(
        update(PURCHASES).values(**ANOTHER_SHOP, revision=2), id="as a version that is approved"
    ),
    pytest.param(
        update(PURCHASES).values(**ANOTHER_SHOP, approved_at=None), id="as the same version"
    ),
    pytest.param(update(PURCHASES).values(child_ids=[rid()]), id="for another child"),
    pytest.param(update(PURCHASES).values(lines=[]), id="for other lines"),
]


@pytest.mark.parametrize("edit", EDITS)
async def test_what_was_approved_is_not_edited(world: World, edit: Update) -> None:
    await approved(world)

    with pytest.raises(IntegrityError):
        await world.database.write(lambda connection: connection.execute(edit) and None)


async def test_what_nobody_decided_on_is_not_approved(world: World) -> None:
    purchase_id = await approved(world)
    await amend(world, purchase_id, "60")
    approving = update(PURCHASES).values(
        approved_at=world.clock.now(), approver=THIRD_OFFICER.subject
    )

    with pytest.raises(IntegrityError):
        await world.database.write(lambda connection: connection.execute(approving) and None)
