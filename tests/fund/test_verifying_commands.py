"""What a kill, a second writer, a storm and a split sum would leave behind is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from services.fund.storage import tables
from services.fund.verification import Finding, verify
from tests.fund.by_sql import Undone
from tests.fund.world import OFFICER, World, rid

JOURNALS, FACTS, PURCHASES = tables.journals, tables.purchase_facts, tables.purchases
ANSWERS = tables.metadata.tables["idempotency"]
OUTBOX = tables.metadata.tables["outbox"]
Left = Callable[[Connection], None]


async def found_after(world: World, left: Left, *triggers: str) -> list[Finding]:
    """Return what is found in a database in such a state; then put it back."""
    found: list[Finding] = []

    def act(connection: Connection) -> None:
        for trigger in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        left(connection)
        found[:] = verify(connection)
        raise Undone

    with pytest.raises(Undone):
        await world.database.write(act)
    return found


def rows_of(found: list[Finding], invariant: int) -> list[str]:
    return [each.row for each in found if each.invariant == invariant]


async def approved(world: World) -> Any:
    await world.money()
    await world.limit()
    asked = await world.submit()
    return await world.step(OFFICER, "ApprovePurchase", asked.id)


async def test_half_a_command_is_named_and_so_is_a_promise_without_a_journal(fund: World) -> None:
    asked = await approved(fund)
    (reserved, committed) = await fund.journals(asked.id)

    def unanswered(connection: Connection) -> None:
        mine = ANSWERS.c.request_id == committed.command_id
        connection.execute(delete(ANSWERS).where(mine))

    def refused(connection: Connection) -> None:
        mine = ANSWERS.c.request_id == committed.command_id
        connection.execute(update(ANSWERS).where(mine).values(answer=None, refusal="{}"))

    def lost(connection: Connection) -> None:
        mine = tables.entries.c.journal_id == reserved.id
        connection.execute(delete(tables.entries).where(mine))
        connection.execute(delete(JOURNALS).where(JOURNALS.c.id == reserved.id))

    for left in (unanswered, refused):
        found = await found_after(fund, left)
        assert rows_of(found, 17) == [f"journals {committed.id}"]
    found = await found_after(fund, lost, "journals_no_delete", "entries_no_delete")
    assert rows_of(found, 17) == [f"idempotency {reserved.command_id}"]


async def test_what_two_writers_would_leave_is_named(fund: World) -> None:
    asked = await approved(fund)

    def told_twice(connection: Connection) -> None:
        row = connection.execute(select(OUTBOX).where(OUTBOX.c.resource != asked.id)).first()
        again = {**row._mapping, "id": 10_000, "event_id": rid()} if row else {}
        connection.execute(insert(OUTBOX).values(again))

    def stepped_over(connection: Connection) -> None:
        connection.execute(update(PURCHASES).values(state="ordered"))

    def from_elsewhere(connection: Connection) -> None:
        second = FACTS.c.position == 2
        connection.execute(update(FACTS).where(second).values(from_state="queried"))

    assert len(rows_of(await found_after(fund, told_twice), 18)) == 1
    found = await found_after(fund, stepped_over)
    assert rows_of(found, 18) == [f"purchases {asked.id}"]
    found = await found_after(fund, from_elsewhere, "purchase_facts_no_update")
    assert rows_of(found, 18) == [f"purchase_facts {asked.id}"]


async def test_an_overdraft_that_later_money_hides_is_named(fund: World) -> None:
    asked = await approved(fund)
    journals = await fund.journals()
    given, reserved = (
        next(each.id for each in journals if each.kind == kind) for kind in ("allocate", "reserve")
    )

    def before_its_money(connection: Connection) -> None:
        numbers = dict(
            connection.execute(
                select(JOURNALS.c.id, JOURNALS.c.sequence).where(
                    JOURNALS.c.id.in_([given, reserved])
                )
            ).all()
        )
        moves = ((given, 99), (reserved, numbers[given]), (given, numbers[reserved]))
        for journal_id, number in moves:
            mine = JOURNALS.c.id == journal_id
            connection.execute(update(JOURNALS).where(mine).values(sequence=number))

    found = await found_after(fund, before_its_money, "journals_no_update")

    assert asked.id
    assert rows_of(found, 20) == [f"journals {reserved}"]
    assert rows_of(found, 4) == []


async def test_an_approval_that_left_another_out_of_its_count_is_named(fund: World) -> None:
    await approved(fund)
    fund.clock.set(fund.clock.now() + timedelta(days=1))
    second = await fund.submit()
    await fund.step(OFFICER, "ApprovePurchase", second.id)
    decisions = tables.decisions
    mine = decisions.c.purchase_id == second.id

    def alone(connection: Connection) -> None:
        connection.execute(update(decisions).where(mine).values(counted=decisions.c.amount))

    found = await found_after(fund, alone, "decisions_no_update")

    assert [each.split()[0] for each in rows_of(found, 12)] == ["decisions"]
    assert "were approved in its window" in found[0].message
