"""Sessions of each child in windows of school days, counted in the child's own calendar.

All children are counted at once: a day is a column, and a running total of each child's open
days turns "the 30 school days before" into two look-ups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int32]
Matrix = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


class WindowKind(IntEnum):
    """Which span of school days; the numbers are the proto's."""

    BASELINE = 1
    TRIGGER = 2
    FOLLOW_UP_1 = 3
    FOLLOW_UP_2 = 4
    YEAR = 5


class WindowStatus(IntEnum):
    """Whether a window can say anything; the numbers are the proto's."""

    RUNNING = 1
    MEASURED = 2
    INSUFFICIENT = 3


POSSIBLE_SESSIONS_MIN = 20
"""A rate from fewer possible sessions is not shown."""

SHARE_MIN = 2
"""At least one in two of the sessions that the window should have must be possible."""

SPANS: dict[WindowKind, tuple[int, int]] = {
    WindowKind.BASELINE: (-90, -30),
    WindowKind.TRIGGER: (-30, 0),
    WindowKind.FOLLOW_UP_1: (0, 30),
    WindowKind.FOLLOW_UP_2: (30, 90),
}
"""First and one past the last school day: below 0 before the request, else after the index date."""


@dataclass(frozen=True, slots=True)
class DailyCounts:
    """Sessions a day; one row a child, one column a day, columns ascending.

    Attributes:
        days: `date.toordinal()` of each column.
        nominal: Sessions that the child's school held, or that have a mark all the same.
        possible, absent, provisional: Of those, by the mark; provisional is N, no reason yet.
        recorded: Sessions with any mark.
    """

    days: Days
    nominal: Matrix
    possible: Matrix
    absent: Matrix
    provisional: Matrix
    recorded: Matrix


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of one kind, one for each child.

    Attributes:
        kind: Which.
        start_day, end_day: `date.toordinal()`; 0 where the calendar does not reach.
        nominal, possible, absent, provisional: Sessions.
        status: A WindowStatus each.
        truncated: True where the child's calendar ends before the window does.
    """

    kind: WindowKind
    start_day: Days
    end_day: Days
    nominal: Numbers
    possible: Numbers
    absent: Numbers
    provisional: Numbers
    status: npt.NDArray[np.int8]
    truncated: npt.NDArray[np.bool_]

    @property
    def measured(self) -> npt.NDArray[np.bool_]:
        """Return where the window says something."""
        return np.asarray(self.status == WindowStatus.MEASURED)

    def where(self, rows: npt.NDArray[np.bool_]) -> Windows:
        """Return the windows of these children alone."""
        return Windows(self.kind, *(getattr(self, name)[rows] for name in _COLUMNS))


def joined(parts: Sequence[Windows]) -> Windows:
    """Return windows of one kind, one part after the other; one part or more."""
    columns = (np.concatenate([getattr(each, name) for each in parts]) for name in _COLUMNS)
    return Windows(parts[0].kind, *columns)


_COLUMNS = tuple(each.name for each in fields(Windows) if each.name != "kind")


@dataclass(frozen=True, slots=True)
class _Totals:
    """Running totals along the days, and where each child's school days stand among them.

    Attributes:
        open_days: How many school days each child has.
        before: Of them, how many lie before each column.
        column: The column of each child's first, second, third ... school day.
        sums: Nominal, possible, absent and provisional sessions before each column.
        recorded_to: Ordinal of each child's last day with a mark; 0 without any.
    """

    open_days: Numbers
    before: npt.NDArray[np.int16]
    column: npt.NDArray[np.int32]
    sums: tuple[npt.NDArray[np.int16], ...]
    recorded_to: Days


class SchoolDayWindows:
    """Windows of many children at once.

    Args:
        counts: Sessions a day of each child.
        left: `date.toordinal()` of each child's last day on roll; 0 while on roll.
    """

    def __init__(self, counts: DailyCounts, left: Days | None = None) -> None:
        self._counts = counts
        self.left = np.zeros(len(counts.nominal), np.int32) if left is None else left
        self._totals = _totals(counts)

    def where(self, rows: npt.NDArray[np.bool_]) -> SchoolDayWindows:
        """Return the same of these children alone."""
        held = self._counts
        matrices = (held.nominal, held.possible, held.absent, held.provisional, held.recorded)
        return SchoolDayWindows(
            DailyCounts(held.days, *(each[rows] for each in matrices)), self.left[rows]
        )

    def measure(self, kind: WindowKind, *, requested: Days, index: Days, moved: int = 0) -> Windows:
        """Count one kind of window.

        Args:
            kind: Not YEAR, whose days are another year's: see `between`.
            requested: Day of the request of each child; windows before support end before it.
            index: Day of the first delivery; 0 where there is none yet.
            moved: School days by which everything is moved, below 0 for earlier.
        """
        first, past = SPANS[kind]
        after = first >= 0
        anchor = self._rank(index, side="right") if after else self._rank(requested, side="left")
        start, end = anchor + first + moved, anchor + past + moved
        windows = self._between(kind, start, end, sessions=2 * (past - first))
        return _unknown(windows, index == 0) if after else windows

    def between(self, kind: WindowKind, *, first: Days, last: Days) -> Windows:
        """Count the school days from `first` to `last`, both included; 0 where not known."""
        start, end = self._rank(first, side="left"), self._rank(last, side="right")
        windows = self._between(kind, start, end, sessions=0)
        return _unknown(windows, (first == 0) | (last == 0))

    def _rank(self, day: Days, *, side: str) -> npt.NDArray[np.int64]:
        """Return how many of the child's school days lie before (or up to) a day."""
        days = self._counts.days
        column = np.searchsorted(days, day, side="left" if side == "left" else "right")
        return np.asarray(self._totals.before[np.arange(len(day)), column], dtype=np.int64)

    def _between(
        self,
        kind: WindowKind,
        start: npt.NDArray[np.int64],
        end: npt.NDArray[np.int64],
        *,
        sessions: int,
    ) -> Windows:
        held, rows = self._totals, np.arange(len(start))
        low = np.clip(start, 0, held.open_days)
        high = np.clip(end, low, held.open_days)
        some = high > low
        last = held.column.shape[1] - 1
        first_column = np.where(some, held.column[rows, np.minimum(low, last)], 0)
        last_column = np.where(some, held.column[rows, np.maximum(high - 1, 0)], 0)
        past_column = last_column + some
        nominal, possible, absent, provisional = (
            np.subtract(each[rows, past_column], each[rows, first_column], dtype=np.int64)
            for each in held.sums
        )
        days = np.append(self._counts.days, 0)
        start_day = np.where(some, days[first_column], 0)
        end_day = np.where(some, days[last_column], 0)
        truncated = end > held.open_days
        gone = (self.left > 0) & truncated
        running = (truncated & ~gone) | (~truncated & (end_day > held.recorded_to) & ~gone)
        enough = (possible >= POSSIBLE_SESSIONS_MIN) & (
            SHARE_MIN * possible >= np.maximum(sessions, nominal)
        )
        status = np.where(enough & ~gone, WindowStatus.MEASURED, WindowStatus.INSUFFICIENT)
        status = np.where(running, WindowStatus.RUNNING, status)
        return Windows(
            kind,
            start_day.astype(np.int32),
            end_day.astype(np.int32),
            nominal,
            possible,
            absent,
            provisional,
            status.astype(np.int8),
            truncated,
        )


