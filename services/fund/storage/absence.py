"""Children above a line of absence, as the outcomes service told; no rate ever comes here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from services.fund.storage.tables.absence import children_above


def set_line(
    connection: Connection, tenant: str, child: tuple[str, int], *, line: str, above: bool
) -> None:
    """Record that a child has reached a line in an academic year, or left it.

    Args:
        connection: The writer's.
        tenant: The authority.
        child: The child's id and the academic year, by the year it starts in.
        line: `persistent` or `severe`.
        above: Whether the child is above it now; a child above none has no row.
    """
    table, (child_id, year) = children_above, child
    mine = (
        table.c.tenant == tenant,
        table.c.child_id == child_id,
        table.c.academic_year == year,
    )
    done = connection.execute(update(table).where(*mine).values({line: above}))
    if above and not done.rowcount:
        row = {"tenant": tenant, "child_id": child_id, "academic_year": year}
        lines = {"persistent": False, "severe": False, line: True}
        connection.execute(insert(table), {**row, **lines})
    if not above:
        none = (table.c.persistent.is_(False), table.c.severe.is_(False))
        connection.execute(delete(table).where(*mine, *none))


def above_lines(
    connection: Connection, tenant: str, child_ids: Sequence[str], *, year: int
) -> tuple[int, int]:
    """Return how many of some children are above the lines of persistent and severe absence."""
    table = children_above.c
    query = select(table.persistent, table.severe, func.count()).where(
        table.tenant == tenant, table.academic_year == year, table.child_id.in_(child_ids)
    )
    rows = connection.execute(query.group_by(table.persistent, table.severe)).all()
    return (
        sum(count for persistent, _, count in rows if persistent),
        sum(count for _, severe, count in rows if severe),
    )
