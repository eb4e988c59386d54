"""ApprovalsService."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import approvals_service_pb2 as pb
from localresponse.fund.v1.approvals_service_pb2_grpc import ApprovalsServiceServicer

from services.chassis.auth import Resource, caller, require
from services.chassis.unit_of_work import Commands
from services.fund.access import ACTIONS
from services.fund.commands import limits as commands
from services.fund.mapping import budgets as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import approvals


class Approvals(ApprovalsServiceServicer):
    """Delegated limits."""

    def __init__(self, commands_: Commands, pages: Pages) -> None:
        self._commands = commands_
        self._pages = pages

    async def SetDelegatedLimit(
        self, request: pb.SetDelegatedLimitRequest, context: Any
    ) -> pb.DelegatedLimit:
        new = mapping.new_limit(request)
        return await self._commands.run(
            request,
            pb.DelegatedLimit,
            lambda work: mapping.limit(commands.set_limit(work, new)),
        )

    async def ListDelegatedLimits(
        self, request: pb.ListDelegatedLimitsRequest, context: Any
    ) -> pb.ListDelegatedLimitsResponse:
        who = caller()
        require(ACTIONS, who, "limit.read", Resource(who.tenant))
        found, token = await self._pages.read(
            request,
            lambda connection, cut: approvals.limits_page(
                connection, who.tenant, cut, officer=request.officer_id
            ),
            lambda limit: limit.id,
        )
        return pb.ListDelegatedLimitsResponse(
            limits=[mapping.limit(limit) for limit in found], next_page_token=token
        )
