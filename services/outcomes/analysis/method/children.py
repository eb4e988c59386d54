"""What happened to each child between two windows, in numbers and never as a cause."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.intervals import Counts, Floats, newcombe

DEAD_BAND_PP = 5.0
"""Changes smaller than this are called the same: about the noise of 30 days of one child."""

Flags = npt.NDArray[np.bool_]


class Direction(IntEnum):
    """What happened to attendance; never why."""

    UNKNOWN = 0
    IMPROVED = 1
    SAME = 2
    WORSE = 3


@dataclass(frozen=True, slots=True)
class Changes:
    """The change of each child's attendance, later window against earlier; NaN when unknown."""

    change_pp: Floats
    lower_pp: Floats
    upper_pp: Floats
    direction: npt.NDArray[np.int8]


def persistently_absent(absent: Counts, possible: Counts) -> Flags:
    """Return who missed a tenth or more, compared as integers: 10 x absent >= possible."""
    return (10 * absent >= possible) & (possible > 0)


def severely_absent(absent: Counts, possible: Counts) -> Flags:
    """Return who missed half or more, compared as integers: 2 x absent >= possible."""
    return (2 * absent >= possible) & (possible > 0)


def attendance(absent: Counts, possible: Counts) -> Floats:
    """Return attended sessions as a share of possible ones; NaN where none was possible."""
    trials = np.where(possible > 0, possible, np.nan).astype(np.float64)
    return (possible - absent) / trials


def changes(
    before: tuple[Counts, Counts], after: tuple[Counts, Counts], *, measured: Flags
) -> Changes:
    """Return each child's change of attendance in percentage points.

    Args:
        before: Absent and possible sessions of the earlier window.
        after: Absent and possible sessions of the later one.
        measured: Where both windows say anything; the rest is unknown, not zero.
    """
    gap = 100 * (attendance(*after) - attendance(*before))
    lower, upper = newcombe((after[1] - after[0], after[1]), (before[1] - before[0], before[1]))
    direction = np.full(gap.shape, Direction.SAME, dtype=np.int8)
    direction[_at_least(before, after)] = Direction.IMPROVED
    direction[_at_least(after, before)] = Direction.WORSE
    direction[~measured] = Direction.UNKNOWN
    blank = np.where(measured, 0.0, np.nan)
    return Changes(gap + blank, 100 * lower + blank, 100 * upper + blank, direction)


def _at_least(worse: tuple[Counts, Counts], better: tuple[Counts, Counts]) -> Flags:
    """Compare as integers, so that a change of exactly 5 points is never lost to rounding."""
    gap = worse[0] * better[1] - better[0] * worse[1]
    line = int(DEAD_BAND_PP) * worse[1] * better[1]
    return (100 * gap >= line) & (worse[1] > 0) & (better[1] > 0)
