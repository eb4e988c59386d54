"""SuppressionsService."""

from __future__ import annotations

from typing import Any

from localresponse.notify.v1 import suppressions_service_pb2 as pb
from localresponse.notify.v1.suppressions_service_pb2_grpc import SuppressionsServiceServicer

from services.chassis.auth import caller
from services.chassis.unit_of_work import Commands
from services.notify.commands import suppressions as commands
from services.notify.mapping import webhooks as mapping
from services.notify.servicer.pages import Pages
from services.notify.storage import suppressions


class Suppressions(SuppressionsServiceServicer):
    """Addresses that are shut."""

    def __init__(self, commands_: Commands, pages: Pages) -> None:
        self._commands = commands_
        self._pages = pages

    async def ListSuppressions(
        self, request: pb.ListSuppressionsRequest, context: Any
    ) -> pb.ListSuppressionsResponse:
        tenant = caller().tenant
        found, token = await self._pages.read(
            request,
            lambda connection, cut: suppressions.page(
                connection, tenant, before=cut.last, limit=cut.limit
            ),
            lambda suppression: suppression.suppression_id,
        )
        return pb.ListSuppressionsResponse(
            suppressions=[mapping.suppression(each) for each in found], next_page_token=token
        )

    async def ClearSuppression(
        self, request: pb.ClearSuppressionRequest, context: Any
    ) -> pb.Suppression:
        return await self._commands.run(
            request,
            pb.Suppression,
            lambda work: mapping.suppression(commands.clear(work, request.suppression_id)),
        )
