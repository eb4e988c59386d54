"""ObservationsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

import asyncio
from typing import Any

from localresponse.outcomes.v1 import observations_service_pb2 as pb
from localresponse.outcomes.v1.observations_service_pb2_grpc import ObservationsServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.children.mapping import findings_out
from services.outcomes.children.vault import Vault
from services.outcomes.measures.catalogue import queries as catalogue
from services.outcomes.measures.catalogue.queries import Catalogue
from services.outcomes.measures.catalogue.storage import MEASURES
from services.outcomes.measures.observations import commands, files, importing, mapping, queries
from services.outcomes.measures.observations.importing import Checked, Standing
from services.outcomes.measures.summaries import summary_of


class Observations(ObservationsServiceServicer):
    """What people answered.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        vault: Finds children by their identifiers.
        clock: Says which day it is, for dry runs.
    """

    def __init__(
        self,
        commands: Commands,
        database: Database,
        *,
        tokens: PageTokens,
        vault: Vault,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._vault = vault
        self._clock = clock

    async def RecordObservation(
        self, request: pb.RecordObservationRequest, context: Any
    ) -> pb.Observation:
        given = mapping.given_in(request.observation, field="observation")
        return await self._commands.run(
            request,
            pb.Observation,
            lambda work: mapping.observation_out(commands.record(work, [given], batch=False)[0]),
        )

    async def BatchRecordObservations(
        self, request: pb.BatchRecordObservationsRequest, context: Any
    ) -> pb.BatchRecordObservationsResponse:
        given = [
            mapping.given_in(each, field=f"observations[{place}]")
            for place, each in enumerate(request.observations)
        ]

        def write(work: UnitOfWork) -> pb.BatchRecordObservationsResponse:
            made = commands.record(work, given, batch=True)
            return pb.BatchRecordObservationsResponse(
                observations=[mapping.observation_out(one) for one in made]
            )

        return await self._commands.run(request, pb.BatchRecordObservationsResponse, write)

    async def CorrectObservation(
        self, request: pb.CorrectObservationRequest, context: Any
    ) -> pb.Observation:
        correction = mapping.correction_in(request)
        return await self._commands.run(
            request,
            pb.Observation,
            lambda work: mapping.observation_out(
                commands.correct(work, request.observation_id, correction)
            ),
        )

    async def ImportObservations(
        self, request: pb.ImportObservationsRequest, context: Any
    ) -> pb.ImportObservationsResponse:
        who = caller()
        file = await asyncio.to_thread(files.read, request.csv)
        named = mapping.named_in(request, file)
        if request.dry_run:

            def check(connection: Connection) -> Checked:
                standing = Standing(connection, who, self._clock.now(), self._vault)
                return importing.check_observations(standing, file, named)

            found = await self._database.read(check)
            return pb.ImportObservationsResponse(
                rows=len(file.given),
                recorded=len(found.new),
                unchanged=found.unchanged,
                errors=findings_out(file.findings.errors),
            )

        def write(work: UnitOfWork) -> pb.ImportObservationsResponse:
            done = importing.import_observations(work, self._vault, file, named)
            return pb.ImportObservationsResponse(
                rows=done.rows, recorded=done.recorded, unchanged=done.unchanged
            )

        return await self._commands.run(request, pb.ImportObservationsResponse, write)

    async def GetMeasureSummary(
        self, request: pb.GetMeasureSummaryRequest, context: Any
    ) -> pb.MeasureSummary:
        who, now = caller(), self._clock.now()

        def read(connection: Connection) -> pb.MeasureSummary:
            measure = catalogue.find(
                connection, MEASURES, who.tenant, request.measure_id, version=request.version
            ).entry
            scale = Catalogue(connection, who.tenant).scale_of(measure)
            asked = mapping.asked_in(request, measure, scale, now)
            return mapping.summary_out(measure, summary_of(connection, who.tenant, asked))

        return await self._database.read(read)

    async def GetObservation(
        self, request: pb.GetObservationRequest, context: Any
    ) -> pb.Observation:
        who = caller()
        return await self._database.read(
            lambda connection: mapping.observation_out(
                queries.get_observation(connection, who, request.observation_id)
            )
        )

    async def ListObservations(
        self, request: pb.ListObservationsRequest, context: Any
    ) -> pb.ListObservationsResponse:
        who = caller()
        page, wanted = self._tokens.page(request, who.tenant), mapping.wanted_in(request)
        found = await self._database.read(
            lambda connection: queries.list_observations(
                connection, who, wanted, after=page.last_id, limit=page.limit
            )
        )
        shown, token = page.cut(found, by_id)
        return pb.ListObservationsResponse(
            observations=[mapping.observation_out(one) for one in shown],
            next_page_token=token,
        )
