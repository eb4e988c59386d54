"""From columns of marks to a block for each school and week: one scatter, no sorting of marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.outcomes.errors import TooManyRows
from services.outcomes.register.domain.blocks import Block
from services.outcomes.register.domain.checks import Checker, pair_keys
from services.outcomes.register.domain.marks import POSITIONS, Marks, Places

_CELLS_MAX = 1 << 29
_CHILD = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Laid:
    """All the marks of an import in one tensor.

    Attributes:
        key: int64[rows], school's place << 32 | child's number, ascending.
        weeks: The weeks, ascending.
        codes: uint8[rows, weeks, 14].
    """

    key: NDArray[np.int64]
    weeks: NDArray[np.int64]
    codes: NDArray[np.uint8]

    def blocks(self) -> Iterator[tuple[int, int, Block]]:
        """Return for each school (its place) and week with a mark the block they make."""
        recorded: NDArray[np.bool_] = np.asarray(self.codes.any(axis=2))
        school = self.key >> 32
        starts = np.flatnonzero(np.diff(school, prepend=-1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(school)], strict=True):
            numbers = (self.key[start:end] & _CHILD).astype(np.int32)
            for place, week in enumerate(self.weeks.tolist()):
                rows = recorded[start:end, place]
                if rows.all():
                    block = Block(numbers, np.ascontiguousarray(self.codes[start:end, place]))
                elif rows.any():
                    block = Block(numbers[rows], self.codes[start:end, place][rows])
                else:
                    continue
                yield int(school[start]), week, block


def lay(
    marks: Marks,
    places: Places,
    numbers: NDArray[np.int64],
    *,
    indexes: NDArray[np.uint8],
    checker: Checker,
) -> Laid:
    """Put each mark where it belongs; marks that claim the same session are found on the way.

    Raises:
        TooManyRows: Children x weeks would not fit (TOO_MANY_ROWS).
    """
    key, row_of_place = np.unique(pair_keys(places, numbers), return_inverse=True)
    weeks, week_of_day = np.unique((checker.ordinals - 1) // 7, return_inverse=True)
    width = len(weeks) * POSITIONS
    if len(key) * width > _CELLS_MAX:
        raise TooManyRows(
            "the file spans too many weeks for its children; split it by school or by year",
            field="content",
            rows=len(marks),
            limit=_CELLS_MAX,
        )
    slot = week_of_day * POSITIONS + (checker.ordinals - 1) % 7 * 2
    flat = row_of_place[places.of_mark] * width
    flat += slot[checker.days.index]
    flat += marks.session
    codes = np.zeros(len(key) * width, np.uint8)
    codes[flat] = indexes
    if np.count_nonzero(codes) != len(marks):
        checker.twice(flat)
    return Laid(key, weeks.astype(np.int64), codes.reshape(len(key), len(weeks), POSITIONS))
