"""Children's weeks laid side by side into one matrix of sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.outcomes.children.domain import Enrolment, EnrolmentStatus
from services.outcomes.reference.calendars import DayKind, Days
from services.outcomes.reference.codes import CLASS_OF, WITHDRAWN, CodeClass
from services.outcomes.register.domain.marks import POSITIONS, monday_of
from services.outcomes.register.domain.matrix import SessionMatrix
from services.outcomes.register.storage import Held

_FOREVER = date.max.toordinal()


def assembled(
    numbers: NDArray[np.int32],
    enrolled: Mapping[int, Sequence[Enrolment]],
    calendars: Mapping[str, Days],
    held: Iterable[Held],
) -> SessionMatrix:
    """Return the matrix of sessions that anybody asked could have had or has a mark for."""
    blocks = list(held)
    grid = _Grid(numbers, _weeks(blocks, calendars))
    grid.place_roll(enrolled, calendars)
    subsidiary = {
        (number, one.urn)
        for number, every in enrolled.items()
        for one in every
        if one.status is EnrolmentStatus.SUBSIDIARY
    }
    for weeks in _alike(blocks):
        grid.place_marks(weeks, subsidiary)
    return grid.matrix()


def _alike(blocks: Iterable[Held]) -> Iterator[list[Held]]:
    """Yield the weeks of each school, those after one another with the same children together."""
    together: list[Held] = []
    for one in blocks:
        if together and not (
            one.urn == together[-1].urn and _same(one.block.numbers, together[-1].block.numbers)
        ):
            yield together
            together = []
        together.append(one)
    if together:
        yield together


def _same(left: NDArray[np.int32], right: NDArray[np.int32]) -> bool:
    return left is right or np.array_equal(left, right)


def _weeks(blocks: Sequence[Held], calendars: Mapping[str, Days]) -> range:
    """Return the weeks that registers and calendars span."""
    ends = [one.week for one in blocks]
    for days in calendars.values():
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
        self._days = np.arange(first, first + len(weeks) * 7, dtype=np.int32).repeat(2)
        self._codes = np.zeros(shape, np.uint8)
        self._held = np.zeros(shape, np.bool_)
        self._schools = np.zeros(shape, np.int32)
        self._placed = np.zeros(len(numbers), np.bool_)
        # One more than the largest stands for every number above it: nobody asked for those.
        self._row_of = np.full(int(numbers.max(initial=0)) + 2, -1, np.intp)
        self._row_of[numbers] = np.arange(len(numbers))

    def place_roll(
        self, enrolled: Mapping[int, Sequence[Enrolment]], calendars: Mapping[str, Days]
    ) -> None:
        """Mark where each child was on roll, and which sessions the school there held."""
        by_school: dict[str, list[tuple[int, int, int]]] = {}
        for number, every in enrolled.items():
            for one in every:
                last = _FOREVER if one.last is None else one.last.toordinal()
                row = int(self._row_of[number])
                by_school.setdefault(one.urn, []).append((row, one.first.toordinal(), last))
        for urn, spans in by_school.items():
            rows, first, last = np.array(spans, np.int64).T
            here = (self._days >= first[:, None]) & (self._days <= last[:, None])
            kinds = calendars[urn].at(self._days[::2]).reshape(-1)
            self._place_spans(rows, here, here & (kinds == DayKind.OPEN), int(urn))

    def _place_spans(
        self, rows: NDArray[np.int64], here: NDArray[np.bool_], open_: NDArray[np.bool_], urn: int
    ) -> None:
        schools = here * np.int32(urn)
        if len(np.unique(rows)) == len(rows):
            self._held[rows] |= open_
            self._schools[rows] = np.maximum(self._schools[rows], schools)
        else:
            # A child was on this roll twice: rows repeat, and a plain assignment keeps the last.
            np.logical_or.at(self._held, rows, open_)
            np.maximum.at(self._schools, rows, schools)

    def place_marks(self, weeks: Sequence[Held], subsidiary: set[tuple[int, str]]) -> None:
        """Lay weeks of a school over what other schools say of the same children.

        A session that counts goes before one that does not; the main school before the second.
        """
        numbers, urn = weeks[0].block.numbers, weeks[0].urn
        rows = self._row_of[np.minimum(numbers, len(self._row_of) - 1)]
        chosen = np.flatnonzero(rows >= 0)
        if not len(chosen):
            return
        rows = rows[chosen]
        codes = np.zeros((len(rows), self._codes.shape[1]), np.uint8)
        for one in weeks:
            start = (one.week - self._weeks.start) * POSITIONS
            codes[:, start : start + POSITIONS] = one.block.codes[chosen]
        wins = (codes != 0) & (codes != WITHDRAWN)
        if self._placed[rows].any():
            before = self._codes[rows]
            second = np.array([(number, urn) in subsidiary for number in numbers[chosen].tolist()])
            free = CLASS_OF[before] % CodeClass.NOT_POSSIBLE == 0
            wins &= free | ((CLASS_OF[codes] != CodeClass.NOT_POSSIBLE) & ~second[:, None])
            self._codes[rows] = np.where(wins, codes, before)
        else:
            self._codes[rows] = codes * wins
        schools = self._schools[rows]
        elsewhere = wins & (schools != np.int32(urn))
        if elsewhere.any():
            schools[elsewhere] = int(urn)
            self._schools[rows] = schools
        self._placed[rows] = True

    def matrix(self) -> SessionMatrix:
        """Return the columns that somebody has."""
        used = np.flatnonzero((self._codes != 0).any(axis=0) | self._held.any(axis=0))
        codes = self._codes[:, used]
        return SessionMatrix(
            numbers=self._numbers,
            days=self._days[used],
            sessions=(used % 2).astype(np.uint8),
            classes=CLASS_OF[codes],
            codes=codes,
            held=self._held[:, used],
            schools=self._schools[:, used],
        )
