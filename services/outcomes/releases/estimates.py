"""Estimates of a release: with their interval and their n, or not given and why.

The number of children behind each is a cell of the release like any other: where it is
suppressed, it is not told here, and a mean of just these children is not told either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.outcomes.analysis.figures import Figures
from services.outcomes.analysis.method.adjusted import Estimate
from services.outcomes.analysis.suspensions import SuspensionFigures
from services.outcomes.data_packages.contents import Role, Sheet, Variable, csv_bytes
from services.outcomes.disclosure.rules import Rules, Symbol
from services.outcomes.releases.tables import Population

Behind = Mapping[str, int | None]
"""Rounded numbers of children by population; None where suppressed."""

_NAIVE = "naive: includes the recovery that usually happens anyway"
_ADJUSTED = "compared with children who met the same trigger"
_PLACEBO = "the same method, every date 60 school days earlier"
_NONE = Symbol.NOT_APPLICABLE.value


def estimates_sheet(figures: Figures, behind: Behind, *, authority: str, rules: Rules) -> Sheet:
    """Return the table of estimates; of fewer children than a group, none is given."""
    variables = _variables(rules)
    rows = [[authority, *row] for row in _rows(figures, behind, rules)]
    content = csv_bytes([each.name for each in variables], rows)
    return Sheet("estimates", "Change in attendance and what it cost", variables, content)


def counted(name: str, description: str, rules: Rules) -> Variable:
    """Return a column of numbers of children under the rules."""
    return Variable(
        name,
        "integer",
        description,
        Role.COUNT,
        rounded_to=rules.base,
        suppressed_to=rules.threshold,
    )


def _variables(rules: Rules) -> tuple[Variable, ...]:
    return (
        Variable("authority", "string", "code of the local authority"),
        Variable("figure", "string", "what is estimated"),
        Variable("unit", "string", "pp: percentage points of attendance; GBP: pounds; or ratio"),
        Variable("estimate", "number", "the estimate; z when it is not given, c when suppressed"),
        Variable("lower", "number", "lower end of the 95 % interval"),
        Variable("upper", "number", "upper end of the 95 % interval"),
        counted("children", "children behind it, rounded; c when suppressed", rules),
        Variable("children_are", "string", "which children of the release these are"),
        counted("comparison", "compared with, rounded; c when suppressed", rules),
        Variable("comparison_are", "string", "which children of the release these are"),
        Variable("note", "string", "how it is to be read, or why it is not given"),
    )


def _rows(figures: Figures, behind: Behind, rules: Rules) -> Iterable[list[object]]:
    headline = Population.MEASURED, Population.COMPARISON
    yield [
        *("adjusted difference", "pp"),
        *_points(figures.adjusted, rules, told=True),
        *_counts(behind, *headline),
        _ADJUSTED,
    ]
    for name, estimate, who, note in (
        ("naive change", figures.naive, (Population.BEFORE_AND_AFTER, None), _NAIVE),
        (
            "placebo",
            figures.placebo,
            (Population.PLACEBO, Population.PLACEBO_COMPARISON),
            _PLACEBO,
        ),
    ):
        told = all(behind.get(each) is not None for each in who if each is not None)
        values = _points(estimate, rules, told=told)
        yield [name, "pp", *values, *_counts(behind, *who), note]
    if figures.suspensions is not None:
        yield _suspended(figures.suspensions, behind)
    enough = _enough(figures.adjusted, rules)
    for cost in figures.costs:
        amounts = (cost.cost_minor, cost.lower_minor, cost.upper_minor)
        given = enough and cost.cost_minor is not None
        values = [_pounds(each) if given else _NONE for each in amounts]
        counts = _counts(behind, *headline)
        yield [f"cost per {cost.outcome.value}", "GBP", *values, *counts, cost.withheld.value]


def _suspended(figures: SuspensionFigures, behind: Behind) -> list[object]:
    """Return the ratio of the rates of suspensions, where both groups may be told of."""
    who = Population.FOLLOWED, Population.FOLLOWED_COMPARISON
    values = (figures.ratio, figures.lower, figures.upper)
    told = all(behind.get(each) is not None for each in who)
    shown = [_NONE if each is None else f"{each:.2f}" for each in values]
    hidden = [Symbol.SUPPRESSED.value] * len(values) if figures.ratio is not None else shown
    cells = shown if told else hidden
    return ["suspension rate ratio", "ratio", *cells, *_counts(behind, *who), figures.label]


def _points(estimate: Estimate, rules: Rules, *, told: bool) -> list[object]:
    values = (estimate.estimate_pp, estimate.lower_pp, estimate.upper_pp)
    if not _enough(estimate, rules) or estimate.estimate_pp is None:
        return [_NONE] * len(values)
    if not told:
        return [Symbol.SUPPRESSED.value] * len(values)
    return [_NONE if each is None else f"{each:.1f}" for each in values]


def _counts(behind: Behind, who: Population, compared: Population | None) -> list[object]:
    cells: list[object] = []
    for each in (who, compared):
        number = None if each is None else behind.get(each)
        shown = Symbol.SUPPRESSED.value if number is None else number
        cells += [_NONE, ""] if each is None else [shown, each.value]
    return cells


def _enough(estimate: Estimate, rules: Rules) -> bool:
    return min(estimate.children, estimate.comparison or rules.group) >= rules.group


def _pounds(minor: int | None) -> object:
    """Return whole pounds: with pence, what the children cost could be worked out from it."""
    return _NONE if minor is None else (minor + 50) // 100
