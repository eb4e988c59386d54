"""What was told of each child in a year, and up to when an authority's registers were looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.children.storage import IN_MAX
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

ABSENCE_LEVEL = Table(
    "absence_level",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("academic_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("on_day", Integer, nullable=False),
    Index("absence_level_number", "tenant", "number"),
)
ABSENCE_LOOK = Table(
    "absence_look",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("looked_at", UtcDateTime, nullable=False),
)
ABSENCE_SCHOOL = Table(
    "absence_school",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("academic_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("urn", String(6), primary_key=True),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a child: its level, and how many events told it."""

    level: int
    sequence: int


def looked_at(connection: Connection, tenant: str, *, lock: bool = False) -> datetime | None:
    """Return the moment up to which registers were looked at; None before the first look."""
    query = select(ABSENCE_LOOK.c.looked_at).where(ABSENCE_LOOK.c.tenant == tenant)
    found: datetime | None = connection.execute(
        query.with_for_update() if lock else query
    ).scalar_one_or_none()
    return found


def set_looked_at(connection: Connection, tenant: str, moment: datetime) -> None:
    """Remember up to when registers were looked at."""
    table = ABSENCE_LOOK
    done = connection.execute(
        update(table).where(table.c.tenant == tenant).values(looked_at=moment)
    )
    if not done.rowcount:
        connection.execute(insert(table), {"tenant": tenant, "looked_at": moment})


def schools_looked_at(connection: Connection, tenant: str, year: int) -> set[str]:
    """Return the schools whose registers of a year were looked at before."""
    table = ABSENCE_SCHOOL.c
    query = select(table.urn).where(table.tenant == tenant, table.academic_year == year)
    return set(connection.execute(query).scalars())


def add_schools(connection: Connection, tenant: str, year: int, urns: Iterable[str]) -> None:
    """Remember that registers of a year were looked at."""
    rows = [{"tenant": tenant, "academic_year": year, "urn": urn} for urn in sorted(urns)]
    if rows:
        connection.execute(insert(ABSENCE_SCHOOL), rows)


def told(connection: Connection, tenant: str, year: int, numbers: Iterable[int]) -> dict[int, Told]:
    """Return what was told of children in a year."""
    wanted, found = sorted(set(numbers)), dict[int, Told]()
    table = ABSENCE_LEVEL.c
    for start in range(0, len(wanted), IN_MAX):
        query = select(table.number, table.level, table.sequence).where(
            table.tenant == tenant,
            table.academic_year == year,
            one_of(connection, table.number, wanted[start : start + IN_MAX]),
        )
        rows = connection.execute(query).all()
        found.update((number, Told(level, sequence)) for number, level, sequence in rows)
    return found


def replace(connection: Connection, tenant: str, year: int, rows: list[Row]) -> None:
    """Write what is told of children now: `number`, `level`, `sequence` and `on_day` of each."""
    if not rows:
        return
    table = ABSENCE_LEVEL
    mine = (table.c.tenant == tenant, table.c.academic_year == year)
    numbers = [row["number"] for row in rows]
    for start in range(0, len(numbers), IN_MAX):
        part = one_of(connection, table.c.number, numbers[start : start + IN_MAX])
        connection.execute(delete(table).where(*mine, part))
    key = {"tenant": tenant, "academic_year": year}
    connection.execute(insert(table), [{**key, **row} for row in rows])


def above(connection: Connection, tenant: str, number: int) -> list[tuple[int, int, int]]:
    """Return the years in which a child stands above a line: year, level and sequence."""
    table = ABSENCE_LEVEL.c
    query = select(table.academic_year, table.level, table.sequence).where(
        table.tenant == tenant, table.number == number, table.level > 0
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def levels_told(connection: Connection, tenant: str, year: int) -> dict[int, int]:
    """Return the level of every child above a line in a year, by number."""
    table = ABSENCE_LEVEL.c
    query = select(table.number, table.level).where(
        table.tenant == tenant, table.academic_year == year, table.level > 0
    )
    return {row.number: row.level for row in connection.execute(query)}


def forget(connection: Connection, tenant: str, number: int) -> None:
    """Delete all that was told of a child."""
    table = ABSENCE_LEVEL
    connection.execute(delete(table).where(table.c.tenant == tenant, table.c.number == number))
