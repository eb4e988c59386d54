"""AnalysisService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import analysis_service_pb2 as pb
from localresponse.outcomes.v1.analysis_service_pb2_grpc import AnalysisServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands
from services.chassis.wire import timestamp_from_proto
from services.outcomes.analysis import commands, mapping, queries, storage
from services.outcomes.analysis.explanation import explanation


class Analyses(AnalysisServiceServicer):
    """Runs of the analysis and their results.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
    """

    def __init__(self, commands: Commands, database: Database, tokens: PageTokens) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens

    async def RunAnalysis(self, request: pb.RunAnalysisRequest, context: Any) -> pb.AnalysisRun:
        rule = mapping.rule_in(request.rule)
        as_of = timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None
        return await self._commands.run(
            request,
            pb.AnalysisRun,
            lambda work: mapping.run_out(
                commands.run_analysis(
                    work,
                    rule,
                    as_of=as_of,
                    seed=request.seed,
                    method_version=request.method_version,
                )
            ),
        )

    async def GetAnalysisRun(
        self, request: pb.GetAnalysisRunRequest, context: Any
    ) -> pb.AnalysisRun:
        who = caller()
        return await self._database.read(
            lambda connection: mapping.run_out(
                queries.get_run(connection, who, request.analysis_run_id)
            )
        )

    async def ListAnalysisRuns(
        self, request: pb.ListAnalysisRunsRequest, context: Any
    ) -> pb.ListAnalysisRunsResponse:
        tenant = caller().tenant
        page = self._tokens.page(request, tenant)
        state = next((s for s, number in mapping.STATES.items() if number == request.state), None)
        found = await self._database.read(
            lambda connection: storage.runs_page(
                connection, tenant, state=state, before=page.last_id, limit=page.limit
            )
        )
        shown, token = page.cut(found, by_id)
        return pb.ListAnalysisRunsResponse(
            analysis_runs=[mapping.run_out(run) for run in shown], next_page_token=token
        )

    async def CancelAnalysisRun(
        self, request: pb.CancelAnalysisRunRequest, context: Any
    ) -> pb.AnalysisRun:
        return await self._commands.run(
            request,
            pb.AnalysisRun,
            lambda work: mapping.run_out(commands.cancel_run(work, request.analysis_run_id)),
        )

    async def GetResults(self, request: pb.GetResultsRequest, context: Any) -> pb.Results:
        who = caller()
        return await self._database.read(
            lambda connection: mapping.results_out(
                *queries.get_results(connection, who, request.analysis_run_id)
            )
        )

    async def ExplainFigure(
        self, request: pb.ExplainFigureRequest, context: Any
    ) -> pb.ExplainFigureResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)
        after = page.position.get("number", -1)
        run, figures, inputs = await self._database.read(
            lambda connection: queries.explain(
                connection, who, request.analysis_run_id, after=after, limit=page.limit
            )
        )
        shown, token = page.cut(inputs, lambda one: {"number": one.number})
        response = explanation(request.figure, run, figures, shown)
        response.next_page_token = token
        return response
