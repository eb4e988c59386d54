"""The tables of a release, from the children of a run: who was reached, at what cost, and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.outcomes.analysis.cohort import Cohort
from services.outcomes.analysis.figures import Figures
from services.outcomes.analysis.method.children import (
    Direction,
    changes,
    persistently_absent,
    severely_absent,
)
from services.outcomes.analysis.rows import EMPTY_PANEL, Panel, Row
from services.outcomes.disclosure.control import Controlled, control
from services.outcomes.disclosure.differencing import Group
from services.outcomes.disclosure.rules import Rules, Symbol
from services.outcomes.disclosure.tables import Dimension, Record, Table, table_of
from services.outcomes.episodes.windows import WindowKind
from services.outcomes.packaging import Sheet, Variable, csv_bytes
from services.outcomes.releases.estimates import estimates_sheet

_TITLES = {
    "reach": "Children supported and spend, by phase and half-term of the request",
    "category": "Children supported and spend, by the category most was spent on",
    "take_up": "Children who met the trigger, by whether they were supported",
    "change": "Children measured before and after, by the change in attendance",
    "persistent_before": "Children measured, by persistent absence before support",
    "persistent_after": "Children measured, by persistent absence after support",
    "severe_after": "Children measured, by severe absence after support",
}
_YES, _NO = "yes", "no"
_DIRECTIONS = {
    Direction.IMPROVED: "improved",
    Direction.SAME: "same",
    Direction.WORSE: "worse",
}


@dataclass(frozen=True, slots=True)
class Built:
    """A release before anybody has seen it.

    Attributes:
        sheets: What is published.
        groups: The children of every cell shown, by where it is shown.
    """

    sheets: tuple[Sheet, ...]
    groups: tuple[Group, ...]


def build(cohort: Cohort, figures: Figures, numbers: dict[str, int], rules: Rules) -> Built:
    """Return the safe tables of a run. Pure: the same run gives the same bytes.

    Args:
        cohort: The children of the run.
        figures: Its results.
        numbers: The number of each child, by id.
        rules: Of disclosure control.
    """
    safe = control(list(_tables(cohort, numbers)), rules)
    sheets = [_sheet(each) for each in safe]
    return Built(
        (*sheets, estimates_sheet(figures, rules)),
        tuple(group for each in safe for group in _groups(each)),
    )


def _tables(cohort: Cohort, numbers: dict[str, int]) -> Iterable[Table]:
    panel = cohort.panel or EMPTY_PANEL
    mine = panel.where(panel.supported)
    if not mine.rows:
        return
    largest = {row.child_id: _largest(cohort, row) for row in mine.rows}

    def table(
        name: str, population: str, rows: Sequence[Row], labels: Sequence[tuple[str, ...]]
    ) -> Table:
        names = _DIMENSIONS[name]
        dimensions = [
            Dimension(each, tuple(sorted({label[place] for label in labels})))
            for place, each in enumerate(names)
        ]
        records = [
            Record(numbers[row.child_id], label, row.cost_minor, largest.get(row.child_id, 0))
            for row, label in zip(rows, labels, strict=True)
        ]
        return table_of(name, population, dimensions=dimensions, records=records)

    rows = mine.rows
    yield table("reach", "supported", rows, [(row.phase, half_term(row)) for row in rows])
    yield table("category", "supported", rows, [(_category(cohort, row),) for row in rows])
    met = panel.where(panel.triggered)
    shares = [(row.phase, _YES if row.supported else _NO) for row in met.rows]
    if met.rows:
        yield _without_money(table("take_up", "met the trigger", met.rows, shares))
    yield from (
        _without_money(table(name, "measured", after.rows, labels))
        for after, name, labels in _outcomes(mine)
    )


_DIMENSIONS = {
    "reach": ("phase", "half_term"),
    "category": ("category",),
    "take_up": ("phase", "supported"),
    "change": ("change",),
    "persistent_before": ("persistent_before",),
    "persistent_after": ("persistent_after",),
    "severe_after": ("severe_after",),
}


def _outcomes(mine: Panel) -> Iterable[tuple[Panel, str, list[tuple[str, ...]]]]:
    base, follow = (mine.windows[kind] for kind in (WindowKind.BASELINE, WindowKind.FOLLOW_UP_1))
    told = mine.where(base.measured & follow.measured & ~mine.left_early)
    if not told.rows:
        return
    base, follow = (told.windows[kind] for kind in (WindowKind.BASELINE, WindowKind.FOLLOW_UP_1))
    before, after = (base.absent, base.possible), (follow.absent, follow.possible)
    moved = changes(before, after, measured=np.ones(len(told.rows), dtype=np.bool_))
    yield told, "change", [(_DIRECTIONS[Direction(each)],) for each in moved.direction.tolist()]
    for name, flags in (
        ("persistent_before", persistently_absent(*before)),
        ("persistent_after", persistently_absent(*after)),
        ("severe_after", severely_absent(*after)),
    ):
        yield told, name, [(_YES if flag else _NO,) for flag in flags.tolist()]


def _without_money(table: Table) -> Table:
    return Table(
        name=table.name,
        population=table.population,
        dimensions=table.dimensions,
        counts=table.counts,
        members=table.members,
    )


def half_term(row: Row) -> str:
    """Return a half-term as releases write it, such as `2025/26 HT1`."""
    year, number = row.half_term
    return f"{year}/{(year + 1) % 100:02d} HT{number}" if year else "outside term"


def _category(cohort: Cohort, row: Row) -> str:
    spend: Counter[str] = Counter()
    for episode_id in row.episode_ids:
        for part in cohort.episodes[episode_id].parts:
            spend[part.category] += part.cost_minor
    return min(spend, key=lambda each: (-spend[each], each)) if spend else "other"


def _largest(cohort: Cohort, row: Row) -> int:
    parts = (part for each in row.episode_ids for part in cohort.episodes[each].parts)
    return max((part.cost_minor for part in parts), default=0)


def _sheet(safe: Controlled) -> Sheet:
    table, money = safe.table, safe.spend is not None
    variables = [
        *(
            Variable(each.name, "string", f"{each.name}; Total for all")
            for each in table.dimensions
        ),
        Variable("children", "integer", "children, rounded; c when suppressed"),
        *([Variable("spend_gbp", "number", "pounds, rounded; c when suppressed")] if money else []),
    ]
    rows = []
    for index in np.ndindex(*table.shape):
        cells: list[object] = [*table.labels(index), _count(safe.count(index))]
        rows.append([*cells, _pounds(safe.spend_minor(index))] if money else cells)
    content = csv_bytes([each.name for each in variables], rows)
    return Sheet(table.name, _TITLES[table.name], tuple(variables), content)


def _count(value: int | None) -> object:
    return Symbol.SUPPRESSED.value if value is None else value


def _pounds(minor: int | None) -> object:
    return Symbol.SUPPRESSED.value if minor is None else f"{minor // 100}.{minor % 100:02d}"


def _groups(safe: Controlled) -> Iterable[Group]:
    members = safe.table.children()
    for index in safe.shown():
        where = f"{safe.table.name}: {', '.join(safe.table.labels(index))}"
        yield Group(where, members.get(index, frozenset()))
