"""What the database itself refuses, whoever asks it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Executable, delete, insert, update
from sqlalchemy.exc import DBAPIError

from services.fund.storage import tables
from tests.fund.world import OFFICER, World

CHANGES = [
    pytest.param(update(tables.entries).values(amount=1), id="an entry is changed"),
    pytest.param(delete(tables.entries), id="an entry is deleted"),
    pytest.param(update(tables.journals).values(kind="gift"), id="a journal is changed"),
    pytest.param(delete(tables.purchase_facts), id="a fact is deleted"),
    pytest.param(delete(tables.decisions), id="a decision is deleted"),
    pytest.param(delete(tables.receipts), id="a receipt is deleted"),
    pytest.param(
        update(tables.pots).values(available=tables.pots.c.available + 1), id="a pot grows"
    ),
    pytest.param(
        update(tables.pots).values(available=-1, reserved=tables.pots.c.allocated + 1),
        id="a pot is overdrawn",
    ),
    pytest.param(
        update(tables.purchases).values(approver=tables.purchases.c.requester),
        id="the requester approves",
    ),
    pytest.param(
        update(tables.purchase_shares).values(spent=1), id="a share spends what it has not"
    ),
    pytest.param(update(tables.sources).values(unallocated=1), id="a source grows"),
    pytest.param(update(tables.pots).values(closed=True), id="a pot is closed over live money"),
    pytest.param(update(tables.journals).values(hash=bytes(32)), id="a journal is chained anew"),
    pytest.param(
        insert(tables.period_facts).values(
            period_id="p",
            position=1,
            tenant="E06000050",
            action="reopened",
            state="soft_closed",
            actor="officer-1",
            second="",
            reason="alone",
            at=datetime(2027, 4, 1, tzinfo=UTC),
        ),
        id="a year is reopened by one officer",
    ),
]


@pytest.mark.parametrize("statement", CHANGES)
async def test_books_cannot_be_changed_behind_their_back(
    world: World, statement: Executable
) -> None:
    await world.money()
    await world.limit()
    asked = await world.submit()
    await world.step(OFFICER, "ApprovePurchase", asked.id)

    def change(connection: Connection) -> None:
        connection.execute(statement)

    with pytest.raises(DBAPIError):
        await world.database.write(change)
