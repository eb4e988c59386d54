"""The table of enrolments: valid from a first to a last day, and known from a moment on.

A correction is a new version of the same enrolment, which is one child, school and first day. A
version whose last day is before its first says that the child was never on that roll. Every read
can be asked as of a moment, and then knows the versions recorded by then and no others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Select,
    SmallInteger,
    String,
    Table,
    exists,
    select,
)

from services.chassis.tables import Row, UtcDateTime
from services.outcomes.children.domain import Enrolment, EnrolmentStatus
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

FOREVER = date.max.toordinal()
_STATUSES = {int(status): status for status in EnrolmentStatus}

ENROLMENT = Table(
    "enrolment",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("urn", String(6), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first_day", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("last_day", Integer, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index("enrolment_number", "tenant", "number"),
    sqlite_with_rowid=False,
)


def enrolments(
    connection: Connection,
    tenant: str,
    numbers: Iterable[int],
    *,
    as_of: datetime | None = None,
) -> dict[int, list[Enrolment]]:
    """Return the enrolments of children in order of first day, as known at a moment or now."""
    table, found = ENROLMENT.c, dict[int, list[Enrolment]]()
    query = (
        select(table.number, table.first_day, table.urn, table.last_day, table.status)
        .where(table.tenant == tenant, one_of(connection, table.number, numbers))
        .order_by(table.number, table.first_day, table.urn, table.version)
    )
    if as_of is not None:
        query = query.where(table.recorded_at <= as_of)
    # Of the versions of one enrolment, which stand together, the last is written over the others.
    newest = {
        (number, first_day, urn): (last_day, status)
        for number, first_day, urn, last_day, status in connection.execute(query).all()
    }
    for (number, first_day, urn), (last_day, status) in newest.items():
        if last_day < first_day:
            continue
        enrolment = Enrolment(
            urn=urn,
            first=date.fromordinal(first_day),
            last=None if last_day >= FOREVER else date.fromordinal(last_day),
            status=_STATUSES[status],
        )
        found.setdefault(number, []).append(enrolment)
    return found


def enrolment_row(
    tenant: str, number: int, enrolment: Enrolment, *, version: int, at: datetime
) -> Row:
    """Return an enrolment as a row."""
    return {
        "tenant": tenant,
        "urn": enrolment.urn,
        "number": number,
        "first_day": enrolment.first.toordinal(),
        "version": version,
        "last_day": FOREVER if enrolment.last is None else enrolment.last.toordinal(),
        "status": int(enrolment.status),
        "recorded_at": at,
    }


def never_row(tenant: str, number: int, enrolment: Enrolment, *, version: int, at: datetime) -> Row:
    """Return the row that says a child was never on a roll from that first day."""
    row = enrolment_row(tenant, number, enrolment, version=version, at=at)
    return {**row, "last_day": enrolment.first.toordinal() - 1}


def enrolment_version(
    connection: Connection, tenant: str, number: int, enrolment: Enrolment
) -> int:
    """Return the newest version of an enrolment; 0 when there is none."""
    table = ENROLMENT.c
    found = connection.execute(
        select(table.version)
        .where(
            table.tenant == tenant,
            table.urn == enrolment.urn,
            table.number == number,
            table.first_day == enrolment.first.toordinal(),
        )
        .order_by(table.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or 0


def on_rolls(
    tenant: str,
    *,
    urns: Collection[str] | None,
    on: date | None,
    as_of: datetime | None,
) -> Select[tuple[int]]:
    """Return the query for the numbers of children on rolls.

    Args:
        tenant: The authority.
        urns: Of these schools; of any when None.
        on: On roll that day; ever when None.
        as_of: As was known at a moment; as is known now when None.
    """
    held, newer = ENROLMENT.c, ENROLMENT.alias("newer")
    same = [newer.c[name] == held[name] for name in ("tenant", "urn", "number", "first_day")]
    replaced: Select[Any] = select(newer.c.version).where(*same, newer.c.version > held.version)
    query = select(held.number).where(held.tenant == tenant, held.last_day >= held.first_day)
    if as_of is not None:
        query = query.where(held.recorded_at <= as_of)
        replaced = replaced.where(newer.c.recorded_at <= as_of)
    query = query.where(~exists(replaced))
    if urns is not None:
        query = query.where(held.urn.in_(sorted(urns)))
    if on is not None:
        query = query.where(held.first_day <= on.toordinal(), held.last_day >= on.toordinal())
    return query
