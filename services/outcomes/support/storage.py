"""The table of unfunded support: a row for each version, only ever added to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    insert,
    select,
)

from services.chassis.tables import UtcDateTime
from services.outcomes.child_events.domain import Change
from services.outcomes.child_events.storage import FOREVER, read_for
from services.outcomes.children.storage import IN_MAX
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of
from services.outcomes.support.domain import Details, Giver, Kind, Support

UNFUNDED_SUPPORT = Table(
    "unfunded_support",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("giver", SmallInteger, nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("withdrawn", SmallInteger, nullable=False),
    Column("change", SmallInteger, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Index("unfunded_support_number", "tenant", "number"),
    Index("unfunded_support_recorded", "tenant", "recorded_at"),
)


def add(connection: Connection, tenant: str, support: Support) -> None:
    """Insert a version."""
    details = support.details
    row = {
        "tenant": tenant,
        "id": support.id,
        "version": support.version,
        "number": support.number,
        "kind": int(details.kind),
        "giver": int(details.giver),
        "first_day": details.first.toordinal(),
        "last_day": FOREVER if details.last is None else details.last.toordinal(),
        "withdrawn": int(support.withdrawn),
        "change": int(support.change),
        "recorded_at": support.recorded_at,
        "recorded_by": support.recorded_by,
    }
    connection.execute(insert(UNFUNDED_SUPPORT), row)


def newest(connection: Connection, tenant: str, support_id: str) -> Support | None:
    """Return the newest version of one."""
    table = UNFUNDED_SUPPORT.c
    query = (
        select(UNFUNDED_SUPPORT)
        .where(table.tenant == tenant, table.id == support_id)
        .order_by(table.version.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return _support(row) if row else None


def of_children(
    connection: Connection, tenant: str, numbers: Iterable[int], *, as_of: datetime | None = None
) -> dict[int, list[Support]]:
    """Return the newest version of each support by child, in the order of first records.

    What a merged child had stands under the child that it is read through, at a moment or now.
    """
    table, latest = UNFUNDED_SUPPORT.c, dict[str, Support]()
    whose = read_for(connection, tenant, numbers, as_of=as_of)
    wanted = sorted(whose)
    for start in range(0, len(wanted), IN_MAX):
        query = select(UNFUNDED_SUPPORT).where(
            table.tenant == tenant,
            one_of(connection, table.number, wanted[start : start + IN_MAX]),
        )
        if as_of is not None:
            query = query.where(table.recorded_at <= as_of)
        for row in connection.execute(query.order_by(table.id, table.version)):
            latest[row.id] = _support(row)
    found: dict[int, list[Support]] = {}
    for _, support in sorted(latest.items()):
        found.setdefault(whose[support.number], []).append(support)
    return found


def _support(row: Any) -> Support:
    return Support(
        id=row.id,
        number=row.number,
        version=row.version,
        details=Details(
            kind=Kind(row.kind),
            giver=Giver(row.giver),
            first=date.fromordinal(row.first_day),
            last=None if row.last_day >= FOREVER else date.fromordinal(row.last_day),
        ),
        withdrawn=bool(row.withdrawn),
        change=Change(row.change),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
