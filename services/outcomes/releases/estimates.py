"""Estimates of a release: with their interval and their n, or not given and why."""

from __future__ import annotations

from collections.abc import Iterable

from services.outcomes.analysis.figures import Figures
from services.outcomes.analysis.method.adjusted import Estimate
from services.outcomes.disclosure.rules import Rules, Symbol
from services.outcomes.packaging import Sheet, Variable, csv_bytes

_VARIABLES = (
    Variable("figure", "string", "what is estimated"),
    Variable("unit", "string", "pp are percentage points of attendance; GBP are pounds"),
    Variable("estimate", "number", "the estimate; z when it is not given"),
    Variable("lower", "number", "lower end of the 95 % interval"),
    Variable("upper", "number", "upper end of the 95 % interval"),
    Variable("children", "integer", "supported children behind it, rounded"),
    Variable("comparison", "integer", "comparison children behind it, rounded"),
    Variable("note", "string", "how it is to be read, or why it is not given"),
)
_NAIVE = "naive: includes the recovery that usually happens anyway"


def estimates_sheet(figures: Figures, rules: Rules) -> Sheet:
    """Return the table of estimates; of fewer children than a group, none is given."""
    content = csv_bytes([each.name for each in _VARIABLES], _rows(figures, rules))
    return Sheet("estimates", "Change in attendance and what it cost", _VARIABLES, content)


def _rows(figures: Figures, rules: Rules) -> Iterable[list[object]]:
    kinds = (
        (
            "adjusted difference",
            figures.adjusted,
            "compared with children who met the same trigger",
        ),
        ("naive change", figures.naive, _NAIVE),
        ("placebo", figures.placebo, "the same method, every date 60 school days earlier"),
    )
    for name, estimate, note in kinds:
        yield [name, "pp", *_points(estimate, rules), note]
    shown = _enough(figures.adjusted, rules)
    for cost in figures.costs:
        amounts = (cost.cost_minor, cost.lower_minor, cost.upper_minor)
        told = shown and cost.cost_minor is not None
        values = [_pounds(each) if told else Symbol.NOT_APPLICABLE.value for each in amounts]
        counts = _counts(figures.adjusted, rules)
        yield [f"cost per {cost.outcome.value}", "GBP", *values, *counts, cost.withheld.value]


def _points(estimate: Estimate, rules: Rules) -> list[object]:
    values = (estimate.estimate_pp, estimate.lower_pp, estimate.upper_pp)
    told = _enough(estimate, rules) and estimate.estimate_pp is not None
    none = Symbol.NOT_APPLICABLE.value
    shown: list[object] = [f"{each:.1f}" if told and each is not None else none for each in values]
    return [*shown, *_counts(estimate, rules)]


def _counts(estimate: Estimate, rules: Rules) -> list[object]:
    return [_count(each, rules) for each in (estimate.children, estimate.comparison)]


def _count(value: int, rules: Rules) -> object:
    if value <= rules.threshold:
        return Symbol.SUPPRESSED.value
    return (value + rules.base // 2) // rules.base * rules.base


def _enough(estimate: Estimate, rules: Rules) -> bool:
    return min(estimate.children, estimate.comparison or rules.group) >= rules.group


def _pounds(minor: int | None) -> object:
    if minor is None:
        return Symbol.NOT_APPLICABLE.value
    sign, size = "-" if minor < 0 else "", abs(minor)
    return f"{sign}{size // 100}.{size % 100:02d}"
