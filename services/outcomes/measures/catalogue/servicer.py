"""MeasuresService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import measures_service_pb2 as pb
from localresponse.outcomes.v1 import measures_types_pb2 as types
from localresponse.outcomes.v1.measures_service_pb2_grpc import MeasuresServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, page_size, query_of
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto
from services.outcomes.measures.catalogue import commands, mapping, queries, storage
from services.outcomes.measures.catalogue.storage import Kept, Kind, T


class Measures(MeasuresServiceServicer):
    """Measures, instruments and frameworks.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
    """

    def __init__(self, commands: Commands, database: Database, tokens: PageTokens) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens

    async def CreateMeasure(self, request: pb.CreateMeasureRequest, context: Any) -> types.Measure:
        entry = mapping.measure_in(request.measure)
        return await self._commands.run(
            request,
            types.Measure,
            lambda work: mapping.measure_out(commands.create(work, storage.MEASURES, entry)),
        )

    async def VersionMeasure(
        self, request: pb.VersionMeasureRequest, context: Any
    ) -> types.Measure:
        entry, seen = mapping.measure_in(request.measure), request.expected_version
        return await self._commands.run(
            request,
            types.Measure,
            lambda work: mapping.measure_out(
                commands.make_version(work, storage.MEASURES, entry, expected=seen)
            ),
        )

    async def GetMeasure(self, request: pb.GetMeasureRequest, context: Any) -> types.Measure:
        found = await self._find(storage.MEASURES, request.measure_id, request.version)
        return mapping.measure_out(found)

    async def ListMeasures(
        self, request: pb.ListMeasuresRequest, context: Any
    ) -> pb.ListMeasuresResponse:
        found, token = await self._page(storage.MEASURES, request, request.measure_id)
        return pb.ListMeasuresResponse(
            measures=[mapping.measure_out(each) for each in found], next_page_token=token
        )

    async def CreateInstrument(
        self, request: pb.CreateInstrumentRequest, context: Any
    ) -> types.Instrument:
        entry = mapping.instrument_in(request.instrument)
        return await self._commands.run(
            request,
            types.Instrument,
            lambda work: mapping.instrument_out(commands.create(work, storage.INSTRUMENTS, entry)),
        )

    async def VersionInstrument(
        self, request: pb.VersionInstrumentRequest, context: Any
    ) -> types.Instrument:
        entry, seen = mapping.instrument_in(request.instrument), request.expected_version
        return await self._commands.run(
            request,
            types.Instrument,
            lambda work: mapping.instrument_out(
                commands.make_version(work, storage.INSTRUMENTS, entry, expected=seen)
            ),
        )

    async def GetInstrument(
        self, request: pb.GetInstrumentRequest, context: Any
    ) -> types.Instrument:
        found = await self._find(storage.INSTRUMENTS, request.instrument_id, request.version)
        return mapping.instrument_out(found)

    async def ListInstruments(
        self, request: pb.ListInstrumentsRequest, context: Any
    ) -> pb.ListInstrumentsResponse:
        found, token = await self._page(storage.INSTRUMENTS, request, request.instrument_id)
        return pb.ListInstrumentsResponse(
            instruments=[mapping.instrument_out(each) for each in found], next_page_token=token
        )

    async def CreateFramework(
        self, request: pb.CreateFrameworkRequest, context: Any
    ) -> types.Framework:
        entry = mapping.framework_in(request.framework)
        return await self._commands.run(
            request,
            types.Framework,
            lambda work: mapping.framework_out(commands.create(work, storage.FRAMEWORKS, entry)),
        )

    async def VersionFramework(
        self, request: pb.VersionFrameworkRequest, context: Any
    ) -> types.Framework:
        entry, seen = mapping.framework_in(request.framework), request.expected_version
        return await self._commands.run(
            request,
            types.Framework,
            lambda work: mapping.framework_out(
                commands.make_version(work, storage.FRAMEWORKS, entry, expected=seen)
            ),
        )

    async def GetFramework(self, request: pb.GetFrameworkRequest, context: Any) -> types.Framework:
        found = await self._find(storage.FRAMEWORKS, request.framework_id, request.version)
        return mapping.framework_out(found)

    async def ListFrameworks(
        self, request: pb.ListFrameworksRequest, context: Any
    ) -> pb.ListFrameworksResponse:
        found, token = await self._page(storage.FRAMEWORKS, request, request.framework_id)
        return pb.ListFrameworksResponse(
            frameworks=[mapping.framework_out(each) for each in found], next_page_token=token
        )

    async def _find(self, kind: Kind[T], entry_id: str, version: int) -> Kept[T]:
        tenant = caller().tenant
        return await self._database.read(
            lambda connection: queries.find(connection, kind, tenant, entry_id, version=version)
        )

    async def _page(self, kind: Kind[T], request: Any, entry_id: str) -> tuple[list[Kept[T]], str]:
        tenant, limit = caller().tenant, page_size(request.page_size)
        query = query_of(request, tenant)
        after = self._tokens.decode(request.page_token, query)
        on = date_from_proto(request.on_date, "on_date") if request.HasField("on_date") else None
        found = await self._database.read(
            lambda connection: queries.page(connection, kind, tenant, entry_id=entry_id, on=on)
        )
        start = (after.get("id", ""), after.get("version", 0))
        rest = [kept for kept in found if (kept.entry.id, kept.entry.version) > start]
        shown = rest[:limit]
        if len(rest) == len(shown):
            return shown, ""
        last = shown[-1].entry
        return shown, self._tokens.encode(query, {"id": last.id, "version": last.version})
