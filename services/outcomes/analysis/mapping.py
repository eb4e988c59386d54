"""Runs and figures between the wire and the domain."""

from __future__ import annotations

from typing import Any

from google.type.money_pb2 import Money as MoneyMessage
from localresponse.outcomes.v1 import analysis_service_pb2 as pb
from localresponse.outcomes.v1 import event_figures_pb2 as figures_pb
from localresponse.outcomes.v1 import figure_inputs_pb2 as inputs_pb

from services.chassis.money import Money
from services.chassis.wire import (
    date_from_proto,
    date_to_proto,
    money_to_proto,
    timestamp_to_proto,
)
from services.outcomes.analysis.breakdowns import Breakdown
from services.outcomes.analysis.figures import Counts, Figures
from services.outcomes.analysis.method.adjusted import Estimate, Withheld
from services.outcomes.analysis.method.attribution import Attribution
from services.outcomes.analysis.method.costs import NOT_DISTINGUISHABLE, Cost, Outcome
from services.outcomes.analysis.method.intervals import upper_limit
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.analysis.storage import Run, RunState
from services.outcomes.analysis.suspensions import METHOD, GroupSuspensions, SuspensionFigures

STATES = {
    RunState.QUEUED: pb.ANALYSIS_RUN_STATE_QUEUED,
    RunState.RUNNING: pb.ANALYSIS_RUN_STATE_RUNNING,
    RunState.COMPLETED: pb.ANALYSIS_RUN_STATE_COMPLETED,
    RunState.FAILED: pb.ANALYSIS_RUN_STATE_FAILED,
    RunState.CANCELLED: pb.ANALYSIS_RUN_STATE_CANCELLED,
}
_WITHHELD = {
    Withheld.NO: pb.WITHHELD_UNSPECIFIED,
    Withheld.TOO_FEW_CHILDREN: pb.WITHHELD_TOO_FEW_CHILDREN,
    Withheld.TOO_FEW_COMPARISON: pb.WITHHELD_TOO_FEW_COMPARISON,
    Withheld.NOT_DISTINGUISHABLE_FROM_ZERO: pb.WITHHELD_NOT_DISTINGUISHABLE_FROM_ZERO,
    Withheld.NOT_MEASURED: pb.WITHHELD_NOT_MEASURED,
}
_FIGURES = {
    Outcome.POINT: pb.FIGURE_COST_PER_POINT,
    Outcome.EXTRA_SESSION: pb.FIGURE_COST_PER_EXTRA_SESSION,
    Outcome.CHILD_REENGAGED: pb.FIGURE_COST_PER_CHILD_REENGAGED,
    Outcome.PERSISTENT_EXIT: pb.FIGURE_COST_PER_PERSISTENT_EXIT,
}
_ATTRIBUTIONS = {
    Attribution.EQUAL: inputs_pb.ATTRIBUTION_EQUAL,
    Attribution.COST_WEIGHTED: inputs_pb.ATTRIBUTION_COST_WEIGHTED,
    Attribution.LAST: inputs_pb.ATTRIBUTION_LAST,
}
_LABELS = {
    Withheld.TOO_FEW_CHILDREN: "too few children: counts only",
    Withheld.TOO_FEW_COMPARISON: "too few children like them to compare with",
    Withheld.NOT_DISTINGUISHABLE_FROM_ZERO: NOT_DISTINGUISHABLE,
    Withheld.NOT_MEASURED: "not measured yet",
}
_LISTS = ("school_urns", "categories", "source_ids", "supplier_ids", "phases", "year_groups")


def rule_in(rule: pb.CohortRule) -> CohortRule:
    """Return a rule from the wire; lists in one order, so that equal rules are equal text."""
    lists: dict[str, Any] = {name: tuple(sorted(getattr(rule, name))) for name in _LISTS}
    return CohortRule(
        name=rule.name,
        index_from=(
            date_from_proto(rule.index_from, "rule.index_from")
            if rule.HasField("index_from")
            else None
        ),
        index_to=(
            date_from_proto(rule.index_to, "rule.index_to") if rule.HasField("index_to") else None
        ),
        cohort_id=rule.cohort_id,
        **lists,
    )


def run_out(run: Run) -> pb.AnalysisRun:
    """Return a run for the wire."""
    rule = run.rule
    lists: dict[str, Any] = {name: getattr(rule, name) for name in _LISTS}
    return pb.AnalysisRun(
        id=run.id,
        state=STATES[run.state],
        rule=pb.CohortRule(
            name=rule.name,
            index_from=date_to_proto(rule.index_from) if rule.index_from else None,
            index_to=date_to_proto(rule.index_to) if rule.index_to else None,
            cohort_id=rule.cohort_id,
            **lists,
        ),
        method_version=run.method_version,
        as_of_time=timestamp_to_proto(run.as_of),
        seed=run.seed,
        create_time=timestamp_to_proto(run.created_at),
        complete_time=timestamp_to_proto(run.completed_at) if run.completed_at else None,
        failure=run.failure,
        progress_percent=run.progress_percent,
        step=run.step,
        results_sha256=run.results_sha256,
    )


