"""Schools, children and one completed analysis, in memory."""

# ruff: noqa: N802  (methods have the names of the rpcs)
from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import analysis_service_pb2 as analysis
from localresponse.outcomes.v1 import children_service_pb2 as children
from localresponse.outcomes.v1 import event_figures_pb2 as figures
from localresponse.outcomes.v1 import schools_service_pb2 as schools

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.errors import NotFound
from services.chassis.ids import derived_id, new_id
from services.chassis.money import Money
from services.chassis.wire import money_to_proto, timestamp_to_proto

SCHOOLS = {"900001": "Northgate Academy", "900002": "Millbrook School"}
FORENAMES = ("Aisha", "Ben", "Chloe", "Dev", "Ella", "Farid", "Grace", "Harry")


class FakeSchools:
    """Implements the one rpc of localresponse.outcomes.v1.SchoolsService that pages call."""

    async def ListSchools(self, _: Any, __: Any) -> schools.ListSchoolsResponse:
        found = [
            schools.School(urn=urn, name=name, phase=schools.PHASE_SECONDARY)
            for urn, name in SCHOOLS.items()
        ]
        return schools.ListSchoolsResponse(schools=found)

    def __getattr__(self, name: str) -> object:
        return unused(name)


class FakeChildren:
    """Implements the reads of localresponse.outcomes.v1.ChildrenService."""

    async def ListChildren(self, request: Any, _: Any) -> children.ListChildrenResponse:
        if request.urn not in caller().schools:
            return children.ListChildrenResponse()
        return children.ListChildrenResponse(children=_roll(request.urn))

    async def GetChild(self, request: Any, _: Any) -> children.Child:
        for urn in SCHOOLS:
            for child in _roll(urn):
                if child.id == request.child_id:
                    return child
        raise NotFound("no such child")

    def __getattr__(self, name: str) -> object:
        return unused(name)


class FakeAnalyses:
    """Implements localresponse.outcomes.v1.AnalysisService with figures of its own making."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.runs: list[analysis.AnalysisRun] = []

    def complete(self, name: str, *categories: str) -> None:
        """Add a completed run about these categories."""
        now = timestamp_to_proto(self._clock.now())
        run = analysis.AnalysisRun(
            id=new_id(),
            state=analysis.ANALYSIS_RUN_STATE_COMPLETED,
            rule=analysis.CohortRule(name=name, categories=categories),
            method_version="1",
            as_of_time=now,
            complete_time=now,
        )
        self.runs.insert(0, run)

    async def ListAnalysisRuns(self, _: Any, __: Any) -> analysis.ListAnalysisRunsResponse:
        return analysis.ListAnalysisRunsResponse(analysis_runs=self.runs)

    async def RunAnalysis(self, request: Any, _: Any) -> analysis.AnalysisRun:
        run = analysis.AnalysisRun(
            id=new_id(), state=analysis.ANALYSIS_RUN_STATE_QUEUED, rule=request.rule
        )
        self.runs.insert(0, run)
        return run

    async def GetResults(self, request: Any, _: Any) -> analysis.Results:
        run = next(run for run in self.runs if run.id == request.analysis_run_id)
        few = "mentoring" in run.rule.categories
        results = analysis.Results(
            run=run,
            counts=analysis.CohortCounts(children=6 if few else 42, measured=0 if few else 35),
            spend=money_to_proto(Money(61_200 if few else 412_550)),
            cost_per_child=money_to_proto(Money(10_200 if few else 9_823)),
            naive_change=_points(few, 11.8, 8.2, 15.1),
            adjusted_difference=_points(few, 2.4, 0.6, 4.3),
            notes=["The change is what was seen after a purchase, not what it caused."],
        )
        results.suspensions.CopyFrom(_suspensions())
        results.permanent_exclusions.CopyFrom(figures.EventCount(out_of=42, upper_rate=0.069))
        results.naive_change.label = "naive: includes the recovery that usually happens anyway"
        results.costs.add(
            figure=analysis.FIGURE_COST_PER_POINT,
            unit="point",
            withheld=analysis.WITHHELD_NOT_DISTINGUISHABLE_FROM_ZERO,
            label="not distinguishable from zero",
        )
        return results

    def __getattr__(self, name: str) -> object:
        return unused(name)


def _points(few: bool, value: float, low: float, high: float) -> analysis.PointsEstimate:  # noqa: FBT001  (a cell of a table)
    if few:
        return analysis.PointsEstimate(withheld=analysis.WITHHELD_TOO_FEW_CHILDREN, children=6)
    return analysis.PointsEstimate(estimate_pp=value, lower_pp=low, upper_pp=high, children=35)


def _suspensions() -> figures.SuspensionFigures:
    def group(children: int, before: int, after: int) -> figures.GroupSuspensions:
        return figures.GroupSuspensions(
            children=children,
            suspended_before=figures.EventCount(children=before, out_of=children),
            suspended_after=figures.EventCount(children=after, out_of=children),
            sessions_after=3 * after,
        )

    return figures.SuspensionFigures(
        supported=group(38, 9, 4),
        comparison=group(120, 27, 22),
        rate_ratio=0.61,
        lower_ratio=0.33,
        upper_ratio=1.12,
    )


def _roll(urn: str) -> list[children.Child]:
    return [
        children.Child(
            id=derived_id(urn, forename),
            forename=forename,
            surname="Example",
            year_group=7 + number % 5,
        )
        for number, forename in enumerate(FORENAMES)
    ]


def unused(name: str) -> object:
    """Return an rpc that pages do not call."""

    async def refuse(_: Any, __: Any) -> Any:
        raise NotFound(f"pages do not call {name}")

    return refuse
