"""SupportService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localresponse.outcomes.v1 import support_service_pb2 as pb
from localresponse.outcomes.v1.support_service_pb2_grpc import SupportServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.child_events.commands import Aim
from services.outcomes.child_events.domain import Change
from services.outcomes.child_events.mapping import as_of_in
from services.outcomes.support import commands, mapping, queries
from services.outcomes.support.queries import Held


class Supports(SupportServiceServicer):
    """Unfunded support of children.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
    """

    def __init__(self, commands: Commands, database: Database, tokens: PageTokens) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens

    async def _write(self, request: Any, work: Callable[[UnitOfWork], Held]) -> pb.UnfundedSupport:
        return await self._commands.run(
            request, pb.UnfundedSupport, lambda unit: mapping.support_out(work(unit))
        )

    async def RecordSupport(
        self, request: pb.RecordSupportRequest, context: Any
    ) -> pb.UnfundedSupport:
        details = mapping.details_in(request.details)
        return await self._write(
            request, lambda work: commands.record(work, request.child_id, details)
        )

    async def CorrectSupport(
        self, request: pb.CorrectSupportRequest, context: Any
    ) -> pb.UnfundedSupport:
        aim, details = Aim(request.support_id, request.etag), mapping.details_in(request.details)
        why = Change(request.reason)
        return await self._write(request, lambda work: commands.correct(work, aim, details, why))

    async def WithdrawSupport(
        self, request: pb.WithdrawSupportRequest, context: Any
    ) -> pb.UnfundedSupport:
        aim, why = Aim(request.support_id, request.etag), Change(request.reason)
        return await self._write(request, lambda work: commands.withdraw(work, aim, why))

    async def ListSupport(
        self, request: pb.ListSupportRequest, context: Any
    ) -> pb.ListSupportResponse:
        who, as_of = caller(), as_of_in(request)
        page = self._tokens.page(request, who.tenant)
        found = await self._database.read(
            lambda connection: queries.list_support(connection, who, request.child_id, as_of=as_of)
        )
        rest = [each for each in found if each.support.id > page.last_id]
        shown, token = page.cut(rest, lambda each: {"id": each.support.id})
        return pb.ListSupportResponse(
            supports=[mapping.support_out(each) for each in shown], next_page_token=token
        )
