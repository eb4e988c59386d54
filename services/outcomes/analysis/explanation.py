"""Where a figure comes from, in words and down to each child's sessions and pence."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import analysis_service_pb2 as pb
from localresponse.outcomes.v1 import figure_inputs_pb2 as inputs_pb

from services.outcomes.analysis.figures import Figures
from services.outcomes.analysis.mapping import money, run_out
from services.outcomes.analysis.queries import Input
from services.outcomes.analysis.storage import Run
from services.outcomes.episodes.mapping import day

_SPEND = "Pence that sources bear for the children's episodes, net of credits and refunds"
_GAIN = "the adjusted difference; withheld when the interval of the gain includes zero"
_BESIDE = (
    " The children who also had support from elsewhere are counted beside it; over its purchases "
    "and that support a child's gain is shared."
)

RULES: dict[int, str] = {
    pb.FIGURE_SPEND: f"{_SPEND}; a group purchase is shared by attended places.",
    pb.FIGURE_COST_PER_CHILD: f"{_SPEND}, divided by the children whose support began.",
    pb.FIGURE_NAIVE_CHANGE: (
        "Mean over supported children of attendance in school days 1 to 30 after the first "
        "delivery, less attendance in the 30 school days before the request. It includes the "
        "recovery that usually happens anyway."
    ),
    pb.FIGURE_ADJUSTED_DIFFERENCE: (
        "Coefficient of support in a least squares fit of follow-up attendance on support, "
        "attendance in the trigger window and in the baseline (also pooled, squared and cubed), "
        "phase, year group and half-term, "
        "over supported children and children never funded whose absence met the same trigger "
        "in the same half-term; interval by bootstrap of children. Support from elsewhere is "
        "counted in both groups and taken out of neither."
    ),
    pb.FIGURE_COST_PER_POINT: f"Spend over children times {_GAIN}.{_BESIDE}",
    pb.FIGURE_COST_PER_EXTRA_SESSION: (
        f"Spend over possible follow-up sessions times {_GAIN}.{_BESIDE}"
    ),
    pb.FIGURE_COST_PER_CHILD_REENGAGED: (
        "Spend over children who improved by 5 points or more, less those whom the "
        "comparison's share expects; withheld when that interval includes zero." + _BESIDE
    ),
    pb.FIGURE_COST_PER_PERSISTENT_EXIT: (
        "Spend over children who left persistent absence, less those whom the comparison's "
        "share expects; withheld when that interval includes zero." + _BESIDE
    ),
    pb.FIGURE_SUSPENSIONS: (
        "Suspensions that began in follow-up 1 for each possible session, supported children over "
        "comparison children who met the same trigger: a negative binomial model with possible "
        "sessions as offset and suspensions for each possible session before as covariate. "
        "Children who left or were excluded are in it with the sessions that they had; "
        "suspensions withdrawn or overturned are not."
    ),
    pb.FIGURE_PERMANENT_EXCLUSIONS: (
        "Supported children with a permanent exclusion between the request and the end of "
        "follow-up 1, less those withdrawn or overturned; upper end of the 95 % interval, "
        "1 - 0.05^(1/n) when there is none in n."
    ),
}


def explanation(
    figure: Any, run: Run, figures: Figures, inputs: list[Input]
) -> pb.ExplainFigureResponse:
    """Return where a figure comes from, without a page token."""
    return pb.ExplainFigureResponse(
        figure=figure,
        rule=RULES[figure],
        run=run_out(run),
        inputs_sha256=figures.inputs_sha256,
        inputs=[_input(each) for each in inputs],
    )


def _input(held: Input) -> inputs_pb.FigureInput:
    body = held.body
    return inputs_pb.FigureInput(
        child_id=held.child_id,
        episode_id=body["episode_id"],
        purchase_ids=body["purchase_ids"],
        fund_event_ids=held.fund_event_ids,
        cost=money(body["cost_minor"]) if body["supported"] else None,
        comparison=not body["supported"],
        windows=[
            inputs_pb.FigureWindow(
                kind=kind,
                start_date=day(start),
                end_date=day(end),
                possible_sessions=possible,
                absent_sessions=absent,
                suspensions=sum(events[:1]),
                suspension_sessions=sum(events[1:]),
            )
            for kind, start, end, possible, absent, *events in body["windows"]
        ],
        left_out=body["left_out"],
        shares=[
            inputs_pb.AttributionShare(
                purchase_id=purchase_id,
                cost=money(minor),
                equal_millionths=equal,
                cost_weighted_millionths=weighted,
                last_millionths=last,
            )
            for purchase_id, minor, equal, weighted, last in body.get("shares", ())
        ],
        other_support=[
            inputs_pb.OtherSupportShare(
                support_id=support_id,
                kind=kind,
                equal_millionths=equal,
                cost_weighted_millionths=weighted,
                last_millionths=last,
            )
            for support_id, kind, equal, weighted, last in body.get("others", ())
        ],
    )
