"""Writes of schools and calendars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.chassis.clock import london_date
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.errors import CalendarSpanInvalid, SchoolNotFound, SchoolTwice
from services.outcomes.reference import storage, versions
from services.outcomes.reference.calendars import SPAN_DAYS_MAX, Days, Span, lay_out
from services.outcomes.reference.domain import School


@dataclass(frozen=True, slots=True)
class SchoolsImported:
    """What an import of schools did: how many were new, replaced, or already so."""

    added: int
    replaced: int
    unchanged: int


def upsert_school(work: UnitOfWork, school: School, effective: date | None = None) -> School:
    """Add a school or replace what is known of it."""
    import_schools(work, [school], effective)
    return school


def import_schools(
    work: UnitOfWork, given: Sequence[School], effective: date | None = None
) -> SchoolsImported:
    """Add or replace many schools; what was known of them before stays as a version.

    Args:
        work: The unit of work.
        given: The schools.
        effective: First day of what is new of them; today when None.

    Raises:
        SchoolTwice: A URN stands twice (SCHOOL_TWICE).
        PermissionDenied: The caller does not keep the authority's schools.
    """
    access.require_school(work.caller, "school.edit", None)
    twice = [urn for urn, count in Counter(school.urn for school in given).items() if count > 1]
    if twice:
        raise SchoolTwice(f"school {twice[0]} stands twice", field="schools", urn=twice[0])
    known = storage.schools(work.connection, work.tenant, [school.urn for school in given])
    new = [school for school in given if school.urn not in known]
    other = [school for school in given if known.get(school.urn, school) != school]
    storage.add_schools(work.connection, work.tenant, new, at=work.at)
    for school in other:
        storage.replace_school(work.connection, work.tenant, school, at=work.at)
    first = effective or london_date(work.at)
    versions.add(work.connection, work.tenant, [*new, *other], first=first, at=work.at)
    return SchoolsImported(len(new), len(other), len(given) - len(new) - len(other))


def set_calendar(work: UnitOfWork, urn: str, spans: Sequence[Span]) -> Days:
    """Add spans to a school's calendar, or to the authority's where `urn` is empty.

    Returns:
        The calendar in force for it now.

    Raises:
        SchoolNotFound: No such school in the authority (SCHOOL_NOT_FOUND).
        CalendarSpanInvalid: A span ends before it begins or is too long.
        PermissionDenied: It is another's school, or the authority's own calendar.
    """
    for place, span in enumerate(spans):
        days = (span.last - span.first).days
        if not 0 <= days <= SPAN_DAYS_MAX:
            raise CalendarSpanInvalid(
                f"spans[{place}]: it must end on or after its first day, at most "
                f"{SPAN_DAYS_MAX} days later",
                field=f"spans[{place}].last_date",
                span=place,
            )
    if urn and urn not in storage.schools(work.connection, work.tenant, [urn]):
        raise SchoolNotFound(urn)
    access.require_school(work.caller, "calendar.set", urn or None)
    storage.add_spans(work.connection, work.tenant, urn, spans, at=work.at)
    found = storage.spans(work.connection, work.tenant, [urn] if urn else [])
    own = found.get(urn, []) if urn else []
    return lay_out([*found.get(storage.AUTHORITY, []), *own])
