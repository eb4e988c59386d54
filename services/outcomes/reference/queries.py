"""Reads of schools and calendars, for rpcs and for the rest of this service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.errors import SchoolNotFound
from services.outcomes.reference import storage, versions
from services.outcomes.reference.calendars import Days, Span, lay_out
from services.outcomes.reference.domain import School
from services.outcomes.reference.lineage import Link, lineage


def get_school(connection: Connection, tenant: str, urn: str) -> School:
    """Return one school.

    Raises:
        SchoolNotFound: No such school in the authority (SCHOOL_NOT_FOUND).
    """
    found = storage.schools(connection, tenant, [urn]).get(urn)
    if found is None:
        raise SchoolNotFound(urn)
    return found


def school_on(
    connection: Connection, tenant: str, urn: str, *, on: date | None, as_of: datetime | None
) -> School:
    """Return one school as it was on a day, as was known at a moment; as it is now for neither.

    Before the first day of which anything is known it is as it was first known.

    Raises:
        SchoolNotFound: No such school in the authority, or none known then (SCHOOL_NOT_FOUND).
    """
    if on is None and as_of is None:
        return get_school(connection, tenant, urn)
    found = versions.on(connection, tenant, urn, day=on, as_of=as_of)
    if found is None:
        raise SchoolNotFound(urn)
    return found


def links(connection: Connection, tenant: str, urn: str) -> list[Link]:
    """Return every school that one follows or that follows it, however many steps away.

    Raises:
        SchoolNotFound: No such school in the authority (SCHOOL_NOT_FOUND).
    """
    get_school(connection, tenant, urn)
    return lineage(storage.schools(connection, tenant), urn)


def with_predecessors(connection: Connection, tenant: str, urn: str) -> list[str]:
    """Return a school's URN and those of every school that it follows."""
    return [urn, *(one.urn for one in links(connection, tenant, urn) if one.steps < 0)]


def require_schools(connection: Connection, who: Principal, action: str, urns: set[str]) -> None:
    """Do nothing when the schools exist and the caller may do `action` at each of them.

    Raises:
        SchoolNotFound: One is unknown (SCHOOL_NOT_FOUND).
        PermissionDenied: One is another's (ACTION_NOT_ALLOWED).
    """
    known = storage.schools(connection, who.tenant, urns)
    for urn in sorted(urns):
        if urn not in known:
            raise SchoolNotFound(urn)
        access.require_school(who, action, urn)


def calendars(
    connection: Connection, tenant: str, urns: Iterable[str], *, as_of: datetime | None = None
) -> dict[str, Days]:
    """Return each school's calendar; schools without spans of their own share one object."""
    wanted = list(urns)
    spans = storage.spans(connection, tenant, wanted, as_of=as_of)
    authority = spans.get(storage.AUTHORITY, [])
    shared = lay_out(authority)
    return {urn: lay_out([*authority, *spans[urn]]) if urn in spans else shared for urn in wanted}


def calendar(connection: Connection, tenant: str, urn: str) -> Days:
    """Return one school's calendar.

    Raises:
        SchoolNotFound: No such school in the authority (SCHOOL_NOT_FOUND).
    """
    get_school(connection, tenant, urn)
    return calendars(connection, tenant, [urn])[urn]


def authority_spans(connection: Connection, tenant: str) -> list[Span]:
    """Return the authority's own spans, in the order they were set."""
    return storage.spans(connection, tenant, []).get(storage.AUTHORITY, [])
