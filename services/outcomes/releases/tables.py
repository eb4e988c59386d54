"""Who is divided by what in a release: the tables before disclosure control.

The children of one population stand in several tables; every number of children that a release
states, those behind an estimate too, is a cell of one, so that the control sees them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from services.outcomes.analysis.cohort import Cohort
from services.outcomes.analysis.method.children import (
    Direction,
    Flags,
    changes,
    persistently_absent,
    severely_absent,
)
from services.outcomes.analysis.rows import EMPTY_PANEL, Panel, Row
from services.outcomes.analysis.suspensions import followed
from services.outcomes.disclosure.rules import Rules
from services.outcomes.disclosure.tables import Dimension, Quantity, Record, Table, table_of
from services.outcomes.episodes.domain.episode import Part
from services.outcomes.episodes.windows import WindowKind
from services.outcomes.releases.membership import NO_COHORT

SPEND = "spend_gbp"
_DIRECTIONS = {
    Direction.IMPROVED: "improved",
    Direction.SAME: "same",
    Direction.WORSE: "worse",
}
_YES_OR_NO = ("no", "yes")
_WHOLE = {
    "change": tuple(_DIRECTIONS.values()),
    **dict.fromkeys(
        (
            *("supported", "persistent_before", "persistent_after", "severe_before"),
            *("severe_after", "suspended_before", "suspended_after"),
        ),
        _YES_OR_NO,
    ),
}
_FACETS = ("phase", "half_term", "category", "cohort")
_CHANGES_BY = ("phase", "half_term")


class Population(StrEnum):
    """Who is divided. `measured` are those behind the adjusted difference."""

    SUPPORTED = "supported"
    MET_TRIGGER = "met the trigger"
    MEASURED = "measured"
    COMPARISON = "comparison"
    BEFORE_AND_AFTER = "measured before and after"
    PLACEBO = "placebo"
    PLACEBO_COMPARISON = "placebo comparison"
    FOLLOWED = "followed"
    FOLLOWED_COMPARISON = "followed comparison"


_HEADLINE = (Population.MEASURED, Population.COMPARISON)
N_PREFIX = "n: "
"""Names of the tables that hold nothing but the number of children behind an estimate."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the children of a run beside the run.

    Attributes:
        numbers: The number of each, by id.
        cohorts: The label of the frozen cohort of each who was in one; empty when none is frozen.
    """

    numbers: Mapping[str, int]
    cohorts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Amounts:
    """Quantities of a table with what each row adds, and the largest part of that."""

    quantities: tuple[Quantity, ...] = ()
    values: tuple[tuple[int, ...], ...] = ()
    largest: tuple[tuple[int, ...], ...] = ()

    def of(self, place: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return what one row adds and its largest parts, in the order of the quantities."""
        return (
            tuple(each[place] for each in self.values),
            tuple(each[place] for each in self.largest),
        )


_NOTHING = _Amounts()
_By = tuple[tuple[str, ...], Sequence[tuple[str, ...]]]
"""Names of dimensions, and the labels of each row."""


