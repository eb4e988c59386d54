"""The table of events: a row for each version, only ever added to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    insert,
    select,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.child_events.domain import Event
from services.outcomes.children import merged
from services.outcomes.children.storage import CHILD, IN_MAX
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

FOREVER = date.max.toordinal()
"""Last day of what goes on, and of a permanent exclusion."""

CHILD_EVENT = Table(
    "child_event",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("urn", String(6), nullable=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("sessions", SmallInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("status_day", Integer, nullable=False),
    Column("withdrawn", SmallInteger, nullable=False),
    Column("change", SmallInteger, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Index("child_event_number", "tenant", "number"),
    Index("child_event_recorded", "tenant", "recorded_at"),
)

_PLAIN = (
    *("id", "version", "number", "kind", "urn", "first_day", "last_day", "sessions"),
    *("status", "status_day", "withdrawn", "change", "recorded_by"),
)


def row_of(tenant: str, event: Event, sealed: bytes) -> Row:
    """Return a version as a row."""
    details = event.details
    row = {
        "tenant": tenant,
        "id": event.id,
        "version": event.version,
        "number": event.number,
        "kind": int(event.kind),
        "urn": event.urn,
        "first_day": details.first.toordinal(),
        "last_day": FOREVER if details.last is None else details.last.toordinal(),
        "sessions": details.sessions,
        "status": int(details.status),
        "status_day": details.status_on.toordinal() if details.status_on else 0,
        "withdrawn": int(event.withdrawn),
        "change": int(event.change),
        "recorded_at": event.recorded_at,
        "recorded_by": event.recorded_by,
        "sealed": sealed,
    }
    return {**row, "digest": digest_of(tenant, row)}


def digest_of(tenant: str, row: Any) -> bytes:
    """Return SHA-256 over all that a version says, so that a change behind its back shows."""
    held = [tenant, *(row[name] for name in _PLAIN), row["recorded_at"].isoformat()]
    held.append(bytes(row["sealed"]))
    return hashlib.sha256(repr(held).encode()).digest()


def add(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert versions."""
    if rows:
        connection.execute(insert(CHILD_EVENT), list(rows))


def lock_children(connection: Connection, tenant: str, numbers: Iterable[int]) -> None:
    """Hold children's rows until the commit, so that two replicas add to them in turn."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), IN_MAX):
        connection.execute(
            select(CHILD.c.number)
            .where(
                CHILD.c.tenant == tenant,
                one_of(connection, CHILD.c.number, wanted[start : start + IN_MAX]),
            )
            .order_by(CHILD.c.number)
            .with_for_update()
        ).all()


def versions_of(
    connection: Connection,
    tenant: str,
    ids: Sequence[str],
    *,
    as_of: datetime | None = None,
) -> dict[str, list[Any]]:
    """Return the rows of every version of events, oldest first, by id."""
    table, found = CHILD_EVENT.c, dict[str, list[Any]]()
    query = select(CHILD_EVENT).where(table.tenant == tenant, one_of(connection, table.id, ids))
    if as_of is not None:
        query = query.where(table.recorded_at <= as_of)
    for row in connection.execute(query.order_by(table.id, table.version)).mappings():
        found.setdefault(row["id"], []).append(row)
    return found


def read_for(
    connection: Connection, tenant: str, numbers: Iterable[int], *, as_of: datetime | None = None
) -> dict[int, int]:
    """Return every number whose events are read for some children, with the child's own.

    A child that was merged into another is read for that one, at a moment or now.
    """
    wanted = set(numbers)
    through = merged.survivors(connection, tenant, as_of=as_of)
    others = {number: kept for number, kept in through.items() if kept in wanted}
    return {**{number: number for number in wanted}, **others}


def of_children(connection: Connection, tenant: str, numbers: Iterable[int]) -> list[Any]:
    """Return the newest row of each event of children, in the order they were first recorded."""
    table, latest = CHILD_EVENT.c, dict[str, Any]()
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), IN_MAX):
        query = select(CHILD_EVENT).where(
            table.tenant == tenant,
            one_of(connection, table.number, wanted[start : start + IN_MAX]),
        )
        for row in connection.execute(query.order_by(table.id, table.version)).mappings():
            latest[row["id"]] = row
    return list(latest.values())