def _unknown(windows: Windows, where: npt.NDArray[np.bool_]) -> Windows:
    def blank(values: npt.NDArray[np.int64]) -> Numbers:
        return np.where(where, 0, values)

    return Windows(
        windows.kind,
        np.where(where, 0, windows.start_day).astype(np.int32),
        np.where(where, 0, windows.end_day).astype(np.int32),
        blank(windows.nominal),
        blank(windows.possible),
        blank(windows.absent),
        blank(windows.provisional),
        np.where(where, WindowStatus.RUNNING, windows.status).astype(np.int8),
        windows.truncated | where,
    )


def _totals(counts: DailyCounts) -> _Totals:
    rows, columns = counts.nominal.shape
    open_days = counts.nominal > 0
    before = _before(open_days)
    width = max(int(before[:, -1].max(initial=0)), 1)
    column = np.zeros((rows, width), np.int32)
    if open_days.all() and columns:
        column[:] = np.arange(columns)
    else:
        row, place = np.nonzero(open_days)
        column[row, before[row, place]] = place
    matrices = (counts.nominal, counts.possible, counts.absent, counts.provisional)
    sums = tuple(_before(matrix) for matrix in matrices)
    marked = counts.recorded > 0
    last = columns - 1 - np.argmax(marked[:, ::-1], axis=1) if columns else np.zeros(rows, int)
    reached = counts.days[last] if columns else np.zeros(rows, np.int32)
    recorded_to = np.where(marked.any(axis=1), reached, 0).astype(np.int32)
    return _Totals(before[:, -1].astype(np.int64), before, column, sums, recorded_to)


def _before(values: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    """Return running totals that start at 0; two sessions a day stay below 2^15 for decades."""
    rows, columns = values.shape
    # Laid out a day at a time, so that one addition serves every child: 2.5 times as fast.
    sums = np.zeros((columns + 1, rows), np.int16)
    sums[1:] = values.T
    for day in range(1, columns + 1):
        sums[day] += sums[day - 1]
    return sums.T
