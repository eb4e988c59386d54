"""Which sessions a school holds, and the half-terms that follow from that.

Nobody types a half-term: it is a run of open days with no gap of a whole school week in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

SPAN_DAYS_MAX = 400
_ACADEMIC_YEAR_STARTS = 8
_WEEK = 5


class DayKind(IntEnum):
    """What a session of a day is; 0 where no calendar speaks."""

    UNKNOWN = 0
    OPEN = 1
    INSET = 2
    CLOSURE = 3
    HOLIDAY = 4


class SessionsOfDay(IntEnum):
    """Which sessions of a day a span speaks of."""

    BOTH = 0
    AM = 1
    PM = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included.

    Attributes:
        first: First day.
        last: Last day, at most SPAN_DAYS_MAX days later.
        kind: What they are. OPEN does not open weekends and bank holidays, unless the span is
            one day long.
        sessions: Which sessions it speaks of.
    """

    first: date
    last: date
    kind: DayKind
    sessions: SessionsOfDay = SessionsOfDay.BOTH


@dataclass(frozen=True, slots=True)
class HalfTerm:
    """A run of open days.

    Attributes:
        academic_year: The year it starts in, 2025 for 2025/26.
        number: From 1 in each academic year.
        first: First open day.
        last: Last open day.
        sessions: Sessions held.
    """

    academic_year: int
    number: int
    first: date
    last: date
    sessions: int


@dataclass(frozen=True, slots=True)
class Days:
    """A calendar laid out day by day.

    Attributes:
        start: `date.toordinal()` of the first row.
        kinds: uint8[days, 2], a DayKind for each morning and afternoon.
    """

    start: int
    kinds: NDArray[np.uint8]

    def at(self, ordinals: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Return uint8[n, 2], the kinds on the days asked; UNKNOWN outside the calendar."""
        found = np.zeros((len(ordinals), 2), np.uint8)
        inside = (ordinals >= self.start) & (ordinals < self.start + len(self.kinds))
        found[inside] = self.kinds[ordinals[inside] - self.start]
        return found

    def half_terms(self) -> list[HalfTerm]:
        """Return the half-terms in date order. Source: DfE's six half-terms, by their gaps."""
        opened = set(self._days(DayKind.OPEN))
        # A school that snow closed for a week is in the same half-term after it.
        in_term = sorted(opened | set(self._days(DayKind.CLOSURE)))
        runs: list[list[int]] = []
        for day in in_term:
            if not runs or weekdays_between(runs[-1][-1], day) >= _WEEK:
                runs.append([])
            runs[-1].append(day)
        held = ([day for day in run if day in opened] for run in runs)
        return self._numbered([run for run in held if run])

    def _days(self, kind: DayKind) -> list[int]:
        """Return the days on which any session is of `kind`, as ordinals."""
        days: list[int] = (np.flatnonzero((self.kinds == kind).any(axis=1)) + self.start).tolist()
        return days

    def _numbered(self, runs: Sequence[Sequence[int]]) -> list[HalfTerm]:
        found: list[HalfTerm] = []
        for run in runs:
            year = academic_year(date.fromordinal(run[0]))
            before = found[-1] if found and found[-1].academic_year == year else None
            held = self.kinds[run[0] - self.start : run[-1] - self.start + 1] == DayKind.OPEN
            found.append(
                HalfTerm(
                    academic_year=year,
                    number=before.number + 1 if before else 1,
                    first=date.fromordinal(run[0]),
                    last=date.fromordinal(run[-1]),
                    sessions=int(held.sum()),
                )
            )
        return found

    def spans(self, first: date | None = None, last: date | None = None) -> list[Span]:
        """Return the calendar as spans of equal days, between two dates."""
        low = max(0, first.toordinal() - self.start) if first else 0
        high = min(len(self.kinds), last.toordinal() - self.start + 1) if last else len(self.kinds)
        found: list[Span] = []
        previous: tuple[int, int] | None = None
        for row in range(low, high):
            pair = (int(self.kinds[row, 0]), int(self.kinds[row, 1]))
            day = date.fromordinal(self.start + row)
            if pair == previous and found:
                count = 1 if pair[0] == pair[1] else sum(1 for kind in pair if kind)
                for place in range(len(found) - count, len(found)):
                    found[place] = _until(found[place], day)
            else:
                found.extend(_day_spans(day, pair))
            previous = pair if any(pair) else None
        return found


def _until(span: Span, day: date) -> Span:
    return Span(span.first, day, span.kind, span.sessions)


def _day_spans(day: date, pair: tuple[int, int]) -> list[Span]:
    if pair[0] == pair[1]:
        return [Span(day, day, DayKind(pair[0]))] if pair[0] else []
    return [
        Span(day, day, DayKind(kind), half)
        for kind, half in zip(pair, (SessionsOfDay.AM, SessionsOfDay.PM), strict=True)
        if kind
    ]


def lay_out(spans: Iterable[Span]) -> Days:
    """Apply spans in order, each over those before it, and return the days they make."""
    ordered = list(spans)
    if not ordered:
        return Days(1, np.zeros((0, 2), np.uint8))
    start = min(span.first for span in ordered).toordinal()
    end = max(span.last for span in ordered).toordinal()
    kinds = np.zeros((end - start + 1, 2), np.uint8)
    for span in ordered:
        rows = np.arange(span.first.toordinal(), span.last.toordinal() + 1)
        if span.kind is DayKind.OPEN and len(rows) > 1:
            rows = rows[_may_open(rows)]
        columns = [0, 1] if span.sessions is SessionsOfDay.BOTH else [span.sessions - 1]
        for column in columns:
            kinds[rows - start, column] = span.kind
    return Days(start, kinds)


def _may_open(rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    weekday = (rows - 1) % 7 < _WEEK
    return weekday & ~np.isin(rows, list(bank_holidays()))


def weekdays_between(first: int, second: int) -> int:
    """Return the weekdays strictly between two ordinals: 0 from Friday to Monday."""
    return _weekdays_before(second) - _weekdays_before(first + 1)


def _weekdays_before(ordinal: int) -> int:
    weeks, rest = divmod(ordinal - 1, 7)
    return weeks * _WEEK + min(rest, _WEEK)


def academic_year(day: date) -> int:
    """Return the academic year of a day by the year it starts in; it turns on 1 August."""
    return day.year if day.month >= _ACADEMIC_YEAR_STARTS else day.year - 1


@cache
def bank_holidays() -> frozenset[int]:
    """Return England's bank holidays as ordinals. Source: GOV.UK, as packaged, without network."""
    from govuk_bank_holidays.bank_holidays import BankHolidays

    known = BankHolidays(use_cached_holidays=True).get_holidays(BankHolidays.ENGLAND_AND_WALES)
    return frozenset(holiday["date"].toordinal() for holiday in known)
