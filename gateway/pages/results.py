"""What was spent and what changed: figures with their intervals, or the reason there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localresponse.outcomes.v1 import analysis_service_pb2 as analysis
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import charts
from gateway.pages import reference
from gateway.pages.downloads import download, pounds
from gateway.pages.findings import Finding, found, spread
from gateway.pages.services import PAGE_SIZE, ask
from gateway.pages.site import Site, see
from gateway.pages.visit import EXPLAINS, SEES_RESULTS, Visit
from services.chassis.ids import new_id

RUNNERS = frozenset({"programme_manager"})
COLUMNS = (
    "Group",
    "Children",
    "Spend in pounds",
    "Cost per child",
    "Change compared, percentage points",
    "Lower",
    "Upper",
    "Naive change, percentage points",
    "Why not shown",
)


GROUPS_MAX = 12

AnalysisRun = analysis.AnalysisRun


@dataclass(frozen=True, slots=True)
class Runs:
    """The last completed run of each cohort, the widest first, and how many are under way."""

    completed: list[AnalysisRun]
    waiting: int


class ResultPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the page, its file and the request for a new run."""
        page = self._site.page
        return [
            Route("/results", page(self.index, roles=SEES_RESULTS)),
            Route("/results.csv", page(self.file, roles=SEES_RESULTS)),
            Route("/results", page(self.run, roles=RUNNERS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show the figures of the last completed run."""
        runs = await self._runs(visit)
        findings = await self._findings(visit, runs)
        overall = findings[0] if findings else None
        return self._site.show(
            "results.html",
            visit,
            title="Results",
            here="/results",
            wide=True,
            runs=runs,
            overall=overall,
            findings=findings,
            chart=_chart(findings) if findings else None,
            finding_sentence=spread(findings),
            printing="print" in request.query_params,
            may_run=visit.is_one_of(RUNNERS),
            may_explain=visit.is_one_of(EXPLAINS),
        )

    async def file(self, _: Request, visit: Visit) -> Response:
        """Answer the table under the chart as CSV; what is withheld is empty, never 0."""
        findings = await self._findings(visit, await self._runs(visit))
        return download("results", COLUMNS, (_csv_row(finding) for finding in findings))

    async def run(self, request: Request, visit: Visit) -> Response:
        """Ask for a new run about everything and one about each kind of support."""
        await self._site.form(request, visit)
        categories = await reference.categories(self._site, visit)
        rules = [analysis.CohortRule(name="All support")]
        rules += [
            analysis.CohortRule(name=name, categories=[category])
            for category, name in categories.items()
        ]
        for rule in rules:
            asked = analysis.RunAnalysisRequest(request_id=new_id(), rule=rule)
            await ask(visit, self._site.services.analyses.RunAnalysis, asked)
        return see("/results")

    async def _runs(self, visit: Visit) -> Runs:
        answer = await ask(
            visit,
            self._site.services.analyses.ListAnalysisRuns,
            analysis.ListAnalysisRunsRequest(page_size=PAGE_SIZE),
        )
        latest: dict[bytes, AnalysisRun] = {}
        for run in answer.analysis_runs:
            if run.state == analysis.ANALYSIS_RUN_STATE_COMPLETED:
                latest.setdefault(_conditions(run.rule), run)
        completed = sorted(latest.values(), key=lambda run: _breadth(run.rule))
        unfinished = {analysis.ANALYSIS_RUN_STATE_QUEUED, analysis.ANALYSIS_RUN_STATE_RUNNING}
        waiting = sum(1 for run in answer.analysis_runs if run.state in unfinished)
        return Runs(completed[:GROUPS_MAX], waiting)

    async def _findings(self, visit: Visit, runs: Runs) -> list[Finding]:
        names = await reference.categories(self._site, visit) if runs.completed else {}
        findings = [
            found(_name(run.rule, names), await self._results(visit, run)) for run in runs.completed
        ]
        # A kind of support that nobody had yet is no finding, but the widest cohort always is.
        return [one for number, one in enumerate(findings) if one.children or number == 0]

    async def _results(self, visit: Visit, run: AnalysisRun) -> analysis.Results:
        asked = analysis.GetResultsRequest(analysis_run_id=run.id)
        return await ask(visit, self._site.services.analyses.GetResults, asked)


def _conditions(rule: analysis.CohortRule) -> bytes:
    """Return what a cohort is made of, without its name: empty for every episode."""
    bare = analysis.CohortRule()
    bare.CopyFrom(rule)
    bare.ClearField("name")
    return bare.SerializeToString(deterministic=True)


def _breadth(rule: analysis.CohortRule) -> int:
    """Return the place of a cohort on the page: everything, named cohorts, single categories."""
    if not _conditions(rule):
        return 0
    return 2 if _is_category(rule) else 1


def _is_category(rule: analysis.CohortRule) -> bool:
    only = analysis.CohortRule(name=rule.name, categories=rule.categories)
    return rule == only and len(rule.categories) == 1


def _name(rule: analysis.CohortRule, categories: Mapping[str, str]) -> str:
    if not _conditions(rule):
        return "All support"
    if _is_category(rule):
        return categories.get(rule.categories[0], rule.categories[0])
    return rule.name or "Chosen episodes"


def _chart(findings: list[Finding]) -> object:
    rows = [
        charts.Row(one.name, one.spend_minor, one.change, one.low, one.high) for one in findings
    ]
    return charts.figure(
        rows,
        ident="spend-change",
        title=spread(findings),
        description="For each kind of support, a bar for what was spent and beside it a dot for "
        "the change of attendance compared with children like them, with a line for the range "
        "in which the true change probably lies. The table below holds the same numbers.",
    )


def _csv_row(finding: Finding) -> tuple[object, ...]:
    return (
        finding.name,
        finding.children,
        pounds(finding.spend_minor),
        "" if finding.cost_per_child_minor is None else pounds(finding.cost_per_child_minor),
        _number(finding.change),
        _number(finding.low),
        _number(finding.high),
        _number(finding.naive),
        finding.withheld,
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
