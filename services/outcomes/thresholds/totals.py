"""A year of some schools' registers added up, all their children at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from services.outcomes.children.enrolments import ENROLMENT
from services.outcomes.children.storage import IN_MAX
from services.outcomes.measures.counts import COUNTERS, counts_of_rows
from services.outcomes.reference.calendars import academic_year
from services.outcomes.register import storage as register
from services.outcomes.register.domain.marks import week_of
from services.outcomes.register.storage import REGISTER_BLOCK, REGISTER_CHANGE
from services.outcomes.storage.value_lists import one_of
from services.outcomes.thresholds.domain import levels_of

_YEAR_STARTS = 8
_WEEKS = 60
_URNS_MAX = 500


@dataclass(frozen=True, slots=True)
class YearTotals:
    """Where each child stands in a year.

    Attributes:
        year: Academic year by the year it starts in.
        numbers: int64[children], ascending.
        levels: int8[children].
        last_days: int64[children], ordinal of the last day with a mark.
    """

    year: int
    numbers: NDArray[np.int64]
    levels: NDArray[np.int8]
    last_days: NDArray[np.int64]


def changed_at(connection: Connection, tenant: str) -> datetime | None:
    """Return when a register of the authority was changed last."""
    table = REGISTER_CHANGE.c
    query = select(func.max(table.recorded_at)).where(table.tenant == tenant)
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def changed_schools(connection: Connection, tenant: str, since: datetime | None) -> list[str]:
    """Return the schools whose registers changed after a moment; every school when None."""
    table = REGISTER_CHANGE.c
    query = select(table.urn).where(table.tenant == tenant).distinct()
    if since is not None:
        query = query.where(table.recorded_at > since)
    return sorted(connection.execute(query).scalars())


def latest_year(connection: Connection, tenant: str) -> int:
    """Return the academic year that the authority's registers have reached."""
    table = REGISTER_BLOCK.c
    week = connection.execute(
        select(func.max(table.week)).where(table.tenant == tenant)
    ).scalar_one()
    return academic_year(date.fromordinal(int(week) * 7 + 1)) if week else 0


def year_totals(
    connection: Connection, tenant: str, urns: Sequence[str], *, year: int
) -> YearTotals:
    """Return the children of some schools, with their marks of the year at every school."""
    mine = _on_rolls(connection, tenant, urns)
    every = sorted({*urns, *_schools_of(connection, tenant, mine, year)})
    first = week_of(date(year, _YEAR_STARTS, 1).toordinal())
    top = int(mine.max(initial=0)) + 1
    totals = np.zeros((top, COUNTERS), np.int64)
    last_days = np.zeros(top, np.int64)
    for held in register.blocks(connection, tenant, urns=every, weeks=(first, first + _WEEKS)):
        known = held.block.numbers < top
        numbers, codes = held.block.numbers[known], held.block.codes[known]
        if academic_year(date.fromordinal(held.week * 7 + 5)) != year or not len(numbers):
            continue
        totals[numbers] += counts_of_rows(codes)
        marked = codes != 0
        column = marked.shape[1] - 1 - np.argmax(marked[:, ::-1], axis=1)
        day = np.where(marked.any(axis=1), held.week * 7 + 1 + column // 2, 0)
        last_days[numbers] = np.maximum(last_days[numbers], day)
    return YearTotals(year, mine, levels_of(totals[mine]), last_days[mine])


def _on_rolls(connection: Connection, tenant: str, urns: Sequence[str]) -> NDArray[np.int64]:
    """Return the children who were ever on the rolls of schools, ascending."""
    table, found = ENROLMENT.c, [np.zeros(0, np.int64)]
    for start in range(0, len(urns), _URNS_MAX):
        query = select(table.number).where(
            table.tenant == tenant, table.urn.in_(urns[start : start + _URNS_MAX])
        )
        rows = connection.execute(query.distinct()).scalars().all()
        found.append(np.fromiter(rows, np.int64, len(rows)))
    return np.unique(np.concatenate(found))


def _schools_of(
    connection: Connection, tenant: str, numbers: NDArray[np.int64], year: int
) -> set[str]:
    """Return every school at which children were on roll in a year."""
    table, found = ENROLMENT.c, set[str]()
    first, last = (date(each, _YEAR_STARTS, 1).toordinal() for each in (year, year + 1))
    for start in range(0, len(numbers), IN_MAX):
        query = select(table.urn).where(
            table.tenant == tenant,
            one_of(connection, table.number, numbers[start : start + IN_MAX].tolist()),
            table.first_day < last,
            table.last_day >= first,
        )
        found.update(connection.execute(query.distinct()).scalars())
    return found
