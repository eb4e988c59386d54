"""Tables of schools and calendars. A school's facts are replaced; a calendar is added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from services.chassis.tables import UtcDateTime
from services.outcomes.reference.calendars import DayKind, SessionsOfDay, Span
from services.outcomes.reference.domain import Phase, School
from services.outcomes.storage.metadata import metadata

AUTHORITY = ""
"""In place of a URN: the calendar that every school follows where its own says nothing."""

_IN_MAX = 500

SCHOOL = Table(
    "school",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("urn", String(6), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("phase", SmallInteger, nullable=False),
    Column("laestab", String(7), nullable=False),
    Column("cluster", String(100), nullable=False),
    Column("predecessor_urn", String(6), nullable=False),
    Column("other_predecessor_urns", Text, nullable=False),
    Column("opened", Integer),
    Column("closed", Integer),
    Column("changed_at", UtcDateTime, nullable=False),
)

CALENDAR_SPAN = Table(
    "calendar_span",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("urn", String(6), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("sessions", SmallInteger, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

_FACTS = (
    "urn",
    "name",
    "phase",
    "laestab",
    "cluster",
    "predecessor_urn",
    "other_predecessor_urns",
    "opened",
    "closed",
)


def schools(
    connection: Connection, tenant: str, urns: Iterable[str] | None = None
) -> dict[str, School]:
    """Return the schools asked, or all, by URN; unknown ones are left out."""
    columns = [SCHOOL.c[name] for name in _FACTS]
    query = select(*columns).where(SCHOOL.c.tenant == tenant).order_by(SCHOOL.c.urn)
    if urns is None:
        return {row.urn: _school(row) for row in connection.execute(query)}
    wanted, found = list(dict.fromkeys(urns)), {}
    for start in range(0, len(wanted), _IN_MAX):
        part = query.where(SCHOOL.c.urn.in_(wanted[start : start + _IN_MAX]))
        found.update({row.urn: _school(row) for row in connection.execute(part)})
    return found


def page(
    connection: Connection,
    tenant: str,
    *,
    after: str,
    limit: int,
    cluster: str = "",
) -> list[School]:
    """Return schools in URN order after a URN."""
    query = select(*[SCHOOL.c[name] for name in _FACTS]).where(
        SCHOOL.c.tenant == tenant, SCHOOL.c.urn > after
    )
    if cluster:
        query = query.where(SCHOOL.c.cluster == cluster)
    return [_school(row) for row in connection.execute(query.order_by(SCHOOL.c.urn).limit(limit))]


def _school(row: Any) -> School:
    return School(
        urn=row.urn,
        name=row.name,
        phase=Phase(row.phase),
        laestab=row.laestab,
        cluster=row.cluster,
        predecessor_urn=row.predecessor_urn,
        other_predecessor_urns=tuple(row.other_predecessor_urns.split()),
        opened=date.fromordinal(row.opened) if row.opened else None,
        closed=date.fromordinal(row.closed) if row.closed else None,
    )


def _values(school: School) -> dict[str, Any]:
    values = {name: getattr(school, name) for name in _FACTS}
    values["other_predecessor_urns"] = " ".join(school.other_predecessor_urns)
    for name in ("opened", "closed"):
        values[name] = values[name] and values[name].toordinal()
    return values


def add_schools(
    connection: Connection, tenant: str, new: Sequence[School], *, at: datetime
) -> None:
    """Insert schools whose URNs are new."""
    if new:
        rows = [{"tenant": tenant, "changed_at": at, **_values(school)} for school in new]
        connection.execute(insert(SCHOOL), rows)


def replace_school(connection: Connection, tenant: str, school: School, *, at: datetime) -> None:
    """Replace the facts of a known school."""
    connection.execute(
        update(SCHOOL)
        .where(SCHOOL.c.tenant == tenant, SCHOOL.c.urn == school.urn)
        .values(changed_at=at, **_values(school))
    )


def lock_schools(connection: Connection, tenant: str, urns: Iterable[str]) -> None:
    """Hold the rows of schools until the commit, so that two replicas change a register in turn."""
    wanted = sorted(set(urns))
    for start in range(0, len(wanted), _IN_MAX):
        connection.execute(
            select(SCHOOL.c.urn)
            .where(SCHOOL.c.tenant == tenant, SCHOOL.c.urn.in_(wanted[start : start + _IN_MAX]))
            .order_by(SCHOOL.c.urn)
            .with_for_update()
        ).all()


def add_spans(
    connection: Connection, tenant: str, urn: str, spans: Sequence[Span], *, at: datetime
) -> None:
    """Add spans behind those that are there."""
    last = connection.execute(
        select(func.max(CALENDAR_SPAN.c.number)).where(
            CALENDAR_SPAN.c.tenant == tenant, CALENDAR_SPAN.c.urn == urn
        )
    ).scalar_one()
    rows = [
        {
            "tenant": tenant,
            "urn": urn,
            "number": (last or 0) + place,
            "first_day": span.first.toordinal(),
            "last_day": span.last.toordinal(),
            "kind": span.kind,
            "sessions": span.sessions,
            "recorded_at": at,
        }
        for place, span in enumerate(spans, start=1)
    ]
    connection.execute(insert(CALENDAR_SPAN), rows)


def spans(
    connection: Connection,
    tenant: str,
    urns: Iterable[str] | None = None,
    *,
    as_of: datetime | None = None,
) -> dict[str, list[Span]]:
    """Return the spans of each school asked (or of all), the authority's own first in each."""
    table = CALENDAR_SPAN.c
    query = select(table.urn, table.first_day, table.last_day, table.kind, table.sessions).where(
        table.tenant == tenant
    )
    if as_of is not None:
        query = query.where(table.recorded_at <= as_of)
    wanted = None if urns is None else set(urns)
    if wanted is not None and len(wanted) < _IN_MAX:
        query = query.where(table.urn.in_([AUTHORITY, *sorted(wanted)]))
    found: dict[str, list[Span]] = {}
    for row in connection.execute(query.order_by(table.urn, table.number)):
        found.setdefault(row.urn, []).append(_span(row))
    return found


def _span(row: Any) -> Span:
    return Span(
        date.fromordinal(row.first_day),
        date.fromordinal(row.last_day),
        DayKind(row.kind),
        SessionsOfDay(row.sessions),
    )
