"""Children's weeks laid side by side into one matrix of sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.outcomes.children.domain import Enrolment, EnrolmentStatus
from services.outcomes.reference.calendars import DayKind, Days
from services.outcomes.reference.codes import CLASS_OF, WITHDRAWN, CodeClass
from services.outcomes.register.domain.marks import POSITIONS, monday_of
from services.outcomes.register.domain.matrix import SessionMatrix
from services.outcomes.register.domain.strips import Strip

_FOREVER = date.max.toordinal()


def assembled(
    numbers: NDArray[np.int32],
    enrolled: Mapping[int, Sequence[Enrolment]],
    calendars: Mapping[str, Days],
    registers: Iterable[Strip],
) -> SessionMatrix:
    """Return the matrix of sessions that anybody asked could have had or has a mark for."""
    every = list(registers)
    grid = _Grid(numbers, _weeks(every, calendars))
    grid.place_roll(enrolled, calendars)
    subsidiary = {
        (number, one.urn)
        for number, held in enrolled.items()
        for one in held
        if one.status is EnrolmentStatus.SUBSIDIARY
    }
    for strip in every:
        grid.place_marks(strip, subsidiary)
    return grid.matrix()


def _weeks(registers: Sequence[Strip], calendars: Mapping[str, Days]) -> range:
    """Return the weeks that registers and calendars span."""
    ends = [week for strip in registers for week in (strip.weeks[0], strip.weeks[-1])]
    for days in {id(each): each for each in calendars.values()}.values():
        if len(days.kinds):
            last = days.start + len(days.kinds) - 1
            ends += [(days.start - 1) // 7, (last - 1) // 7]
    return range(min(ends), max(ends) + 1) if ends else range(0)


class _Grid:
    """Every session of every week, before those that nobody has are dropped."""

    def __init__(self, numbers: NDArray[np.int32], weeks: range) -> None:
        self._numbers = numbers
        self._weeks = weeks
        shape = (len(numbers), len(weeks) * POSITIONS)
        first = monday_of(weeks.start)
        self._first, self._last = first, first + len(weeks) * 7 - 1
        self._days = np.arange(first, self._last + 1, dtype=np.int32).repeat(2)
        self._codes = np.zeros(shape, np.uint8)
        self._held = np.zeros(shape, np.bool_)
        self._placed = np.zeros(len(numbers), np.bool_)
        # One more than the largest stands for every number above it: nobody asked for those.
        self._row_of = np.full(int(numbers.max(initial=0)) + 2, -1, np.intp)
        self._row_of[numbers] = np.arange(len(numbers))

    def place_roll(
        self, enrolled: Mapping[int, Sequence[Enrolment]], calendars: Mapping[str, Days]
    ) -> None:
        """Mark which sessions each child's schools held while the child was on their rolls."""
        by_calendar: dict[int, tuple[Days, list[tuple[int, int, int]]]] = {}
        for number, every in enrolled.items():
            row = int(self._row_of[number])
            for one in every:
                days = calendars[one.urn]
                last = _FOREVER if one.last is None else one.last.toordinal()
                _, spans = by_calendar.setdefault(id(days), (days, []))
                spans.append((row, one.first.toordinal(), last))
        for days, spans in by_calendar.values():
            rows, first, last = np.array(spans, np.int32).T
            open_ = days.at(self._days[::2]).reshape(-1) == DayKind.OPEN
            whole = (first <= self._first) & (last >= self._last)
            self._held[rows[whole]] |= open_
            rows, first, last = rows[~whole], first[~whole, None], last[~whole, None]
            here = open_ & (self._days >= first) & (self._days <= last)
            # A child may be on rolls twice: rows repeat, and a plain assignment keeps the last.
            np.logical_or.at(self._held, rows, here)

    def place_marks(self, strip: Strip, subsidiary: set[tuple[int, str]]) -> None:
        """Lay a school's weeks over what other schools say of the same children.

        A session that counts goes before one that does not; the main school before the second.
        """
        rows = self._row_of[np.minimum(strip.numbers, len(self._row_of) - 1)]
        chosen = np.flatnonzero(rows >= 0)
        if not len(chosen):
            return
        rows, codes = rows[chosen], strip.codes[chosen]
        start = (strip.week - self._weeks.start) * POSITIONS
        columns = slice(start, start + codes.shape[1])
        wins = (codes != 0) & (codes != WITHDRAWN)
        if self._placed[rows].any():
            before = self._codes[rows, columns]
            numbers = strip.numbers[chosen].tolist()
            second = np.array([(number, strip.urn) in subsidiary for number in numbers])
            free = CLASS_OF[before] % CodeClass.NOT_POSSIBLE == 0
            wins &= free | ((CLASS_OF[codes] != CodeClass.NOT_POSSIBLE) & ~second[:, None])
            self._codes[rows, columns] = np.where(wins, codes, before)
        else:
            self._codes[rows, columns] = codes * wins
        self._placed[rows] = True

    def matrix(self) -> SessionMatrix:
        """Return the columns that somebody has."""
        used = np.flatnonzero(self._codes.any(axis=0) | self._held.any(axis=0))
        codes = self._codes[:, used]
        return SessionMatrix(
            numbers=self._numbers,
            days=self._days[used],
            sessions=(used % 2).astype(np.uint8),
            classes=CLASS_OF[codes],
            codes=codes,
            held=self._held[:, used],
        )
