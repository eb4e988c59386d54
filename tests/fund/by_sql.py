"""Writing to the tables past the product, and what the database answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Executable, insert, select
from sqlalchemy.exc import DBAPIError

from services.fund.storage import tables
from tests.fund.world import OFFICER, SECOND_OFFICER, World, rid


class Undone(Exception):
    """A statement was taken; it is rolled back, so that the books stay right."""


async def answers(world: World, statements: Mapping[str, Executable]) -> dict[str, str]:
    """Return what the database says to each statement; `taken` where it does not refuse."""
    return {name: await _answer(world, each) for name, each in statements.items()}


async def _answer(world: World, statement: Executable) -> str:
    def act(connection: Connection) -> None:
        connection.execute(statement)
        raise Undone

    try:
        await world.database.write(act)
    except Undone:
        return "taken"
    except DBAPIError as refused:
        return str(refused.orig).splitlines()[0]
    raise AssertionError("neither taken nor refused")


def unexpected(answered: Mapping[str, str], expected: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that do not say what is expected; which of two guards speaks first is
    each database's own, so that expectations are patterns.
    """
    return {
        name: answer
        for name, answer in answered.items()
        if name not in expected or not re.search(expected[name], answer)
    }


async def row_of(world: World, table: Any, **columns: Any) -> dict[str, Any]:
    """Return the newest row of a table with these values, as the product wrote it."""
    wanted = [table.c[name] == value for name, value in columns.items()]

    def read(connection: Connection) -> dict[str, Any]:
        rows = connection.execute(select(table).where(*wanted)).mappings().all()
        return dict(rows[-1])

    return await world.database.read(read)


async def decided(world: World) -> tuple[str, dict[str, Any]]:
    """Have one request approved and return another, with the decision that would be right on it.

    The officer's limit is £500, the second officer's £100.
    """
    await world.money()
    await world.limit()
    await world.limit(SECOND_OFFICER, "100")
    asked = await world.submit("50")
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    row = await row_of(world, tables.decisions, purchase_id=asked.id)
    other = await world.submit("50")
    return other.id, {**row, "id": rid(), "purchase_id": other.id, "counted": 100_00}


def forged(row: Mapping[str, Any], **changes: Any) -> Executable:
    """Return the statement that inserts a decision with other values."""
    return insert(tables.decisions).values({**row, **changes})


async def wrong(
    world: World, row: Mapping[str, Any], cases: Mapping[str, tuple[Mapping[str, Any], str]]
) -> dict[str, str]:
    """Insert a decision with each case's changes; return what is not answered as expected."""
    answered = await answers(world, {name: forged(row, **new) for name, (new, _) in cases.items()})
    return unexpected(answered, {name: words for name, (_, words) in cases.items()})
