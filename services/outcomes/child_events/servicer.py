"""ChildEventsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from localresponse.outcomes.v1 import child_events_service_pb2 as pb
from localresponse.outcomes.v1 import event_figures_pb2 as figures_pb
from localresponse.outcomes.v1.child_events_service_pb2_grpc import ChildEventsServiceServicer

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.chassis.wire import date_from_proto
from services.outcomes.child_events import commands, importing, mapping, queries, reports
from services.outcomes.child_events.commands import Written
from services.outcomes.child_events.domain import Change, Kind, Status
from services.outcomes.child_events.reports import Asked
from services.outcomes.children.vault import Vault


class ChildEvents(ChildEventsServiceServicer):
    """Events of children.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        vault: Seals and opens what is personal.
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

    async def _write(self, request: Any, work: Callable[[UnitOfWork], Written]) -> pb.ChildEvent:
        return await self._commands.run(
            request, pb.ChildEvent, lambda unit: mapping.written_out(work(unit))
        )

    async def RecordChildEvent(
        self, request: pb.RecordChildEventRequest, context: Any
    ) -> pb.ChildEvent:
        given = (request.urn, mapping.details_in(request.details))
        child_id, kind = request.child_id, Kind(request.kind)
        return await self._write(
            request,
            lambda work: commands.record(work, self._vault, child_id, kind=kind, given=given),
        )

    async def CorrectChildEvent(
        self, request: pb.CorrectChildEventRequest, context: Any
    ) -> pb.ChildEvent:
        aim, details = mapping.aim_in(request), mapping.details_in(request.details)
        why = Change(request.reason)
        return await self._write(
            request,
            lambda work: commands.correct(work, self._vault, aim, details=details, why=why),
        )

    async def DecideExclusion(
        self, request: pb.DecideExclusionRequest, context: Any
    ) -> pb.ChildEvent:
        aim, status = mapping.aim_in(request), Status(request.status)
        on = date_from_proto(request.status_date, "status_date")
        return await self._write(
            request, lambda work: commands.decide(work, self._vault, aim, status=status, on=on)
        )

    async def WithdrawChildEvent(
        self, request: pb.WithdrawChildEventRequest, context: Any
    ) -> pb.ChildEvent:
        aim, why = mapping.aim_in(request), Change(request.reason)
        return await self._write(
            request, lambda work: commands.withdraw(work, self._vault, aim, why=why)
        )

    async def ImportChildEvents(
        self, request: pb.ImportChildEventsRequest, context: Any
    ) -> pb.ImportChildEventsResponse:
        who, file, now = caller(), await asyncio.to_thread(mapping.file_in, request), self._clock
        if request.dry_run:
            done = await self._database.read(
                lambda connection: importing.check_events(
                    connection, who, self._vault, file=file, at=now.now()
                )
            )
            return mapping.imported_out(done, file)
        return await self._commands.run(
            request,
            pb.ImportChildEventsResponse,
            lambda work: mapping.imported_out(importing.import_events(work, self._vault, file)),
        )

    async def GetChildEvent(self, request: pb.GetChildEventRequest, context: Any) -> pb.ChildEvent:
        who, as_of = caller(), mapping.as_of_in(request)
        event_id = request.child_event_id
        return await self._database.read(
            lambda connection: mapping.shown_out(
                queries.get_event(connection, self._vault, who, event_id=event_id, as_of=as_of)
            )
        )

    async def ListChildEvents(
        self, request: pb.ListChildEventsRequest, context: Any
    ) -> pb.ListChildEventsResponse:
        who, wanted = caller(), mapping.wanted_in(request)
        page = self._tokens.page(request, who.tenant)

        def read(connection: Any) -> pb.ListChildEventsResponse:
            ids = queries.list_events(connection, who, wanted, after=page.last_id, limit=page.limit)
            ids, token = page.cut(ids, lambda event_id: {"id": event_id})
            found = queries.shown(connection, self._vault, who.tenant, ids, as_of=wanted.as_of)
            return pb.ListChildEventsResponse(
                child_events=[mapping.shown_out(one) for one in found],
                next_page_token=token,
            )

        return await self._database.read(read)

    async def GetChildEventMeasures(
        self, request: pb.GetChildEventMeasuresRequest, context: Any
    ) -> figures_pb.ChildEventMeasures:
        who, (first, last) = caller(), mapping.span_in(request)
        asked = Asked(first=first, last=last, as_of=mapping.as_of_in(request))
        return await self._database.read(
            lambda connection: mapping.child_measures_out(
                reports.child_measures(connection, who, request.child_id, asked=asked)
            )
        )

    async def GetSchoolEventMeasures(
        self, request: pb.GetSchoolEventMeasuresRequest, context: Any
    ) -> figures_pb.SchoolEventMeasures:
        who, (first, last) = caller(), mapping.span_in(request)
        asked = Asked(first=first, last=last, as_of=mapping.as_of_in(request))
        return await self._database.read(
            lambda connection: mapping.school_measures_out(
                reports.school_measures(connection, who, request.urn, asked=asked)
            )
        )
