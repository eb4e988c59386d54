"""What was known of schools: from which day it holds, and when it became known. Only added to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, Text, func, insert, select

from services.chassis.tables import UtcDateTime
from services.outcomes.reference.domain import Phase, School
from services.outcomes.storage.metadata import metadata
from services.outcomes.storage.value_lists import one_of

SCHOOL_VERSION = Table(
    "school_version",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("urn", String(6), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("first_day", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)


def add(
    connection: Connection, tenant: str, given: Sequence[School], *, first: date, at: datetime
) -> None:
    """Add a version of each school, which holds from a day on."""
    if not given:
        return
    table = SCHOOL_VERSION.c
    query = (
        select(table.urn, func.max(table.version))
        .where(table.tenant == tenant, one_of(connection, table.urn, [one.urn for one in given]))
        .group_by(table.urn)
    )
    last = {row[0]: int(row[1]) for row in connection.execute(query)}
    rows = [
        {
            "tenant": tenant,
            "urn": one.urn,
            "version": last.get(one.urn, 0) + 1,
            "first_day": first.toordinal(),
            "facts": json.dumps(_plain(one), ensure_ascii=False),
            "recorded_at": at,
        }
        for one in given
    ]
    connection.execute(insert(SCHOOL_VERSION), rows)


def on(
    connection: Connection, tenant: str, urn: str, *, day: date | None, as_of: datetime | None
) -> School | None:
    """Return a school as it was on a day, as known at a moment; None when it was not known.

    Of versions that hold on the day the one that begins last and, of those that begin together,
    the one recorded last; before the first of them, the one that begins first.
    """
    table = SCHOOL_VERSION.c
    query = (
        select(table.first_day, table.facts)
        .where(table.tenant == tenant, table.urn == urn)
        .order_by(table.version)
    )
    if as_of is not None:
        query = query.where(table.recorded_at <= as_of)
    rows = connection.execute(query).all()
    if not rows:
        return None
    ordinal = day.toordinal() if day else date.max.toordinal()
    begun = [row for row in rows if row.first_day <= ordinal]
    chosen = (
        max(enumerate(begun), key=lambda item: (item[1].first_day, item[0]))[1]
        if begun
        else min(rows, key=lambda row: row.first_day)
    )
    return _school(urn, json.loads(chosen.facts))


def _plain(school: School) -> dict[str, Any]:
    return {
        "name": school.name,
        "phase": int(school.phase),
        "laestab": school.laestab,
        "cluster": school.cluster,
        "predecessors": school.predecessors(),
        "opened": school.opened.isoformat() if school.opened else "",
        "closed": school.closed.isoformat() if school.closed else "",
    }


def _school(urn: str, facts: dict[str, Any]) -> School:
    first, *others = facts["predecessors"] or [""]
    return School(
        urn=urn,
        name=facts["name"],
        phase=Phase(facts["phase"]),
        laestab=facts["laestab"],
        cluster=facts["cluster"],
        predecessor_urn=first,
        other_predecessor_urns=tuple(others),
        opened=date.fromisoformat(facts["opened"]) if facts["opened"] else None,
        closed=date.fromisoformat(facts["closed"]) if facts["closed"] else None,
    )
