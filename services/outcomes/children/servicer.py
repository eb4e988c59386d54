"""ChildrenService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from localresponse.outcomes.v1 import children_service_pb2 as pb
from localresponse.outcomes.v1.children_service_pb2_grpc import ChildrenServiceServicer

from services.chassis.auth import caller
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto, timestamp_from_proto, timestamp_to_proto
from services.outcomes.children import commands, erasing, mapping, queries, rolls
from services.outcomes.children.matching import resolving
from services.outcomes.children.vault import Vault


class Children(ChildrenServiceServicer):
    """Children and their enrolments.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        vault: Seals and opens what is personal.
        clock: For year groups.
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

    async def ImportChildren(
        self, request: pb.ImportChildrenRequest, context: Any
    ) -> pb.ImportChildrenResponse:
        who = caller()
        file = await asyncio.to_thread(mapping.file_in, request)
        if request.dry_run:
            await self._database.read(
                lambda connection: commands.check_children(connection, who, file)
            )
            return mapping.checked_out(file)
        done = await self._commands.run(
            request,
            pb.ImportChildrenResponse,
            lambda work: mapping.imported_out(commands.import_children(work, self._vault, file)),
        )
        # Rows that had waited for these children were applied: what was held of them goes.
        await self._commands.apply(who, lambda work: resolving.clear(work, self._vault))
        return done

    async def EnrolChild(self, request: pb.EnrolChildRequest, context: Any) -> pb.Child:
        enrolment, person = mapping.enrolment_in(request), mapping.person_in(request)
        joining = commands.Joining(enrolment, request.child_id, request.is_move)

        def write(work: Any) -> pb.Child:
            child = commands.enrol(work, self._vault, person, joining)
            return mapping.child_out(child, london_date(work.at))

        return await self._commands.run(request, pb.Child, write)

    async def EndEnrolment(self, request: pb.EndEnrolmentRequest, context: Any) -> pb.Child:
        last = date_from_proto(request.last_date, "last_date")

        def write(work: Any) -> pb.Child:
            child = rolls.end_enrolment(work, request.child_id, urn=request.urn, last=last)
            return mapping.child_out(child, london_date(work.at))

        return await self._commands.run(request, pb.Child, write)

    async def CorrectEnrolment(self, request: pb.CorrectEnrolmentRequest, context: Any) -> pb.Child:
        correction = mapping.correction_in(request)

        def write(work: Any) -> pb.Child:
            child = rolls.correct_enrolment(work, request.child_id, correction)
            return mapping.child_out(child, london_date(work.at))

        return await self._commands.run(request, pb.Child, write)

    async def EraseChild(
        self, request: pb.EraseChildRequest, context: Any
    ) -> pb.EraseChildResponse:
        reason = erasing.Reason(request.reason)

        def write(work: Any) -> pb.EraseChildResponse:
            at = erasing.erase(work, self._vault, request.child_id, reason=reason)
            return pb.EraseChildResponse(
                child_id=request.child_id, erase_time=timestamp_to_proto(at)
            )

        return await self._commands.run(request, pb.EraseChildResponse, write)

    async def GetChild(self, request: pb.GetChildRequest, context: Any) -> pb.Child:
        who, today = caller(), london_date(self._clock.now())
        as_of = _as_of(request)
        return await self._database.read(
            lambda connection: mapping.child_out(
                queries.get_child(
                    connection, self._vault, who, child_id=request.child_id, as_of=as_of
                ),
                today,
            )
        )

    async def ListChildren(
        self, request: pb.ListChildrenRequest, context: Any
    ) -> pb.ListChildrenResponse:
        who, today = caller(), london_date(self._clock.now())
        page = self._tokens.page(request, who.tenant)
        after = page.position.get("number", 0)
        on = date_from_proto(request.on_date, "on_date") if request.HasField("on_date") else None
        wanted = queries.OnRoll(request.urn, on, _as_of(request))

        def read(connection: Any) -> pb.ListChildrenResponse:
            found = queries.list_children(connection, who, wanted, after=after, limit=page.limit)
            shown, token = page.cut(found, lambda child: {"number": child.number})
            opened = queries.opened(connection, self._vault, who, shown)
            return pb.ListChildrenResponse(
                children=[mapping.child_out(child, today) for child in opened],
                next_page_token=token,
            )

        return await self._database.read(read)


def _as_of(request: Any) -> datetime | None:
    return timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None
