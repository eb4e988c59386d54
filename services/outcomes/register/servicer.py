"""RegisterService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from localresponse.outcomes.v1 import register_service_pb2 as pb
from localresponse.outcomes.v1.register_service_pb2_grpc import RegisterServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.idempotency import input_hash
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto, timestamp_from_proto
from services.outcomes.children.vault import Vault
from services.outcomes.errors import StreamInvalid
from services.outcomes.register import commands, mapping, reports, stream
from services.outcomes.register.imported import Batch, Source
from services.outcomes.register.several_files import reading


class Registers(RegisterServiceServicer):
    """Imports of marks, and attendance as it follows from them.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        vault: Finds children by identifiers.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, vault: Vault
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._vault = vault

    async def ImportRegister(
        self, request_iterator: AsyncIterator[pb.ImportRegisterRequest], context: Any
    ) -> pb.RegisterImport:
        header, joined = None, stream.Joined()
        async for message in request_iterator:
            if message.WhichOneof("part") == "chunk":
                joined.add(message.chunk)
            elif header is None:
                header = message.header
            else:
                raise StreamInvalid("the stream has two headers", detail="two headers")
        if header is None:
            raise StreamInvalid("the stream has no header", detail="no header")
        header.sha256 = joined.digest.hexdigest()
        marks = joined.marks()
        findings, labels = stream.describe(marks)
        source = Source(
            name=header.source,
            sha256=header.sha256,
            scheme=mapping.scheme_in(header.scheme),
            mapping={},
        )
        batch = Batch(marks=marks, findings=findings, labels=labels, source=source)
        return await self._import(header, batch)

    async def ImportRegisterFile(
        self, request: pb.ImportRegisterFileRequest, context: Any
    ) -> pb.RegisterImport:
        who = caller()
        # Both read the whole file, outside the interpreter's lock for the most part.
        batch, fingerprint = await asyncio.gather(
            asyncio.to_thread(reading.read, request), asyncio.to_thread(input_hash, request)
        )
        if not request.dry_run:
            return await self._import(request, batch, fingerprint)
        return await self._database.read(
            lambda connection: mapping.import_out(
                commands.check_marks(connection, who, self._vault, batch=batch)
            )
        )

    async def _import(
        self, request: Any, batch: Batch, fingerprint: bytes | None = None
    ) -> pb.RegisterImport:
        return await self._commands.run(
            request,
            pb.RegisterImport,
            lambda work: mapping.import_out(commands.import_marks(work, self._vault, batch)),
            fingerprint=fingerprint,
        )

    async def GetImport(self, request: pb.GetImportRequest, context: Any) -> pb.RegisterImport:
        who = caller()
        return await self._database.read(
            lambda connection: mapping.import_out(
                reports.get_import(connection, who, request.import_id)
            )
        )

    async def ListImports(
        self, request: pb.ListImportsRequest, context: Any
    ) -> pb.ListImportsResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)
        found = await self._database.read(
            lambda connection: reports.list_imports(
                connection, who, before=page.last_id, limit=page.limit
            )
        )
        shown, token = page.cut(found, by_id)
        return pb.ListImportsResponse(
            imports=[mapping.import_out(one) for one in shown], next_page_token=token
        )

    async def GetChildAttendance(
        self, request: pb.GetChildAttendanceRequest, context: Any
    ) -> pb.ChildAttendance:
        who, as_of = caller(), _as_of(request)
        report = await self._database.read(
            lambda connection: reports.child_attendance(
                connection, who, request.child_id, as_of=as_of
            )
        )
        return mapping.child_out(request.child_id, report)

    async def GetSchoolAttendance(
        self, request: pb.GetSchoolAttendanceRequest, context: Any
    ) -> pb.SchoolAttendance:
        who, as_of = caller(), _as_of(request)
        report = await self._database.read(
            lambda connection: reports.school_attendance(
                connection,
                who,
                request.urn,
                as_of=as_of,
                with_predecessors=request.with_predecessors,
            )
        )
        return mapping.school_out(request.urn, report)

    async def GetRegister(self, request: pb.GetRegisterRequest, context: Any) -> pb.Register:
        who, as_of = caller(), _as_of(request)
        day = date_from_proto(request.date, "date")
        week = await self._database.read(
            lambda connection: reports.register_week(
                connection, who, request.urn, day=day, as_of=as_of
            )
        )
        return mapping.week_out(request.urn, week)


def _as_of(request: Any) -> datetime | None:
    return timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None
