"""What the product's own queries answer, beside the recompute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes.children.erased import erased_numbers
from services.outcomes.measures.rates import Attendance
from services.outcomes.reference import storage as reference
from services.outcomes.register import queries, reports
from services.outcomes.thresholds import totals
from services.outcomes.thresholds.storage import levels_told, looked_at
from services.outcomes.verification import happened, statements
from services.outcomes.verification.findings import Difference, Kind
from services.outcomes.verification.recompute import Counters, Recompute

_SAME = 1e-9
_RATES = ("absence", "authorised", "unauthorised", "illness", "late")


def differences(connection: Connection, tenant: str) -> list[Difference]:
    """Return everything that differs in one authority; nothing when the ledger holds."""
    recompute = Recompute(connection, tenant)
    try:
        recompute.run()
        whole = [urn for urn in recompute.urns if urn not in recompute.damaged]
        found = [*recompute.found]
        found += _children(connection, tenant, whole, recompute.by_child())
        known = reference.schools(connection, tenant, whole)
        for urn in whole:
            if urn in known:
                found += _school(connection, tenant, urn, recompute)
        found += _levels(connection, tenant, recompute)
        found += happened.differences(connection, tenant)
        return found
    finally:
        recompute.close()


def _children(
    connection: Connection, tenant: str, urns: Sequence[str], theirs: Counters
) -> Iterator[Difference]:
    ours = _answered(connection, tenant, urns)
    for key in sorted({*ours, *theirs}):
        none = (0,) * len(statements.COUNTERS)
        mine, made = ours.get(key, none), theirs.get(key, none)
        for name, left, right in zip(statements.COUNTERS, mine, made, strict=True):
            if left != right:
                child, year, number = key
                place = f"child {child}, half-term {number} of {year}, {name}"
                yield Difference(tenant, Kind.COUNTER, place, str(left), str(right))


def _answered(connection: Connection, tenant: str, urns: Sequence[str]) -> Counters:
    counts = queries.half_term_counts(connection, tenant, urns=urns)
    children, terms = np.nonzero(counts.counts.any(axis=2))
    rows = counts.counts[children, terms].tolist()
    numbers = counts.numbers[children].tolist()
    return {
        (number, *counts.terms[term]): tuple(row)
        for number, term, row in zip(numbers, terms.tolist(), rows, strict=True)
    }


def _school(
    connection: Connection, tenant: str, urn: str, recompute: Recompute
) -> Iterator[Difference]:
    """Compare a school's report: its half-terms, its rates, and who missed how much."""
    who = Principal.system(tenant)
    report = reports.school_attendance(connection, who, urn, as_of=None)
    ours = [(term.academic_year, term.half_term, *_eight(term.attendance)) for term in report.terms]
    theirs = recompute.of_school(urn, statements.BY_SCHOOL)
    if ours != theirs:
        yield Difference(
            tenant, Kind.HALF_TERMS, f"school {urn}, half-terms", str(ours), str(theirs)
        )
    (rates,) = recompute.of_school(urn, statements.RATES)
    for name, left, right in zip(_RATES, _rates(report.total), rates, strict=True):
        if not _same(left, right):
            yield Difference(tenant, Kind.RATE, f"school {urn}, {name}", str(left), str(right))
    (made,) = recompute.of_school(urn, statements.THRESHOLDS)
    mine = (report.children, report.persistent, report.severe)
    for name, left, right in zip(("children", "persistent", "severe"), mine, made, strict=True):
        if left != right:
            place = f"school {urn}, {name}"
            yield Difference(tenant, Kind.THRESHOLD, place, str(left), str(right))


def _levels(connection: Connection, tenant: str, recompute: Recompute) -> Iterator[Difference]:
    """Compare who was told to be above a line, once every change has been looked at."""
    looked, changed = looked_at(connection, tenant), totals.changed_at(connection, tenant)
    if recompute.damaged or looked is None or changed is None or looked < changed:
        return
    year = totals.latest_year(connection, tenant)
    made = recompute.levels(year)
    told = levels_told(connection, tenant, year)
    numbers = sorted({*made, *told})
    gone = erased_numbers(connection, tenant, numbers)
    for number in numbers:
        left, right = told.get(number, 0), made.get(number, 0)
        if left != right and number not in gone:
            place = f"child {number}, year {year}, level of absence"
            yield Difference(tenant, Kind.LEVEL, place, str(left), str(right))


def _eight(attendance: Attendance) -> tuple[int, ...]:
    return tuple(getattr(attendance, name) for name in statements.COUNTERS)


def _rates(total: Attendance) -> tuple[float | None, ...]:
    parts = (total.absent, total.authorised, total.unauthorised, total.illness, total.late)
    return tuple(total.percent(part) for part in parts)


def _same(left: float | None, right: Any) -> bool:
    if left is None or right is None:
        return left is None and right is None
    return abs(left - float(right)) < _SAME
