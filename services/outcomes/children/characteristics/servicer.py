"""CharacteristicsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

import asyncio
from typing import Any

from localresponse.outcomes.v1 import characteristics_service_pb2 as pb
from localresponse.outcomes.v1.characteristics_service_pb2_grpc import (
    CharacteristicsServiceServicer,
)

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto, timestamp_from_proto
from services.outcomes.children.characteristics import commands, files, mapping, queries
from services.outcomes.children.vault import Vault
from services.outcomes.register.mapping import scheme_in


class Characteristics(CharacteristicsServiceServicer):
    """What is true of children from a day on.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        vault: Seals and opens what tells too much.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, vault: Vault
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._vault = vault

    async def ListCharacteristicKinds(
        self, request: pb.ListCharacteristicKindsRequest, context: Any
    ) -> pb.ListCharacteristicKindsResponse:
        given = request.HasField("on_date")
        return mapping.kinds_out(date_from_proto(request.on_date, "on_date") if given else None)

    async def RecordCharacteristics(
        self, request: pb.RecordCharacteristicsRequest, context: Any
    ) -> pb.RecordCharacteristicsResponse:
        statements, how = mapping.statements_in(request.statements), mapping.provenance_in(request)

        def write(work: Any) -> pb.RecordCharacteristicsResponse:
            done = commands.record(
                work, self._vault, request.child_id, statements=statements, how=how
            )
            return pb.RecordCharacteristicsResponse(
                characteristics=[mapping.characteristic_out(one) for one in done]
            )

        return await self._commands.run(request, pb.RecordCharacteristicsResponse, write)

    async def ImportCharacteristics(
        self, request: pb.ImportCharacteristicsRequest, context: Any
    ) -> pb.ImportCharacteristicsResponse:
        who, how = caller(), mapping.provenance_in(request)
        first = date_from_proto(request.first_date, "first_date")
        file = await asyncio.to_thread(
            files.read, request.content, scheme=scheme_in(request.scheme), first=first
        )
        if request.dry_run:
            await self._database.read(
                lambda connection: files.check_file(connection, who, self._vault, file)
            )
            return mapping.checked_out(file)
        return await self._commands.run(
            request,
            pb.ImportCharacteristicsResponse,
            lambda work: mapping.imported_out(files.import_file(work, self._vault, file, how)),
        )

    async def ListCharacteristics(
        self, request: pb.ListCharacteristicsRequest, context: Any
    ) -> pb.ListCharacteristicsResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)
        day, moment = request.HasField("on_date"), request.HasField("as_of_time")
        asked = queries.Asked(
            date_from_proto(request.on_date, "on_date") if day else None,
            timestamp_from_proto(request.as_of_time) if moment else None,
        )
        found = await self._database.read(
            lambda connection: queries.of_child(
                connection, self._vault, who, child_id=request.child_id, asked=asked
            )
        )
        shown, token = page.part_of(found)
        return pb.ListCharacteristicsResponse(
            characteristics=[mapping.characteristic_out(one) for one in shown],
            next_page_token=token,
        )
