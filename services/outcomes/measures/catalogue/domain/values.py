"""The words of a catalogue: units, directions, informants, scales and versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MICRO = 1_000_000
"""Values are whole millionths of their unit, so that equal answers are equal numbers."""

DECIMALS_MAX = 3
SESSIONS_OF_A_YEAR = 380
_REF = re.compile(r"([a-z][a-z0-9_]{0,59})@([1-9][0-9]{0,3})")


class Unit(StrEnum):
    """What a value counts."""

    RATIO = "ratio"
    """A share, 0 to 1."""
    SESSIONS = "sessions"
    """Half school days."""
    COUNT = "count"
    SCORE = "score"
    YES_NO = "yes_no"
    """1 for yes, 0 for no."""


class Direction(StrEnum):
    """Which way is better for a child."""

    HIGHER = "higher"
    LOWER = "lower"
    NEUTRAL = "neutral"


class Informant(StrEnum):
    """Who was asked; what a parent says is never compared with what a teacher says."""

    CHILD = "child"
    PARENT = "parent"
    TEACHER = "teacher"
    PRACTITIONER = "practitioner"


class Scoring(StrEnum):
    """How a score comes from answers."""

    SUM = "sum"
    MEAN = "mean"
    SINGLE = "single"
    TABLE = "table"
    """By the owner's own table."""


class Formula(StrEnum):
    """What the product itself can compute."""

    ATTENDANCE_RATE = "attendance_rate"
    ABSENCE_RATE = "absence_rate"
    AUTHORISED_ABSENCE_RATE = "authorised_absence_rate"
    UNAUTHORISED_ABSENCE_RATE = "unauthorised_absence_rate"
    PERSISTENT_ABSENCE = "persistent_absence"
    SEVERE_ABSENCE = "severe_absence"
    LATENESS_RATE = "lateness_rate"
    SUSPENSION_SPELLS = "suspension_spells"
    SUSPENSION_SESSIONS = "suspension_sessions"
    SUSPENDED_CHILDREN = "suspended_children"
    PERMANENT_EXCLUSIONS = "permanent_exclusions"
    OFF_ROLL_SESSIONS = "off_roll_sessions"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """One immutable version of something, written `id@version`."""

    id: str
    version: int

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.id}@{self.version}"

    @classmethod
    def read(cls, text: str) -> Ref | None:
        """Return what a text names, or None."""
        found = _REF.fullmatch(text)
        return cls(found[1], int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers that can be: from low to high, in steps of a number of decimals.

    Attributes:
        low, high: Millionths.
        decimals: 0 to 3.
    """

    low: int
    high: int
    decimals: int = 0

    @property
    def step(self) -> int:
        """The smallest difference of two answers, in millionths."""
        return int(MICRO // 10**self.decimals)

    @property
    def sound(self) -> bool:
        """Whether any two answers can differ, and both ends are answers."""
        ends = self.low % self.step == 0 and self.high % self.step == 0
        return self.low < self.high and ends

    def holds(self, value: int) -> bool:
        """Return whether a value is an answer."""
        return self.low <= value <= self.high and value % self.step == 0
