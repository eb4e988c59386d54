"""RegisterFilesService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

import asyncio
from typing import Any

from localresponse.outcomes.v1 import register_files_service_pb2 as pb
from localresponse.outcomes.v1.register_files_service_pb2_grpc import RegisterFilesServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.outcomes.children.vault import Vault
from services.outcomes.register import mapping, partial
from services.outcomes.register.several_files import reading


class RegisterFiles(RegisterFilesServiceServicer):
    """Several files at once, and the rows that were refused.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        vault: Finds children by identifiers, and opens rejected rows.
    """

    def __init__(self, commands: Commands, database: Database, *, vault: Vault) -> None:
        self._commands = commands
        self._database = database
        self._vault = vault

    async def ImportRegisterFiles(
        self, request: pb.ImportRegisterFilesRequest, context: Any
    ) -> pb.ImportRegisterFilesResponse:
        batches = await asyncio.to_thread(reading.read_all, request.files)

        def write(work: Any) -> pb.ImportRegisterFilesResponse:
            done = reading.import_all(work, self._vault, batches)
            return pb.ImportRegisterFilesResponse(imports=[mapping.import_out(one) for one in done])

        return await self._commands.run(request, pb.ImportRegisterFilesResponse, write)

    async def GetRejectedRows(
        self, request: pb.GetRejectedRowsRequest, context: Any
    ) -> pb.RejectedRows:
        who = caller()
        done, content = await self._database.read(
            lambda connection: partial.rejected_rows(
                connection, self._vault, who, request.import_id
            )
        )
        return mapping.rejected_out(done, content)
