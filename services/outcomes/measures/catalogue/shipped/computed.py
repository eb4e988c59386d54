"""The measures that the product computes from registers and events."""

from __future__ import annotations

from services.outcomes.measures.catalogue.domain.entries import Measure
from services.outcomes.measures.catalogue.domain.values import (
    Direction,
    Formula,
    Unit,
)
from services.outcomes.measures.catalogue.shipped.owner import OWNER

MINIMUM_POSSIBLE_SESSIONS = 20
"""A rate from fewer possible sessions is not given; the windows of an analysis have the same."""

_LOWER, _HIGHER = Direction.LOWER, Direction.HIGHER
_POSSIBLE = "of the sessions that were possible for the child"

_RATES = (
    (Formula.ATTENDANCE_RATE, "Attendance rate", _HIGHER, "Share attended"),
    (Formula.ABSENCE_RATE, "Overall absence rate", _LOWER, "Share missed"),
    (
        Formula.AUTHORISED_ABSENCE_RATE,
        "Authorised absence rate",
        _LOWER,
        "Share missed with the school's leave",
    ),
    (
        Formula.UNAUTHORISED_ABSENCE_RATE,
        "Unauthorised absence rate",
        _LOWER,
        "Share missed without the school's leave, or with no reason yet (N),",
    ),
    (
        Formula.LATENESS_RATE,
        "Lateness rate",
        _LOWER,
        "Share at which the child came late, before or after the register closed (L and U),",
    ),
)
_LINES = (
    (
        Formula.PERSISTENT_ABSENCE,
        "Persistent absence",
        "Whether a tenth or more of possible sessions was missed: 10 x absent >= possible.",
    ),
    (
        Formula.SEVERE_ABSENCE,
        "Severe absence",
        "Whether half or more of possible sessions was missed: 2 x absent >= possible.",
    ),
)
_COUNTS = (
    (
        Formula.SUSPENSION_SPELLS,
        "Suspensions",
        Unit.COUNT,
        "Suspensions that began, less those withdrawn or overturned; no internal exclusions.",
    ),
    (
        Formula.SUSPENSION_SESSIONS,
        "Sessions lost to suspension",
        Unit.SESSIONS,
        "Sessions of those suspensions.",
    ),
    (
        Formula.SUSPENDED_CHILDREN,
        "Children suspended",
        Unit.YES_NO,
        "Whether there was one suspension or more.",
    ),
    (
        Formula.PERMANENT_EXCLUSIONS,
        "Permanent exclusions",
        Unit.COUNT,
        "Permanent exclusions, less those withdrawn or overturned.",
    ),
    (
        Formula.OFF_ROLL_SESSIONS,
        "Possible sessions off roll",
        Unit.SESSIONS,
        "Sessions that schools held after the child had left one roll and was on no other.",
    ),
)


def computed() -> tuple[Measure, ...]:
    """Return every measure that the product computes."""
    rates = [
        _measure(formula, name, Unit.RATIO, direction=direction, definition=f"{text} {_POSSIBLE}.")
        for formula, name, direction, text in _RATES
    ]
    lines = [
        _measure(formula, name, Unit.YES_NO, direction=_LOWER, definition=text)
        for formula, name, text in _LINES
    ]
    counts = [
        _measure(formula, name, unit, direction=_LOWER, definition=text)
        for formula, name, unit, text in _COUNTS
    ]
    return tuple(rates + lines + counts)


def _measure(
    formula: Formula, name: str, unit: Unit, *, direction: Direction, definition: str
) -> Measure:
    counted = formula in {each[0] for each in _COUNTS}
    return Measure(
        id=formula.value,
        version=1,
        name=name,
        unit=unit,
        direction=direction,
        definition=definition,
        owner=OWNER,
        formula=formula,
        minimum_possible_sessions=0 if counted else MINIMUM_POSSIBLE_SESSIONS,
    )
