"""Measures of events for a reader: of one child, and of the children of a school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.child_events import measures, queries
from services.outcomes.child_events.measures import Span
from services.outcomes.children import storage as children
from services.outcomes.children.domain import Child
from services.outcomes.children.enrolments import ENROLMENT
from services.outcomes.reference import queries as reference

_ACTION = "attendance.see"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A span of days, and the moment up to which events were recorded; None is now."""

    first: date
    last: date
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolReport:
    """What happened to the children of a school in a span.

    Attributes:
        children: On its roll in any day of the span.
        spells, sessions: Suspensions there, and the sessions lost to them.
        suspended, excluded, off_roll: Children with one or more.
        sessions_off_roll: That the school held while they were on no roll.
    """

    children: int
    spells: int
    sessions: int
    suspended: int
    excluded: int
    sessions_off_roll: int
    off_roll: int


def child_measures(connection: Connection, who: Principal, child_id: str, *, asked: Asked) -> Span:
    """Return the measures of a child, as one row.

    Raises:
        ChildNotFound: No such child, or it was erased (CHILD_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
    """
    child = queries.living_child(connection, who.tenant, child_id)
    access.require_any_school(who, _ACTION, child.urns())
    columns = measures.columns_of(connection, who.tenant, [child.number], as_of=asked.as_of)
    calendars = reference.calendars(connection, who.tenant, child.urns())
    then = children.children(connection, who.tenant, [child.number], as_of=asked.as_of)
    known = [then.get(child.number, child)]
    return measures.span_of(columns, known, calendars, first=asked.first, last=asked.last)


def school_measures(
    connection: Connection, who: Principal, urn: str, *, asked: Asked
) -> SchoolReport:
    """Return the measures of a school.

    Raises:
        SchoolNotFound: No such school (SCHOOL_NOT_FOUND).
        PermissionDenied: It is another's school (ACTION_NOT_ALLOWED).
    """
    reference.require_schools(connection, who, _ACTION, {urn})
    mine = _on_roll(connection, who.tenant, urn, asked)
    numbers = np.array([child.number for child in mine], np.int64)
    columns = measures.columns_of(connection, who.tenant, numbers.tolist(), as_of=asked.as_of)
    here = columns.where(columns.urn == int(urn))
    calendars = reference.calendars(connection, who.tenant, [urn])
    span = measures.span_of(here, mine, {}, first=asked.first, last=asked.last)
    away = [
        measures.sessions_off_roll(child, calendars, asked.first, last=asked.last, urn=urn)
        for child in mine
    ]
    return SchoolReport(
        children=len(mine),
        spells=int(span.spells.sum()),
        sessions=int(span.sessions.sum()),
        suspended=int((span.spells > 0).sum()),
        excluded=int((span.excluded > 0).sum()),
        sessions_off_roll=sum(away),
        off_roll=sum(1 for sessions in away if sessions),
    )


def _on_roll(connection: Connection, tenant: str, urn: str, asked: Asked) -> list[Child]:
    """Return the children who were on a school's roll in any day of a span."""
    table = ENROLMENT.c
    ever = connection.execute(
        select(table.number).where(table.tenant == tenant, table.urn == urn).distinct()
    ).scalars()
    known = children.children(connection, tenant, ever, as_of=asked.as_of)
    return [
        child
        for _, child in sorted(known.items())
        if any(
            one.urn == urn
            and one.first <= asked.last
            and (one.last is None or one.last >= asked.first)
            for one in child.enrolments
        )
    ]
