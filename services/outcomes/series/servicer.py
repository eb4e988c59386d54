"""SeriesService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import series_service_pb2 as pb
from localresponse.outcomes.v1.series_service_pb2_grpc import SeriesServiceServicer

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands
from services.chassis.wire import timestamp_from_proto
from services.outcomes.errors.analyses import SeriesNotFound
from services.outcomes.series import commands, mapping, storage


class Series(SeriesServiceServicer):
    """Published weeks and analyses over them.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        clock: Says as of when an analysis is, where nobody says.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._clock = clock

    async def RecordPublishedWeeks(
        self, request: pb.RecordPublishedWeeksRequest, context: Any
    ) -> pb.RecordPublishedWeeksResponse:
        weeks = [mapping.week_in(each, place) for place, each in enumerate(request.weeks)]

        def recorded(work: Any) -> pb.RecordPublishedWeeksResponse:
            done = commands.record_weeks(work, weeks, source=request.source)
            return pb.RecordPublishedWeeksResponse(added=done.added, unchanged=done.unchanged)

        return await self._commands.run(request, pb.RecordPublishedWeeksResponse, recorded)

    async def RunSeriesAnalysis(
        self, request: pb.RunSeriesAnalysisRequest, context: Any
    ) -> pb.SeriesAnalysis:
        who, rule, now = caller(), mapping.rule_in(request.rule), self._clock.now()
        as_of = timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None
        found = await self._database.read(
            lambda connection: commands.computed(connection, who, rule, as_of=as_of, now=now)
        )
        return await self._commands.run(
            request,
            pb.SeriesAnalysis,
            lambda work: mapping.analysis_out(commands.keep(work, found)),
        )

    async def GetSeriesAnalysis(
        self, request: pb.GetSeriesAnalysisRequest, context: Any
    ) -> pb.SeriesAnalysis:
        tenant, analysis_id = caller().tenant, request.series_analysis_id
        found = await self._database.read(
            lambda connection: storage.find(connection, tenant, analysis_id)
        )
        if found is None:
            raise SeriesNotFound(analysis_id)
        return mapping.analysis_out(found)

    async def ListSeriesAnalyses(
        self, request: pb.ListSeriesAnalysesRequest, context: Any
    ) -> pb.ListSeriesAnalysesResponse:
        tenant = caller().tenant
        page = self._tokens.page(request, tenant)
        found = await self._database.read(
            lambda connection: storage.page(
                connection, tenant, before=page.last_id, limit=page.limit
            )
        )
        shown, token = page.cut(found, by_id)
        return pb.ListSeriesAnalysesResponse(
            series_analyses=[mapping.analysis_out(each, weeks=False) for each in shown],
            next_page_token=token,
        )
