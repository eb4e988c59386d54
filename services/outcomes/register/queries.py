"""Reads of registers for the rest of this service; the package's docstring lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from services.outcomes.children import storage as children
from services.outcomes.children.domain import Enrolment
from services.outcomes.children.enrolments import enrolments
from services.outcomes.measures.counts import COUNTERS, HalfTermCounts, counts_of_rows
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import Days
from services.outcomes.register import recent, storage
from services.outcomes.register.domain.marks import week_of
from services.outcomes.register.domain.matrix import SessionMatrix
from services.outcomes.register.domain.strips import strips
from services.outcomes.register.sessions import assembled
from services.outcomes.register.storage import REGISTER_CHANGE

OUTSIDE = (0, 0)
"""The half-term of marks that are in none."""


def child_numbers(connection: Connection, tenant: str, child_ids: Iterable[str]) -> dict[str, int]:
    """Return the tenant-local numbers of children by id; unknown ids are left out."""
    return children.by_id(connection, tenant, child_ids)


def sessions_of(
    connection: Connection,
    tenant: str,
    numbers: Sequence[int] | NDArray[np.int32],
    *,
    as_of: datetime | None = None,
    enrolled: Mapping[int, Sequence[Enrolment]] | None = None,
) -> SessionMatrix:
    """Return the children's sessions in school-day order, across schools.

    Args:
        connection: To read with.
        tenant: The authority.
        numbers: The children, without repetition.
        as_of: Register, calendars and rolls as they were known then; as they are now when None.
        enrolled: The children's times on each roll, where the caller has read them already.
    """
    asked = np.asarray(numbers, np.int32)
    if enrolled is None:
        enrolled = _enrolled(connection, tenant, asked, as_of)
    urns = sorted({one.urn for every in enrolled.values() for one in every})
    calendars = reference.calendars(connection, tenant, urns, as_of=as_of)
    if as_of is None:
        return assembled(asked, enrolled, calendars, recent.registers(connection, tenant, urns))
    held = storage.blocks(connection, tenant, urns=urns, as_of=as_of)
    then = strips((one.urn, one.week, one.block) for one in held)
    return assembled(asked, enrolled, calendars, then)


def _enrolled(
    connection: Connection, tenant: str, asked: NDArray[np.int32], as_of: datetime | None
) -> dict[int, list[Enrolment]]:
    found: dict[int, list[Enrolment]] = {}
    for start in range(0, len(asked), children.IN_MAX):
        part = asked[start : start + children.IN_MAX].tolist()
        found.update(enrolments(connection, tenant, part, as_of=as_of))
    return found


def half_term_counts(
    connection: Connection,
    tenant: str,
    *,
    urns: Iterable[str] | None = None,
    as_of: datetime | None = None,
) -> HalfTermCounts:
    """Return the counters of each child and half-term, recomputed from the blocks.

    A child at two schools in a half-term has the sessions of both.

    Args:
        connection: To read with.
        tenant: The authority.
        urns: Only these schools; every school when None.
        as_of: The register and calendars as they stood then; as they are now when None.
    """
    held = list(storage.blocks(connection, tenant, urns=urns, as_of=as_of))
    calendars = reference.calendars(connection, tenant, {one.urn for one in held}, as_of=as_of)
    terms_of = _terms_of(calendars)
    terms = sorted({terms_of.get((one.urn, one.week), OUTSIDE) for one in held})
    place = {term: index for index, term in enumerate(terms)}
    numbers, row_of = _rows([one.block.numbers for one in held])
    counts = np.zeros((len(terms), len(numbers), COUNTERS), np.uint16)
    for one in held:
        term = place[terms_of.get((one.urn, one.week), OUTSIDE)]
        counts[term, row_of[one.block.numbers]] += counts_of_rows(one.block.codes)
    return HalfTermCounts(numbers, terms, counts.transpose(1, 0, 2))


def _rows(
    columns: Sequence[NDArray[np.int32]],
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return the distinct numbers, and for each number its place among them."""
    top = max((int(column[-1]) for column in columns if len(column)), default=0)
    present = np.zeros(top + 1, np.bool_)
    for column in columns:
        present[column] = True
    numbers = np.flatnonzero(present).astype(np.int32)
    row_of = np.zeros(top + 1, np.intp)
    row_of[numbers] = np.arange(len(numbers))
    return numbers, row_of


def _terms_of(calendars: dict[str, Days]) -> dict[tuple[str, int], tuple[int, int]]:
    """Return the half-term of each school's week: no week is in two, by how they are cut."""
    by_calendar: dict[int, dict[int, tuple[int, int]]] = {}
    found = {}
    for urn, days in calendars.items():
        weeks = by_calendar.setdefault(id(days), {})
        if not weeks:
            for term in days.half_terms():
                span = range(week_of(term.first.toordinal()), week_of(term.last.toordinal()) + 1)
                weeks.update(dict.fromkeys(span, (term.academic_year, term.number)))
        found.update({(urn, week): term for week, term in weeks.items()})
    return found


def changed_since(connection: Connection, tenant: str, moment: datetime) -> list[tuple[str, int]]:
    """Return the school and week of every block that changed after a moment."""
    table = REGISTER_CHANGE.c
    rows = connection.execute(
        select(table.urn, table.week)
        .where(table.tenant == tenant, table.recorded_at > moment)
        .distinct()
        .order_by(table.urn, table.week)
    )
    return [(row.urn, row.week) for row in rows]
