"""The lines of absence, and what was crossed between two looks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from services.outcomes.measures.counts import Counter
from services.outcomes.measures.rates import persistent, severe

POSSIBLE_MIN = 20
"""Two weeks of sessions, as for a window: on the first day everybody who is ill misses all."""


class Threshold(IntEnum):
    """A line; the numbers are the proto's, and a child's level is the highest it has reached."""

    PERSISTENT = 1
    SEVERE = 2


class Direction(IntEnum):
    """Which way a line was crossed; the numbers are the proto's."""

    REACHED = 1
    LEFT = 2


@dataclass(frozen=True, slots=True)
class Crossing:
    """A line that was crossed."""

    threshold: Threshold
    direction: Direction


def levels_of(counters: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return each child's level, 0 to 2, from the counters of the year over the last axis.

    Source: 10 x absent >= possible and 2 x absent >= possible, of `measures.rates`.
    """
    enough = counters[..., Counter.POSSIBLE] >= POSSIBLE_MIN
    level = persistent(counters).astype(np.int8) + severe(counters).astype(np.int8)
    return np.where(enough, level, 0).astype(np.int8)


def crossings(before: int, after: int) -> list[Crossing]:
    """Return the lines between two levels, in the order in which they are crossed."""
    if after > before:
        lines = range(before + 1, after + 1)
        return [Crossing(Threshold(line), Direction.REACHED) for line in lines]
    return [Crossing(Threshold(line), Direction.LEFT) for line in range(before, after, -1)]
