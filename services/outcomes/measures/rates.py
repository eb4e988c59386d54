"""Rates and thresholds from counters. Whole numbers are compared, never rates.

Source: DfE, pupil absence in schools in England, methodology; persistent absence since 2015/16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.outcomes.measures.counts import Counter


@dataclass(frozen=True, slots=True)
class Attendance:
    """Sessions counted, for a child or for many.

    Attributes:
        possible: Sessions that could have been attended.
        attended: Present, or at an approved activity.
        authorised: Authorised absence.
        unauthorised: Unauthorised absence, the provisional included.
        illness: A part of authorised.
        late: Before or after the register closed.
        provisional: Reason not yet known; a part of unauthorised, expected to change.
        not_possible: Recorded sessions that count in no rate.
    """

    possible: int = 0
    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0
    illness: int = 0
    late: int = 0
    provisional: int = 0
    not_possible: int = 0

    @classmethod
    def of(cls, counters: Sequence[int] | NDArray[np.integer]) -> Attendance:
        """Return the counters in the order of `Counter`."""
        return cls(*(int(value) for value in counters))

    @property
    def absent(self) -> int:
        """Authorised and unauthorised absence."""
        return self.authorised + self.unauthorised

    def percent(self, sessions: int) -> float | None:
        """Return 100 x sessions / possible; None when no session was possible."""
        return 100 * sessions / self.possible if self.possible else None


def persistent(counters: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return who missed a tenth or more: 10 x absent >= possible > 0, over the last axis."""
    return _missed(counters, 10)


def severe(counters: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return who missed half or more: 2 x absent >= possible > 0, over the last axis."""
    return _missed(counters, 2)


def _missed(counters: NDArray[np.integer], times: int) -> NDArray[np.bool_]:
    wide = counters.astype(np.int64, copy=False)
    absent = wide[..., Counter.AUTHORISED] + wide[..., Counter.UNAUTHORISED]
    possible = wide[..., Counter.POSSIBLE]
    found: NDArray[np.bool_] = (possible > 0) & (times * absent >= possible)
    return found
