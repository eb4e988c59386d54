"""What a reader is shown of attendance: a child's, a school's, a week of a register."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.children import queries as children
from services.outcomes.children import storage as child_storage
from services.outcomes.errors import ImportNotFound
from services.outcomes.incoming_rows.findings import Finding, Rule
from services.outcomes.measures.counts import COUNTERS, HalfTermCounts
from services.outcomes.measures.rates import Attendance, persistent, severe
from services.outcomes.reference import queries as reference
from services.outcomes.reference.codes import BY_INDEX, WITHDRAWN
from services.outcomes.register import queries, storage
from services.outcomes.register.domain.marks import week_of
from services.outcomes.register.imported import Imported


@dataclass(frozen=True, slots=True)
class TermAttendance:
    """Attendance in one half-term; (0, 0) is outside every half-term."""

    academic_year: int
    half_term: int
    attendance: Attendance


@dataclass(frozen=True, slots=True)
class AttendanceReport:
    """Attendance by half-term, and who of the latest academic year missed how much.

    Attributes:
        terms: In order of date.
        total: All of them together.
        children: With marks in the latest academic year.
        persistent: Of these, who missed a tenth or more.
        severe: Of these, who missed half or more.
    """

    terms: tuple[TermAttendance, ...]
    total: Attendance
    children: int
    persistent: int
    severe: int


@dataclass(frozen=True, slots=True)
class Week:
    """A school's week: for each child's id, fourteen codes."""

    monday: date
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def child_attendance(
    connection: Connection, who: Principal, child_id: str, *, as_of: datetime | None
) -> AttendanceReport:
    """Return a child's attendance, across schools.

    Raises:
        ChildNotFound: No such child (CHILD_NOT_FOUND).
        PermissionDenied: The child is at another's school.
    """
    child = children.known_child(connection, who.tenant, child_id)
    access.require_any_school(who, "attendance.see", child.urns())
    counts = queries.half_term_counts(connection, who.tenant, urns=child.urns(), as_of=as_of)
    mine = counts.numbers == child.number
    return _report(HalfTermCounts(counts.numbers[mine], counts.terms, counts.counts[mine]))


def school_attendance(
    connection: Connection,
    who: Principal,
    urn: str,
    *,
    as_of: datetime | None,
    with_predecessors: bool = False,
) -> AttendanceReport:
    """Return a school's attendance, also that of the schools it followed where asked.

    Raises:
        SchoolNotFound: No such school (SCHOOL_NOT_FOUND).
        PermissionDenied: It is another's school.
    """
    reference.require_schools(connection, who, "attendance.see", {urn})
    urns = [urn]
    if with_predecessors:
        urns = reference.with_predecessors(connection, who.tenant, urn)
    return _report(queries.half_term_counts(connection, who.tenant, urns=urns, as_of=as_of))


def _report(counts: HalfTermCounts) -> AttendanceReport:
    by_term = counts.counts.sum(axis=0, dtype=np.int64)
    used = [place for place in range(len(counts.terms)) if by_term[place].any()]
    terms = tuple(
        TermAttendance(*counts.terms[place], Attendance.of(by_term[place])) for place in used
    )
    latest = max((term.academic_year for term in terms), default=0)
    year = counts.of_year(latest) if terms else np.zeros((0, COUNTERS), np.int64)
    return AttendanceReport(
        terms=terms,
        total=Attendance.of(by_term.sum(axis=0)) if terms else Attendance(),
        children=int(np.count_nonzero(year.any(axis=1))),
        persistent=int(np.count_nonzero(persistent(year))),
        severe=int(np.count_nonzero(severe(year))),
    )


def register_week(
    connection: Connection, who: Principal, urn: str, *, day: date, as_of: datetime | None
) -> Week:
    """Return the week of a school's register that holds a day.

    Raises:
        SchoolNotFound: No such school (SCHOOL_NOT_FOUND).
        PermissionDenied: It is another's school.
    """
    reference.require_schools(connection, who, "attendance.see", {urn})
    week = week_of(day.toordinal())
    monday = date.fromordinal(week * 7 + 1)
    for held in storage.blocks(connection, who.tenant, urns=[urn], weeks=(week, week), as_of=as_of):
        numbers = held.block.numbers.tolist()
        ids = child_storage.ids(connection, who.tenant, numbers)
        rows = (
            (ids[number], _codes(codes))
            for number, codes in zip(numbers, held.block.codes.tolist(), strict=True)
        )
        return Week(monday, tuple(rows))
    return Week(monday, ())


def _codes(indexes: Sequence[int]) -> tuple[str, ...]:
    return tuple("" if index in {0, WITHDRAWN} else BY_INDEX[index].code for index in indexes)


def get_import(connection: Connection, who: Principal, import_id: str) -> Imported:
    """Return an import.

    Raises:
        ImportNotFound: No such import in the authority (IMPORT_NOT_FOUND).
        PermissionDenied: It holds marks of another's school.
    """
    row = storage.get_import(connection, who.tenant, import_id)
    if row is None:
        raise ImportNotFound(import_id)
    done = imported_from(row)
    for urn in done.urns:
        access.require_school(who, "register.see", urn)
    return done


def list_imports(
    connection: Connection, who: Principal, *, before: str, limit: int
) -> list[Imported]:
    """Return imports that are older than `before`, newest first.

    Those who see single schools are shown imports of no other school.
    """
    seen = access.schools_seen(who, "register.see")
    found: list[Imported] = []
    while len(found) < limit:
        rows = storage.imports(connection, who.tenant, before=before, limit=limit)
        every = [imported_from(row) for row in rows]
        found.extend(one for one in every if seen is None or seen.issuperset(one.urns))
        if len(rows) < limit:
            break
        before = rows[-1].id
    return found[:limit]


def imported_from(row: Any) -> Imported:
    """Return an import as it was stored."""
    some = row.first_day > 0
    return Imported(
        id=row.id,
        source=row.source,
        sha256=row.sha256,
        recorded_at=row.recorded_at,
        imported_by=row.imported_by,
        marks=row.marks,
        added=row.added,
        changed=row.changed,
        children=row.children,
        urns=tuple(json.loads(row.urns)),
        first=date.fromordinal(row.first_day) if some else None,
        last=date.fromordinal(row.last_day) if some else None,
        warnings=tuple(
            Finding(one["row"], one["column"], one["value"], Rule(one["rule"]))
            for one in json.loads(row.warnings)
        ),
        refused=row.refused,
        held=row.held,
    )
