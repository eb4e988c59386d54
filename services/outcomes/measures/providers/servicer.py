"""ProviderMeasuresService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import provider_measures_service_pb2 as pb
from localresponse.outcomes.v1.provider_measures_service_pb2_grpc import (
    ProviderMeasuresServiceServicer,
)
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes import access
from services.outcomes.children import queries as children
from services.outcomes.feeds import facts
from services.outcomes.measures.providers import commands, mapping, storage
from services.outcomes.measures.providers.domain import ProviderFigure, newest
from services.outcomes.measures.providers.storage import Wanted


class ProviderMeasures(ProviderMeasuresServiceServicer):
    """What providers measured in their own way.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        clock: Says what time it is, before a command does.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._clock = clock

    async def RecordProviderFigures(
        self, request: pb.RecordProviderFiguresRequest, context: Any
    ) -> pb.RecordProviderFiguresResponse:
        given = mapping.figures_in(request, self._clock.now())

        def write(work: UnitOfWork) -> pb.RecordProviderFiguresResponse:
            done = commands.record(work, given)
            return pb.RecordProviderFiguresResponse(
                recorded=done.new, changed=done.changed, unchanged=done.unchanged
            )

        return await self._commands.run(request, pb.RecordProviderFiguresResponse, write)

    async def MapProviderMeasure(
        self, request: pb.MapProviderMeasureRequest, context: Any
    ) -> pb.MeasureMapping:
        decision = mapping.decision_in(request)
        return await self._commands.run(
            request,
            pb.MeasureMapping,
            lambda work: mapping.mapping_out(
                commands.decide(work, request.provider, request.code, decision)
            ),
        )

    async def ListProviderMeasures(
        self, request: pb.ListProviderMeasuresRequest, context: Any
    ) -> pb.ListProviderMeasuresResponse:
        tenant = caller().tenant

        def read(connection: Connection) -> list[pb.ProviderMeasure]:
            held = newest(storage.mappings(connection, tenant))
            sent = storage.sent(connection, tenant)
            return [mapping.measure_out(one, held.get((one.provider, one.code))) for one in sent]

        found = await self._database.read(read)
        wanted = [one for one in found if one.unmapped or not request.unmapped_only]
        shown, token = self._page(request, wanted)
        return pb.ListProviderMeasuresResponse(provider_measures=shown, next_page_token=token)

    async def ListMeasureMappings(
        self, request: pb.ListMeasureMappingsRequest, context: Any
    ) -> pb.ListMeasureMappingsResponse:
        tenant = caller().tenant
        found = await self._database.read(
            lambda connection: storage.mappings(
                connection, tenant, of=(request.provider, request.code)
            )
        )
        shown, token = self._page(request, [mapping.mapping_out(one) for one in found])
        return pb.ListMeasureMappingsResponse(mappings=shown, next_page_token=token)

    async def ListProviderFigures(
        self, request: pb.ListProviderFiguresRequest, context: Any
    ) -> pb.ListProviderFiguresResponse:
        who = caller()

        def read(connection: Connection) -> list[ProviderFigure]:
            child = children.known_child(connection, who.tenant, request.child_id)
            access.require_any_school(who, "observation.see", child.urns())
            if child.id in facts.erased(connection, who.tenant):
                return []
            wanted = Wanted(child_ids=frozenset({child.id}))
            return storage.figures(connection, who.tenant, wanted)

        found = await self._database.read(read)
        shown, token = self._page(request, [mapping.figure_out(one) for one in found])
        return pb.ListProviderFiguresResponse(figures=shown, next_page_token=token)

    def _page(self, request: Any, every: list[Any]) -> tuple[list[Any], str]:
        """Return a page of what is little and only ever added to at its end or between."""
        return self._tokens.page(request, caller().tenant).part_of(every)