class _Tables:
    """The tables of one run.

    Args:
        cohort: Its children.
        known: What else is known of them.
        rules: Say to what amounts are rounded.
    """

    def __init__(self, cohort: Cohort, known: Known, rules: Rules) -> None:
        self._cohort, self._known, self._rules = cohort, known, rules
        self._facets = _FACETS if known.cohorts else _FACETS[:-1]
        self._panel = cohort.panel or EMPTY_PANEL

    def all(self) -> Iterable[Table]:
        """Yield every table."""
        mine = self._panel.where(self._panel.supported)
        if not mine.rows:
            return
        yield from self._reached(mine.rows)
        yield from self._outcomes(self._headline(supported=True))
        yield from self._behind_estimates(mine)

    def _reached(self, rows: Sequence[Row]) -> Iterable[Table]:
        spend = self._spend(rows)
        spent: list[tuple[str, tuple[str, ...]]] = [
            ("reach", ("phase", "half_term")),
            ("category", ("category",)),
        ]
        if self._known.cohorts:
            spent.append(("reach_by_cohort", ("cohort",)))
        for name, facets in spent:
            by = self._by(facets, rows)
            yield self._table(name, Population.SUPPORTED, rows=rows, by=by, amounts=spend)
        met = self._panel.where(self._panel.triggered).rows
        for name, facet in (("take_up", "phase"), ("take_up_by_half_term", "half_term")):
            by = self._by((facet, "supported"), met)
            yield self._table(name, Population.MET_TRIGGER, rows=met, by=by)

    def _outcomes(self, told: Panel) -> Iterable[Table]:
        if not told.rows:
            return
        sessions, rows = self._sessions(told), told.rows
        for facet in self._facets:
            name, by = f"attendance_by_{facet}", self._by((facet,), rows)
            yield self._table(name, Population.MEASURED, rows=rows, by=by, amounts=sessions)
        for flag, labels in _flags(told):
            for facet in _CHANGES_BY:
                _, of_facet = self._by((facet,), rows)
                both = [(*one, other) for one, other in zip(of_facet, labels, strict=True)]
                name, by = f"{flag}_by_{facet}", ((facet, flag), both)
                yield self._table(name, Population.MEASURED, rows=rows, by=by)

    def _behind_estimates(self, mine: Panel) -> Iterable[Table]:
        both = mine.where(mine.before_and_after & ~mine.gone)
        placebo, told = self._panel.headline().placebo_measured(), followed(self._panel)
        for population, rows in (
            (Population.MEASURED, self._headline(supported=True).rows),
            (Population.COMPARISON, self._headline(supported=False).rows),
            (Population.BEFORE_AND_AFTER, both.rows),
            (Population.PLACEBO, placebo.where(placebo.supported).rows),
            (Population.PLACEBO_COMPARISON, placebo.where(~placebo.supported).rows),
            (Population.FOLLOWED, told.where(told.supported).rows),
            (Population.FOLLOWED_COMPARISON, told.where(~told.supported).rows),
        ):
            by = (), [()] * len(rows)
            found = self._table(f"{N_PREFIX}{population}", population, rows=rows, by=by)
            yield replace(found, yields=population not in _HEADLINE)

    def _headline(self, *, supported: bool) -> Panel:
        headline = self._panel.headline()
        return headline.where(headline.supported == supported)

    def _by(self, names: tuple[str, ...], rows: Sequence[Row]) -> _By:
        told: dict[str, Callable[[Row], str]] = {
            "phase": lambda row: row.phase,
            "half_term": half_term,
            "category": self._category,
            "cohort": lambda row: self._known.cohorts.get(row.child_id, NO_COHORT),
            "supported": lambda row: _yes(row.supported),
        }
        return names, [tuple(told[name](row) for name in names) for row in rows]

    def _table(
        self,
        name: str,
        population: Population,
        *,
        rows: Sequence[Row],
        by: _By,
        amounts: _Amounts = _NOTHING,
    ) -> Table:
        names, labels = by
        # A value that nobody has is a cell too: that it is empty says something of everybody.
        dimensions = [
            Dimension(each, _WHOLE.get(each) or tuple(sorted({label[place] for label in labels})))
            for place, each in enumerate(names)
        ]
        records = [
            Record(self._known.numbers[row.child_id], label, *amounts.of(place))
            for place, (row, label) in enumerate(zip(rows, labels, strict=True))
        ]
        return table_of(
            name,
            population.value,
            dimensions=dimensions,
            records=records,
            quantities=amounts.quantities,
        )

    def _spend(self, rows: Sequence[Row]) -> _Amounts:
        parts = [
            [part.cost_minor for each in row.episode_ids for part in self._parts(each)]
            for row in rows
        ]
        return _Amounts(
            (Quantity(SPEND, self._rules.spend_base),),
            (tuple(row.cost_minor for row in rows),),
            (tuple(max(costs, default=0) for costs in parts),),
        )

    def _sessions(self, told: Panel) -> _Amounts:
        held = [
            (f"{what}_{when}", tuple(int(each) for each in getattr(told.windows[kind], what)))
            for when, kind in (("before", WindowKind.BASELINE), ("after", WindowKind.FOLLOW_UP_1))
            for what in ("possible", "absent")
        ]
        base = self._rules.session_base
        values = tuple(each for _, each in held)
        return _Amounts(tuple(Quantity(name, base) for name, _ in held), values, values)

    def _category(self, row: Row) -> str:
        spend: Counter[str] = Counter()
        for episode_id in row.episode_ids:
            for part in self._parts(episode_id):
                spend[part.category] += part.cost_minor
        return min(spend, key=lambda each: (-spend[each], each)) if spend else "other"

    def _parts(self, episode_id: str) -> Sequence[Part]:
        return self._cohort.episodes[episode_id].parts


def tables(cohort: Cohort, known: Known, rules: Rules) -> list[Table]:
    """Return the tables of a run, before anything is hidden."""
    return list(_Tables(cohort, known, rules).all())


def half_term(row: Row) -> str:
    """Return a half-term as releases write it, such as `2025/26 HT1`."""
    year, number = row.half_term
    return f"{year}/{(year + 1) % 100:02d} HT{number}" if year else "outside term"


def _flags(told: Panel) -> Iterable[tuple[str, list[str]]]:
    """Yield what each measured child is told apart by."""
    base, follow = (told.windows[kind] for kind in (WindowKind.BASELINE, WindowKind.FOLLOW_UP_1))
    before, after = (base.absent, base.possible), (follow.absent, follow.possible)
    moved = changes(before, after, measured=np.ones(len(told.rows), dtype=np.bool_))
    yield "change", [_DIRECTIONS[Direction(each)] for each in moved.direction.tolist()]
    yield "persistent_before", _said(persistently_absent(*before))
    yield "persistent_after", _said(persistently_absent(*after))
    yield "severe_before", _said(severely_absent(*before))
    yield "severe_after", _said(severely_absent(*after))
    spells = told.happened.spells
    for name, kind in (("before", WindowKind.BASELINE), ("after", WindowKind.FOLLOW_UP_1)):
        yield f"suspended_{name}", _said(spells[kind] > 0)


def _said(flags: Flags) -> list[str]:
    return [_yes(bool(flag)) for flag in flags.tolist()]


def _yes(flag: bool) -> str:  # noqa: FBT001 (a word for a flag)
    return "yes" if flag else "no"