def results_out(run: Run, figures: Figures) -> pb.Results:
    """Return the figures of a run for the wire."""
    counts = figures.counts
    means: dict[str, Any] = figures.means
    return pb.Results(
        run=run_out(run),
        counts=_counts(counts),
        spend=money(figures.spend_minor),
        spend_measured=money(figures.spend_measured_minor),
        cost_per_child=_per_child(figures.spend_minor, counts.children),
        naive_change=_points(figures.naive),
        adjusted_difference=_points(figures.adjusted),
        placebo=_points(figures.placebo),
        sensitivity_bound_pp=figures.sensitivity_bound_pp,
        costs=[_cost(each, figures.adjusted) for each in figures.costs],
        extra_sessions=figures.extra_sessions,
        spend_parts=[
            inputs_pb.SpendPart(
                split=part.split,
                value=part.value,
                spend=money(part.spend_minor),
                children=part.children,
            )
            for part in figures.spend_parts
        ],
        permanent_exclusions=count_out(counts.permanently_excluded, counts.children),
        suspensions=_suspensions(figures.suspensions) if figures.suspensions else None,
        notes=figures.notes,
        not_yet_funded=_points(figures.not_yet_funded) if figures.not_yet_funded else None,
        breakdowns=[_breakdown(each) for each in figures.breakdowns],
        **means,
    )


def money(minor: int) -> MoneyMessage:
    """Return pence for the wire."""
    return money_to_proto(Money(minor))


def count_out(children: int, out_of: int) -> figures_pb.EventCount:
    """Return how many children had an event, with the upper end of the rate's interval."""
    upper = upper_limit(children, out_of) if out_of else 0.0
    return figures_pb.EventCount(children=children, out_of=out_of, upper_rate=upper)


def _suspensions(held: SuspensionFigures) -> figures_pb.SuspensionFigures:
    return figures_pb.SuspensionFigures(
        supported=_group(held.supported),
        comparison=_group(held.comparison),
        rate_ratio=held.ratio,
        lower_ratio=held.lower,
        upper_ratio=held.upper,
        dispersion=held.dispersion,
        label=held.label,
        method="" if held.ratio is None else METHOD,
    )


def _group(held: GroupSuspensions) -> figures_pb.GroupSuspensions:
    return figures_pb.GroupSuspensions(
        children=held.children,
        suspended_before=count_out(held.suspended_before, held.children),
        suspended_after=count_out(held.suspended_after, held.children),
        spells_before=held.spells_before,
        spells_after=held.spells_after,
        sessions_before=held.sessions_before,
        sessions_after=held.sessions_after,
        possible_before=held.possible_before,
        possible_after=held.possible_after,
        off_roll_after=held.off_roll_after,
    )


def _breakdown(held: Breakdown) -> pb.CostBreakdown:
    return pb.CostBreakdown(
        split=held.split,
        value=held.value,
        attribution=_ATTRIBUTIONS[held.attribution],
        children=held.children,
        spend=money(held.spend_minor),
        credited_millionths=held.credited_millionths,
        adjusted_difference=_points(held.adjusted),
        costs=[_cost(each, held.adjusted) for each in held.costs],
    )


def _counts(counts: Counts) -> pb.CohortCounts:
    return pb.CohortCounts(**{name: getattr(counts, name) for name in Counts.__slots__})


def _per_child(minor: int, children: int) -> MoneyMessage | None:
    """Return pence a child, rounded half up; None of no children."""
    return money((2 * minor + children) // (2 * children)) if children else None


def _points(held: Estimate) -> pb.PointsEstimate:
    return pb.PointsEstimate(
        estimate_pp=held.estimate_pp,
        lower_pp=held.lower_pp,
        upper_pp=held.upper_pp,
        children=held.children,
        comparison_children=held.comparison,
        label=held.label,
        withheld=_WITHHELD[held.withheld],
        interval_method=held.interval_method,
        other_support=held.other_support,
        comparison_other_support=held.comparison_other_support,
    )


def _cost(held: Cost, gain: Estimate) -> pb.CostEstimate:
    labels = [_LABELS.get(held.withheld, "")]
    if gain.other_support:
        labels.append(
            f"{gain.other_support} of {gain.children} children also had support from elsewhere"
        )
    return pb.CostEstimate(
        figure=_FIGURES[held.outcome],
        unit=held.outcome.value,
        cost=None if held.cost_minor is None else money(held.cost_minor),
        lower=None if held.lower_minor is None else money(held.lower_minor),
        upper=None if held.upper_minor is None else money(held.upper_minor),
        withheld=_WITHHELD[held.withheld],
        label="; ".join(label for label in labels if label),
        other_support=gain.other_support,
    )
