"""The files of a release: safe tables, and the estimates with the children behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.outcomes.analysis.cohort import Cohort
from services.outcomes.analysis.figures import Figures
from services.outcomes.data_packages.contents import Role, Sheet, Variable, csv_bytes
from services.outcomes.disclosure.control import Controlled, control
from services.outcomes.disclosure.differencing import Group
from services.outcomes.disclosure.rules import Rules, Symbol
from services.outcomes.disclosure.tables import Dimension, Quantity
from services.outcomes.releases.estimates import counted, estimates_sheet
from services.outcomes.releases.tables import N_PREFIX, SPEND, Known, tables

_TITLES = {
    "reach": "Children supported and spend, by phase and half-term of the request",
    "category": "Children supported and spend, by the category most was spent on",
    "reach_by_cohort": "Children supported and spend, by the frozen cohort they were in",
    "take_up": "Children who met the trigger, by phase and whether they were supported",
    "take_up_by_half_term": "Children who met the trigger, by half-term and support",
}
_WHAT = {
    "attendance": "Possible and missed sessions before and after support",
    "change": "Children by the change in attendance",
    "persistent_before": "Children by persistent absence before support",
    "persistent_after": "Children by persistent absence after support",
    "severe_before": "Children by severe absence before support",
    "severe_after": "Children by severe absence after support",
    "suspended_before": "Children by any suspension in the 60 school days before support",
    "suspended_after": "Children by any suspension in the 30 school days after support",
}
_MEANT = {
    "phase": "phase of the school; Total for all",
    "half_term": "half-term of the request; Total for all",
    "category": "category most was spent on; Total for all",
    "cohort": "the one frozen cohort, several cohorts, or no cohort; Total for all",
    "supported": "yes with support; Total for all",
}
_AMOUNTS = {
    SPEND: "pounds, rounded; c when suppressed",
    "possible_before": "possible sessions before support, rounded; c when suppressed",
    "absent_before": "sessions missed before support, rounded; c when suppressed",
    "possible_after": "possible sessions after support, rounded; c when suppressed",
    "absent_after": "sessions missed after support, rounded; c when suppressed",
}
_RATES = {
    "attendance_before": ("possible_before", "absent_before"),
    "attendance_after": ("possible_after", "absent_after"),
}
_CHILDREN = "children, rounded; c when suppressed"
_PENCE = 100


@dataclass(frozen=True, slots=True)
class Built:
    """A release before anybody has seen it.

    Attributes:
        sheets: What is published.
        groups: The children of every cell shown, by where it is shown.
    """

    sheets: tuple[Sheet, ...]
    groups: tuple[Group, ...]


def build(cohort: Cohort, figures: Figures, *, known: Known, authority: str, rules: Rules) -> Built:
    """Return the safe tables of a run. Pure: the same run gives the same bytes.

    Args:
        cohort: The children of the run.
        figures: Its results.
        known: What is known of them beside the run.
        authority: Its code, which stands in every row.
        rules: Of disclosure control.
    """
    safe = control(tables(cohort, known, rules), rules)
    behind = {
        each.table.population: each.count(())
        for each in safe
        if each.table.name.startswith(N_PREFIX)
    }
    sheets = [_sheet(each, authority, rules) for each in safe if each.table.dimensions]
    return Built(
        (*sheets, estimates_sheet(figures, behind, authority=authority, rules=rules)),
        tuple(group for each in safe for group in _groups(each)),
    )


def _sheet(safe: Controlled, authority: str, rules: Rules) -> Sheet:
    table = safe.table
    quantities = [each.quantity for each in table.amounts]
    variables = [
        Variable("authority", "string", "code of the local authority"),
        *(Variable(each.name, "string", _meant(each), Role.DIMENSION) for each in table.dimensions),
        counted("children", _CHILDREN, rules),
        *(_variable(each) for each in quantities),
        *_rates(quantities),
    ]
    rows = []
    for index in np.ndindex(*table.shape):
        amounts = [safe.amount(place, index) for place in range(len(quantities))]
        shown = [_said(each, value) for each, value in zip(quantities, amounts, strict=True)]
        cells = [authority, *table.labels(index), _or_suppressed(safe.count(index))]
        rows.append([*cells, *shown, *_rate_cells(quantities, amounts)])
    content = csv_bytes([each.name for each in variables], rows)
    return Sheet(table.name, _title(table.name), tuple(variables), content, table.population)


def _title(name: str) -> str:
    if name in _TITLES:
        return _TITLES[name]
    what, _, facet = name.rpartition("_by_")
    return f"{_WHAT[what]}, by {facet.replace('_', '-')}"


def _meant(dimension: Dimension) -> str:
    return _MEANT.get(dimension.name, f"{', '.join(dimension.labels)}; Total for all")


def _variable(quantity: Quantity) -> Variable:
    money = quantity.name == SPEND
    base = quantity.base // _PENCE if money else quantity.base
    kind = "number" if money else "integer"
    return Variable(quantity.name, kind, _AMOUNTS[quantity.name], Role.AMOUNT, base)


def _said(quantity: Quantity, value: int | None) -> object:
    if value is None or quantity.name != SPEND:
        return _or_suppressed(value)
    return f"{value // _PENCE}.{value % _PENCE:02d}"


def _or_suppressed(value: int | None) -> object:
    return Symbol.SUPPRESSED.value if value is None else value


def _rates(quantities: Sequence[Quantity]) -> list[Variable]:
    """Return the rates that a table's amounts make: of what is published, so they add nothing."""
    names = {each.name for each in quantities}
    text = "attended share of possible sessions, percent, of the rounded sessions"
    return [
        Variable(name, "number", text, Role.RATE)
        for name, parts in _RATES.items()
        if names.issuperset(parts)
    ]


def _rate_cells(quantities: Sequence[Quantity], amounts: Sequence[int | None]) -> list[object]:
    held = {each.name: value for each, value in zip(quantities, amounts, strict=True)}
    cells: list[object] = []
    for each in _rates(quantities):
        possible, absent = (held[part] for part in _RATES[each.name])
        if not possible or absent is None:
            cells.append(Symbol.SUPPRESSED.value)
        else:
            cells.append(f"{100 * (possible - absent) / possible:.1f}")
    return cells


def _groups(safe: Controlled) -> Iterable[Group]:
    members = safe.table.children()
    for index in safe.shown():
        where = f"{safe.table.name}: {', '.join(safe.table.labels(index))}"
        yield Group(where, members.get(index, frozenset()))
