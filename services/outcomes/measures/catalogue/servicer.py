"""MeasuresService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import measures_service_pb2 as pb
from localresponse.outcomes.v1 import measures_types_pb2 as types
from localresponse.outcomes.v1.measures_service_pb2_grpc import MeasuresServiceServicer

from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.outcomes.measures.catalogue import mapping, storage
from services.outcomes.measures.catalogue.entry_rpcs import EntryRpcs, Form

_MEASURE = Form(storage.MEASURES, types.Measure, mapping.measure_in, mapping.measure_out)
_INSTRUMENT = Form(
    storage.INSTRUMENTS, types.Instrument, mapping.instrument_in, mapping.instrument_out
)
_FRAMEWORK = Form(storage.FRAMEWORKS, types.Framework, mapping.framework_in, mapping.framework_out)


class Measures(MeasuresServiceServicer):
    """Measures, instruments and frameworks.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
    """

    def __init__(self, commands: Commands, database: Database, tokens: PageTokens) -> None:
        self._measures = EntryRpcs(_MEASURE, writes=commands, database=database, tokens=tokens)
        self._instruments = EntryRpcs(
            _INSTRUMENT, writes=commands, database=database, tokens=tokens
        )
        self._frameworks = EntryRpcs(_FRAMEWORK, writes=commands, database=database, tokens=tokens)

    async def CreateMeasure(self, request: pb.CreateMeasureRequest, context: Any) -> types.Measure:
        return await self._measures.create(request, request.measure)

    async def VersionMeasure(
        self, request: pb.VersionMeasureRequest, context: Any
    ) -> types.Measure:
        return await self._measures.make_version(request, request.measure)

    async def GetMeasure(self, request: pb.GetMeasureRequest, context: Any) -> types.Measure:
        return await self._measures.find(request.measure_id, request.version)

    async def ListMeasures(
        self, request: pb.ListMeasuresRequest, context: Any
    ) -> pb.ListMeasuresResponse:
        found, token = await self._measures.page(request, request.measure_id)
        return pb.ListMeasuresResponse(measures=found, next_page_token=token)

    async def CreateInstrument(
        self, request: pb.CreateInstrumentRequest, context: Any
    ) -> types.Instrument:
        return await self._instruments.create(request, request.instrument)

    async def VersionInstrument(
        self, request: pb.VersionInstrumentRequest, context: Any
    ) -> types.Instrument:
        return await self._instruments.make_version(request, request.instrument)

    async def GetInstrument(
        self, request: pb.GetInstrumentRequest, context: Any
    ) -> types.Instrument:
        return await self._instruments.find(request.instrument_id, request.version)

    async def ListInstruments(
        self, request: pb.ListInstrumentsRequest, context: Any
    ) -> pb.ListInstrumentsResponse:
        found, token = await self._instruments.page(request, request.instrument_id)
        return pb.ListInstrumentsResponse(instruments=found, next_page_token=token)

    async def CreateFramework(
        self, request: pb.CreateFrameworkRequest, context: Any
    ) -> types.Framework:
        return await self._frameworks.create(request, request.framework)

    async def VersionFramework(
        self, request: pb.VersionFrameworkRequest, context: Any
    ) -> types.Framework:
        return await self._frameworks.make_version(request, request.framework)

    async def GetFramework(self, request: pb.GetFrameworkRequest, context: Any) -> types.Framework:
        return await self._frameworks.find(request.framework_id, request.version)

    async def ListFrameworks(
        self, request: pb.ListFrameworksRequest, context: Any
    ) -> pb.ListFrameworksResponse:
        found, token = await self._frameworks.page(request, request.framework_id)
        return pb.ListFrameworksResponse(frameworks=found, next_page_token=token)
