"""From published weeks to a step and a change of trend, each with its interval. Pure.

Season and national trend go with the neighbours' mean; what is left is fitted with half-term
dummies and Newey-West errors. Source: reference 2.2, item 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from services.outcomes.analysis.method.intervals import NORMAL_95
from services.outcomes.analysis.method.series import POINTS_EACH_SIDE, interruption
from services.outcomes.errors.analyses import (
    SeriesCalendarMissing,
    SeriesNeighboursTooFew,
    SeriesTooShort,
)
from services.outcomes.reference.calendars import HalfTerm
from services.outcomes.reference.domain import Phase

METHOD_VERSION = "series-1"
NEIGHBOURS_MIN = 3
"""With fewer neighbours their mean is one authority's weather."""

NEIGHBOURS_SHARE_PERCENT = 90
"""A neighbour is compared with when it was published in so many of the authority's weeks."""

_FRIDAY = timedelta(days=4)
_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """An authority's sessions of a phase in a week, as published on a day."""

    authority: str
    phase: Phase
    monday: date
    published_on: date
    possible: int
    absent: int

    @property
    def percent(self) -> float:
        """Return the attendance in percent of possible sessions; there must be one."""
        return 100 * (self.possible - self.absent) / self.possible


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is compared with what.

    Attributes:
        start: Monday of the first week after the interruption.
        first, last: No week outside; None for any.
    """

    name: str
    phase: Phase
    start: date
    first: date | None = None
    last: date | None = None

    def holds(self, monday: date) -> bool:
        """Return whether a week is in the time asked for."""
        early = self.first is not None and monday < self.first
        return not early and not (self.last is not None and monday > self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change in percentage points with its 95 % interval; positive is better."""

    estimate_pp: float
    lower_pp: float
    upper_pp: float
    error_pp: float

    @property
    def distinguishable(self) -> bool:
        """Return whether zero lies outside the interval."""
        return self.lower_pp > 0 or self.upper_pp < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One week of the series."""

    week: Week
    neighbours_percent: float
    half_term: int
    after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an analysis found."""

    step: Change
    slope: Change
    lags: int
    neighbours: tuple[str, ...]
    points: tuple[Point, ...]
    inputs_sha256: str


def figures_of(
    weeks: Sequence[Week],
    rule: Rule,
    *,
    authority: str,
    neighbours: Sequence[str],
    half_terms: Sequence[HalfTerm],
) -> Figures:
    """Return the step and the change of trend of an authority at the rule's week.

    Compared with are the neighbours that were published in nine of ten of the authority's weeks;
    a week in which one of them was on holiday or suppressed is left out, so that the mean is of
    the same authorities throughout.

    Args:
        weeks: One a week and authority, of the rule's phase.
        rule: What to compare with what.
        authority: Whose series it is.
        neighbours: Its statistical neighbours, the nearest first.
        half_terms: Of its calendar.

    Raises:
        SeriesTooShort: Fewer than 8 weeks on a side (SERIES_TOO_SHORT).
        SeriesNeighboursTooFew: Fewer than 3 neighbours have a figure in nine weeks of ten
            (SERIES_NEIGHBOURS_TOO_FEW).
        SeriesCalendarMissing: A week is in no half-term (SERIES_CALENDAR_MISSING).
    """
    held = {
        (week.authority, week.monday): week
        for week in weeks
        if week.possible and rule.holds(week.monday)
    }
    mondays, whole = _together(held, authority, neighbours)
    before = sum(monday < rule.start for monday in mondays)
    if min(before, len(mondays) - before) < POINTS_EACH_SIDE:
        raise SeriesTooShort(before, len(mondays) - before, POINTS_EACH_SIDE)
    if len(whole) < NEIGHBOURS_MIN:
        raise SeriesNeighboursTooFew(len(whole), NEIGHBOURS_MIN)
    used = [held[code, monday] for code in [authority, *whole] for monday in mondays]
    points = [
        Point(
            week=held[authority, monday],
            neighbours_percent=sum(held[code, monday].percent for code in whole) / len(whole),
            half_term=_half_term(monday, half_terms),
            after=monday >= rule.start,
        )
        for monday in mondays
    ]
    return _fitted(points, before, neighbours=whole, digest=_digest(used))


def _together(
    held: Mapping[tuple[str, date], Week], authority: str, neighbours: Sequence[str]
) -> tuple[list[date], list[str]]:
    """Return the weeks that all have, and the neighbours who are all."""
    published = sorted(monday for code, monday in held if code == authority)
    least = NEIGHBOURS_SHARE_PERCENT * len(published)
    whole = [
        code
        for code in neighbours
        if 100 * sum((code, monday) in held for monday in published) >= least
    ]
    return [day for day in published if all((code, day) in held for code in whole)], whole


def _fitted(
    points: Sequence[Point], start: int, *, neighbours: Iterable[str], digest: str
) -> Figures:
    found = interruption(
        np.array([point.week.percent for point in points]),
        np.array([point.neighbours_percent for point in points]),
        start=start,
        half_term=np.array([point.half_term for point in points], np.int64),
    )
    return Figures(
        step=_change(found.step_pp, found.step_error_pp),
        slope=_change(found.slope_pp, found.slope_error_pp),
        lags=found.lags,
        neighbours=tuple(neighbours),
        points=tuple(points),
        inputs_sha256=digest,
    )


def latest(weeks: Iterable[Week]) -> list[Week]:
    """Return of each authority and week what was published last."""
    newest: dict[tuple[str, date], Week] = {}
    for week in sorted(weeks, key=lambda one: one.published_on):
        newest[week.authority, week.monday] = week
    return list(newest.values())


def explanation(rule: Rule, edition: str) -> str:
    """Return in words how the figures are computed and what they can say."""
    return (
        f"Weekly attendance of {rule.phase.name.lower()} schools less the mean of the authority's "
        f"statistical neighbours ({edition}) in the weeks that all of them have, fitted on time, "
        f"a step and a change of trend from {rule.start.isoformat()}, and half-terms; errors after "
        "Newey and West. It says what changed then, not what caused it: anything else that began "
        "in the same weeks here and not there is in it."
    )


def _half_term(monday: date, half_terms: Sequence[HalfTerm]) -> int:
    for term in half_terms:
        if term.first <= monday + _FRIDAY and monday <= term.last:
            return term.number
    raise SeriesCalendarMissing(monday)


def _change(estimate: float, error: float) -> Change:
    reach = NORMAL_95 * error
    return Change(
        estimate_pp=round(estimate, _DIGITS),
        lower_pp=round(estimate - reach, _DIGITS),
        upper_pp=round(estimate + reach, _DIGITS),
        error_pp=round(error, _DIGITS),
    )


def _digest(weeks: Iterable[Week]) -> str:
    lines = (
        f"{week.authority} {week.monday} {week.published_on} {week.possible} {week.absent}\n"
        for week in weeks
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()
