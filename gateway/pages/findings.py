"""The figures of a run as a page shows them: each with its interval and n, or a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from localresponse.outcomes.v1 import analysis_service_pb2 as analysis

from gateway.pages import words

WITHHELD: Mapping[int, str] = {
    analysis.WITHHELD_TOO_FEW_CHILDREN: "fewer than 10 children measured, so no rate is shown",
    analysis.WITHHELD_TOO_FEW_COMPARISON: "fewer than 10 children to compare with",
    analysis.WITHHELD_NOT_DISTINGUISHABLE_FROM_ZERO: "not distinguishable from zero",
    analysis.WITHHELD_NOT_MEASURED: "not measured yet, because the follow-up is still running",
}

COST_NAMES: Mapping[int, str] = {
    analysis.FIGURE_COST_PER_POINT: "Cost per percentage point of attendance gained",
    analysis.FIGURE_COST_PER_EXTRA_SESSION: "Cost per extra session attended",
    analysis.FIGURE_COST_PER_CHILD_REENGAGED: "Cost per child back in school more",
    analysis.FIGURE_COST_PER_PERSISTENT_EXIT: "Cost per child no longer persistently absent",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost per outcome: the amount in words, or why there is none."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One group's figures.

    Attributes:
        name: The group.
        results: All of it, for what a page shows once.
        change: Compared with children like them, in percentage points; None when withheld.
        naive: Before and after alone; None when withheld.
        withheld: Why `change` is not there; empty when it is.
    """

    name: str
    results: analysis.Results
    children: int
    spend_minor: int
    cost_per_child_minor: int | None
    change: float | None
    low: float | None
    high: float | None
    naive: float | None
    naive_low: float | None
    naive_high: float | None
    withheld: str
    naive_withheld: str
    costs: tuple[Cost, ...]

    @property
    def change_words(self) -> str:
        """Return the compared change with its interval, or why it is not shown."""
        return _interval(self.change, self.low, self.high) or self.withheld

    @property
    def naive_words(self) -> str:
        """Return the naive change with its interval, or why it is not shown."""
        return _interval(self.naive, self.naive_low, self.naive_high) or self.naive_withheld


def found(name: str, results: analysis.Results) -> Finding:
    """Return what a page shows of a run's results."""
    change, low, high = _points(results.adjusted_difference)
    naive, naive_low, naive_high = _points(results.naive_change)
    per_child = results.cost_per_child
    return Finding(
        name=name,
        results=results,
        children=results.counts.children,
        spend_minor=words.minor(results.spend),
        cost_per_child_minor=words.minor(per_child) if results.HasField("cost_per_child") else None,
        change=change,
        low=low,
        high=high,
        naive=naive,
        naive_low=naive_low,
        naive_high=naive_high,
        withheld=_reason(results.adjusted_difference),
        naive_withheld=_reason(results.naive_change),
        costs=tuple(_cost(cost) for cost in results.costs),
    )


def spread(findings: Sequence[Finding]) -> str:
    """Return what the figures say in one sentence; it never says what caused a change."""
    if not findings:
        return "Nothing has been measured yet"
    overall = findings[0]
    spent = f"{words.pounds_of(overall.spend_minor)} was spent on {_children(overall.children)}"
    if overall.change is None:
        return f"{spent}; the change of attendance is not shown: {overall.withheld}"
    if overall.low is not None and overall.high is not None and overall.low <= 0 <= overall.high:
        return f"{spent}; the change of attendance cannot be told from no change"
    way = "higher" if overall.change > 0 else "lower"
    return (
        f"{spent}; their attendance was {abs(overall.change):.1f} percentage points {way} than "
        "that of children like them"
    )


def _points(estimate: analysis.PointsEstimate) -> tuple[float | None, float | None, float | None]:
    if estimate.withheld or not estimate.HasField("estimate_pp"):
        return None, None, None
    low = estimate.lower_pp if estimate.HasField("lower_pp") else None
    high = estimate.upper_pp if estimate.HasField("upper_pp") else None
    return estimate.estimate_pp, low, high


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return ""
    if low is None or high is None:
        return f"{words.points(value)} percentage points"
    return (
        f"{words.points(value)} percentage points, likely between {words.points(low)} "
        f"and {words.points(high)}"
    )


def _reason(estimate: analysis.PointsEstimate) -> str:
    if estimate.HasField("estimate_pp") and not estimate.withheld:
        return ""
    return WITHHELD.get(estimate.withheld, "not measured yet")


def _cost(cost: analysis.CostEstimate) -> Cost:
    name = COST_NAMES.get(cost.figure, cost.unit)
    if cost.withheld or not cost.HasField("cost"):
        return Cost(name, cost.label or WITHHELD.get(cost.withheld, "not measured yet"))
    low, beside = words.pounds(cost.lower), f"; {cost.label}" if cost.label else ""
    if not cost.HasField("upper"):
        return Cost(name, f"{words.pounds(cost.cost)}, likely {low} or more{beside}")
    between = f"likely between {low} and {words.pounds(cost.upper)}"
    return Cost(name, f"{words.pounds(cost.cost)}, {between}{beside}")


def _children(number: int) -> str:
    return words.count(number, "child", "children")
