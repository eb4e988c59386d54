"""What the product computes: each formula over the sessions and the events of one child.

A child with too few possible sessions has no value, which is never a zero. Thresholds compare
whole numbers. Source: DfE, pupil absence in schools in England, methodology.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.outcomes.measures.catalogue.domain.entries import Measure
from services.outcomes.measures.catalogue.domain.values import Direction, Formula, Unit
from services.outcomes.measures.rates import Attendance

_PERSISTENT, _SEVERE = 10, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrences:
    """What happened to a child in a span of days; what was withdrawn or overturned is not in it.

    Attributes:
        suspension_spells, suspension_sessions: Suspensions that began in it, and what they cost.
        permanent_exclusions: 0 or more.
        off_roll_sessions: Sessions held while the child was on no roll.
    """

    suspension_spells: int = 0
    suspension_sessions: int = 0
    permanent_exclusions: int = 0
    off_roll_sessions: int = 0


def _share(sessions: int, possible: int) -> float:
    return sessions / possible


def _missed(attendance: Attendance, times: int) -> float:
    return float(times * attendance.absent >= attendance.possible)


_SESSIONS: dict[Formula, Callable[[Attendance], float]] = {
    Formula.ATTENDANCE_RATE: lambda held: _share(held.attended, held.possible),
    Formula.ABSENCE_RATE: lambda held: _share(held.absent, held.possible),
    Formula.AUTHORISED_ABSENCE_RATE: lambda held: _share(held.authorised, held.possible),
    Formula.UNAUTHORISED_ABSENCE_RATE: lambda held: _share(held.unauthorised, held.possible),
    Formula.LATENESS_RATE: lambda held: _share(held.late, held.possible),
    Formula.PERSISTENT_ABSENCE: lambda held: _missed(held, _PERSISTENT),
    Formula.SEVERE_ABSENCE: lambda held: _missed(held, _SEVERE),
}
_EVENTS: dict[Formula, Callable[[Occurrences], float]] = {
    Formula.SUSPENSION_SPELLS: lambda held: float(held.suspension_spells),
    Formula.SUSPENSION_SESSIONS: lambda held: float(held.suspension_sessions),
    Formula.SUSPENDED_CHILDREN: lambda held: float(held.suspension_spells > 0),
    Formula.PERMANENT_EXCLUSIONS: lambda held: float(held.permanent_exclusions),
    Formula.OFF_ROLL_SESSIONS: lambda held: float(held.off_roll_sessions),
}

DEFINITIONS: dict[Formula, tuple[Unit, Direction]] = {
    Formula.ATTENDANCE_RATE: (Unit.RATIO, Direction.HIGHER),
    Formula.ABSENCE_RATE: (Unit.RATIO, Direction.LOWER),
    Formula.AUTHORISED_ABSENCE_RATE: (Unit.RATIO, Direction.LOWER),
    Formula.UNAUTHORISED_ABSENCE_RATE: (Unit.RATIO, Direction.LOWER),
    Formula.LATENESS_RATE: (Unit.RATIO, Direction.LOWER),
    Formula.PERSISTENT_ABSENCE: (Unit.YES_NO, Direction.LOWER),
    Formula.SEVERE_ABSENCE: (Unit.YES_NO, Direction.LOWER),
    Formula.SUSPENSION_SPELLS: (Unit.COUNT, Direction.LOWER),
    Formula.SUSPENSION_SESSIONS: (Unit.SESSIONS, Direction.LOWER),
    Formula.SUSPENDED_CHILDREN: (Unit.YES_NO, Direction.LOWER),
    Formula.PERMANENT_EXCLUSIONS: (Unit.COUNT, Direction.LOWER),
    Formula.OFF_ROLL_SESSIONS: (Unit.SESSIONS, Direction.LOWER),
}
"""What each formula's value counts, and which way is better: a measure may not say otherwise."""


def counts_sessions(formula: Formula) -> bool:
    """Return whether a formula reads the register; the others read events."""
    return formula in _SESSIONS


def value_of(measure: Measure, attendance: Attendance, occurrences: Occurrences) -> float | None:
    """Return a computed measure of one child in one span; None when it cannot be said.

    Args:
        measure: One with a formula.
        attendance: The child's sessions of the span.
        occurrences: What happened to the child in it.
    """
    formula = measure.formula
    if formula is None:
        raise ValueError(f"{measure.ref} is recorded by people")
    if attendance.possible < measure.minimum_possible_sessions:
        return None
    if formula in _EVENTS:
        return _EVENTS[formula](occurrences)
    return _SESSIONS[formula](attendance) if attendance.possible else None
