"""Measures that follow from events, of many children at once: arrays, never a query a child.

An event counts in the span that holds its first day. What was taken back, withdrawn by the head or
overturned counts nowhere. Source: DfE, pupil exclusion statistics, methodology.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from services.outcomes.child_events.domain import EXCLUSIONS, STANDING, Kind
from services.outcomes.child_events.storage import CHILD_EVENT, read_for
from services.outcomes.children.domain import Child
from services.outcomes.children.storage import IN_MAX
from services.outcomes.reference.calendars import DayKind, Days
from services.outcomes.storage.value_lists import one_of

Numbers = NDArray[np.int64]

_DAY_BITS = 22
_DAY = timedelta(days=1)
_COMPULSORY_FROM, _COMPULSORY_YEARS = 1, 12
_YEAR_STARTS = 9


@dataclass(frozen=True, slots=True)
class Columns:
    """Events that count, in order of child and first day.

    Attributes:
        number: int64, the child.
        kind: int64, a Kind.
        first: int64, ordinal of the first day.
        sessions: int64, lost.
        urn: int64, the school's; 0 for none.
    """

    number: Numbers
    kind: Numbers
    first: Numbers
    sessions: Numbers
    urn: Numbers

    def where(self, rows: NDArray[np.bool_]) -> Columns:
        """Return these events alone."""
        return Columns(*(getattr(self, each.name)[rows] for each in fields(self)))

    def begun(
        self, kind: Kind, numbers: Numbers, *, first: Numbers, last: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Return how many events of a kind began in each child's span, and their sessions.

        Args:
            kind: Which.
            numbers: The children, one for each span; a child may stand in several.
            first: Ordinal of each span's first day; 0 is no span.
            last: Of its last day, included.
        """
        mine = self.where(self.kind == kind)
        keys = mine.number << _DAY_BITS | mine.first
        low = np.searchsorted(keys, numbers << _DAY_BITS | first, side="left")
        high = np.searchsorted(keys, numbers << _DAY_BITS | np.maximum(first, last), side="right")
        sums = np.concatenate([[0], np.cumsum(mine.sessions)])
        some = (last >= first) & (first > 0)
        return np.where(some, high - low, 0), np.where(some, sums[high] - sums[low], 0)


@dataclass(frozen=True, slots=True)
class Span:
    """What happened to each child in its span; one row a child.

    Attributes:
        spells: Suspensions.
        sessions: Lost to them.
        excluded: Permanent exclusions that stand.
        off_roll: Sessions held by the last school while the child was on no roll.
    """

    spells: Numbers
    sessions: Numbers
    excluded: Numbers
    off_roll: Numbers


def columns_of(
    connection: Connection,
    tenant: str,
    numbers: Iterable[int],
    *,
    as_of: datetime | None = None,
) -> Columns:
    """Read the events of children that count, as they were recorded up to a moment."""
    table, latest = CHILD_EVENT.c, dict[str, tuple[int, ...]]()
    names = ("number", "kind", "first_day", "sessions", "urn", "status", "withdrawn")
    whose = read_for(connection, tenant, numbers, as_of=as_of)
    wanted = sorted(whose)
    for start in range(0, len(wanted), IN_MAX):
        query = select(table.id, *(table[name] for name in names)).where(
            table.tenant == tenant,
            one_of(connection, table.number, wanted[start : start + IN_MAX]),
        )
        if as_of is not None:
            query = query.where(table.recorded_at <= as_of)
        for row in connection.execute(query.order_by(table.id, table.version)):
            latest[row[0]] = (whose[row[1]], *row[2:5], int(row[5] or 0), *row[6:])
    kept = [row[:5] for row in latest.values() if _counts(row[1], row[5], row[6])]
    kept.sort(key=lambda row: (row[0], row[2], row[1]))
    rows = np.array(kept, np.int64).reshape(-1, 5)
    return Columns(*(rows[:, place] for place in range(5)))


def _counts(kind: int, status: int, withdrawn: int) -> bool:
    return not withdrawn and (kind not in EXCLUSIONS or status in STANDING)


def span_of(
    columns: Columns,
    children: Sequence[Child],
    calendars: Mapping[str, Days],
    *,
    first: date,
    last: date,
) -> Span:
    """Return what happened to each child between two days."""
    numbers = np.array([child.number for child in children], np.int64)
    days = {
        "first": np.full(len(numbers), first.toordinal(), np.int64),
        "last": np.full(len(numbers), last.toordinal(), np.int64),
    }
    spells, sessions = columns.begun(Kind.SUSPENSION, numbers, **days)
    excluded, _ = columns.begun(Kind.PERMANENT_EXCLUSION, numbers, **days)
    away = [sessions_off_roll(child, calendars, first, last=last) for child in children]
    return Span(spells, sessions, excluded, np.array(away, np.int64))


def sessions_off_roll(
    child: Child, calendars: Mapping[str, Days], first: date, *, last: date, urn: str = ""
) -> int:
    """Return sessions that the last school held while a child was on no roll.

    Only days of compulsory schooling count, Year 1 to Year 11, of a child whose age is known.

    Args:
        child: With its enrolments.
        calendars: Of its schools; a school without one held nothing.
        first: First day of the span.
        last: Its last day.
        urn: Only gaps after this school; after any when empty.
    """
    low, high = _compulsory(child, first, last)
    total = 0
    for left, begin, end in _gaps(child):
        a, b = max(begin, low), min(end, high)
        if a > b or left not in calendars or (urn and left != urn):
            continue
        days = np.arange(a.toordinal(), b.toordinal() + 1, dtype=np.int32)
        total += int((calendars[left].at(days) == DayKind.OPEN).sum())
    return total


def _compulsory(child: Child, first: date, last: date) -> tuple[date, date]:
    if child.reception_year is None:
        return first, last
    begins = date(child.reception_year + _COMPULSORY_FROM, _YEAR_STARTS, 1)
    ends = date(child.reception_year + _COMPULSORY_YEARS, _YEAR_STARTS, 1) - _DAY
    return max(first, begins), min(last, ends)


def _gaps(child: Child) -> Iterable[tuple[str, date, date]]:
    """Yield the school left, the first and the last day of each time on no roll."""
    until: date | None = None
    left = ""
    for one in sorted(child.enrolments, key=lambda each: each.first):
        if until is not None and one.first > until + _DAY:
            yield left, until + _DAY, one.first - _DAY
        if one.last is None:
            return
        if until is None or one.last >= until:
            until, left = one.last, one.urn
    if until is not None:
        yield left, until + _DAY, date.max
