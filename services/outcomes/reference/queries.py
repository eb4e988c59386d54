"""Reads of schools and calendars, for rpcs and for the rest of this service."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.errors import SchoolNotFound
from services.outcomes.reference import storage
from services.outcomes.reference.calendars import Days, Span, lay_out
from services.outcomes.reference.domain import School


def get_school(connection: Connection, tenant: str, urn: str) -> School:
    """Return one school.

    Raises:
        SchoolNotFound: No such school in the authority (SCHOOL_NOT_FOUND).
    """
    found = storage.schools(connection, tenant, [urn]).get(urn)
    if found is None:
        raise SchoolNotFound(urn)
    return found


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
