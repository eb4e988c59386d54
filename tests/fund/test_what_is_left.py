"""What is left of a budget costs as much to read after 16 times the journals, at every level.

Time is not asked, it depends on the machine: what is counted is statements, and rows on PostgreSQL
or steps of the virtual machine on SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, func, select, text

from services.fund.queries import budgets as queries
from services.fund.storage.paging import Cut
from services.fund.storage.tables import journals
from tests.fund.world import OFFICER, OTHER_SCHOOL, SCHOOL, World, pence

_ROWS = text(
    "SELECT coalesce(sum(seq_tup_read), 0) + coalesce(sum(idx_tup_fetch), 0) "
    "FROM pg_stat_xact_user_tables"
)
FEW, GROWTH = 4, 16


@contextmanager
def counted(connection: Connection, counts: dict[str, int]) -> Iterator[list[str]]:
    """Count what the connection does meanwhile; the statements are listed too."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    def step() -> int:
        counts["steps"] = counts.get("steps", 0) + 1
        return 0

    sqlite = connection.dialect.name == "sqlite"
    raw: Any = connection.connection.dbapi_connection
    before = 0 if sqlite else int(connection.execute(_ROWS).scalar_one())
    event.listen(connection, "before_cursor_execute", note)
    if sqlite:
        raw.set_progress_handler(step, 1)
    yield statements
    event.remove(connection, "before_cursor_execute", note)
    counts["statements"] = len(statements)
    if sqlite:
        raw.set_progress_handler(None, 1)
    else:
        counts["rows"] = int(connection.execute(_ROWS).scalar_one()) - before


async def cost(world: World, budget_ids: list[str]) -> list[dict[str, int]]:
    """Return what it takes to read each budget, and all of them as a list."""

    def read(connection: Connection) -> list[dict[str, int]]:
        found: list[dict[str, int]] = []
        for budget_id in (*budget_ids, ""):
            found.append({})
            with counted(connection, found[-1]) as statements:
                if budget_id:
                    queries.get(connection, OFFICER, budget_id)
                else:
                    queries.page(connection, OFFICER, Cut("", 50), parent_id="", school_urn="")
            assert not any("journals" in each or "entries" in each for each in statements)
        return found

    return await world.database.read(read)


async def journal_count(world: World) -> int:
    query = select(func.count()).select_from(journals)
    return await world.database.read(lambda connection: connection.execute(query).scalar_one())


async def test_what_is_left_costs_the_same_after_sixteen_times_the_journals(world: World) -> None:
    source, top = await world.source(), await world.budget()
    area = await world.budget("AREA", parent_id=top.id, school_urns=[SCHOOL, OTHER_SCHOOL])
    school = await world.budget("SCHOOL", parent_id=area.id, school_urns=[SCHOOL])
    levels = [top.id, area.id, school.id]
    for budget_id in levels:
        await world.allocate(budget_id, source.id, "300")
    for _ in range(FEW):
        await world.submit("1")

    few, cheap = await journal_count(world), await cost(world, levels)
    while await journal_count(world) < GROWTH * few:
        await world.submit("1")
    many, dear = await journal_count(world), await cost(world, levels)

    assert many >= GROWTH * few
    assert dear == cheap
    assert all(each.get("steps") or each.get("rows") for each in cheap)
    assert all(each["statements"] <= 4 for each in cheap), cheap
    left = await world.budget_now(top.id)
    assert pence(left.figures.available) == 90_000 - 100 * (many - few + FEW)
