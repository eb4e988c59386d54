"""Children's sessions side by side, in school-day order: what windows are counted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SessionMatrix:
    """One row for each child asked, one column for each session, across schools.

    Attributes:
        numbers: int32[rows], the children, in the order asked.
        days: int32[columns], `date.toordinal()`, ascending.
        sessions: uint8[columns], 0 morning, 1 afternoon.
        classes: uint8[rows, columns], CodeClass of the mark; 0 where nothing is recorded.
        codes: uint8[rows, columns], the code's index; 0 where nothing is recorded.
        held: bool[rows, columns], the school where the child was on roll held the session.
    """

    numbers: NDArray[np.int32]
    days: NDArray[np.int32]
    sessions: NDArray[np.uint8]
    classes: NDArray[np.uint8]
    codes: NDArray[np.uint8]
    held: NDArray[np.bool_]
