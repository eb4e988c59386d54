"""A register that children of the demonstration could have had, drawn from a seed.

A child's propensity to be absent comes from the published bands; absence comes in spells of
three days in the mean, as registers show it. Support lowers a child's propensity by a stated
amount, so that the demonstration has a true effect that its figures can be held against.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from services.demonstration.borough import Borough

SPELL_DAYS = 3
EFFECT = 0.06
"""How much support lowers a funded child's propensity: six points, the demonstration's truth."""

PRESENT_AM, PRESENT_PM, LATE = 0, 1, 2
CODES = ("/", "\\", "L", "I", "O", "M", "G", "N", "C", "E", "B", "V", "K")
_ABSENT = {"I": 0.58, "O": 0.19, "M": 0.08, "G": 0.07, "N": 0.04, "C": 0.03, "E": 0.01}
_ELSEWHERE = {"B": 0.008, "V": 0.004, "K": 0.001}
_LATE_SHARE = 0.025

Matrix = npt.NDArray[np.uint8]


@dataclass(slots=True)
class Registers:
    """Draws the marks of a borough's children, half-term after half-term.

    Attributes:
        borough: Whose children.
        propensity: Share of sessions that each child misses, 0 to 1.
        random: The one source of chance.
        days: Days drawn so far.
        absent: For each drawn day, whether each child was absent; grows with the story.
    """

    borough: Borough
    propensity: npt.NDArray[np.float64]
    random: np.random.Generator
    days: list[date] = field(default_factory=list)
    absent: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    supported_from: dict[int, date] = field(default_factory=dict)

    def draw(self, days: Iterable[date]) -> Matrix:
        """Return codes as [children, days, 2], positions in `CODES`, for further days."""
        drawn = [self._day(day) for day in days]
        return np.stack(drawn, axis=1)

    def recent_absence(self, days: int) -> npt.NDArray[np.float64]:
        """Return each child's share of the last `days` school days that was missed."""
        shares: npt.NDArray[np.float64] = np.stack(self.absent[-days:]).mean(axis=0)
        return shares

    def _day(self, day: date) -> Matrix:
        propensity = self.propensity.copy()
        for child, first in self.supported_from.items():
            if day >= first:
                propensity[child] = max(0.01, propensity[child] - EFFECT)
        count = len(propensity)
        chance = self.random.random(count)
        if self.absent:
            stop = np.minimum(1 / SPELL_DAYS, (1 - propensity) / np.maximum(propensity, 1e-9))
            start = stop * propensity / (1 - propensity)
            absent = np.where(self.absent[-1], chance >= stop, chance < start)
        else:
            absent = chance < propensity
        self.days.append(day)
        self.absent.append(absent)
        return self._codes(absent)

    def _codes(self, absent: npt.NDArray[np.bool_]) -> Matrix:
        count = len(absent)
        codes = np.tile(np.array([PRESENT_AM, PRESENT_PM], np.uint8), (count, 1))
        chance = self.random.random(count)
        codes[chance < _LATE_SHARE, 0] = LATE
        edge = _LATE_SHARE
        for code, share in _ELSEWHERE.items():
            codes[(chance >= edge) & (chance < edge + share)] = CODES.index(code)
            edge += share
        reasons = self.random.choice(
            np.array([CODES.index(code) for code in _ABSENT], np.uint8),
            size=count,
            p=np.array(list(_ABSENT.values())),
        )
        codes[absent] = reasons[absent, None]
        return codes


def csv_of(borough: Borough, days: list[date], codes: Matrix) -> bytes:
    """Return marks as a school's file: one row for each session."""
    lines = ["upn,urn,date,session,code"]
    for place, child in enumerate(borough.children):
        for at, day in enumerate(days):
            for session, name in enumerate(("AM", "PM")):
                code = CODES[codes[place, at, session]]
                lines.append(f"{child.upn},{child.urn},{day.isoformat()},{name},{code}")
    return ("\n".join(lines) + "\n").encode()
