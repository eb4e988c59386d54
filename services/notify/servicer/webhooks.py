"""WebhooksService."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localresponse.notify.v1 import webhooks_service_pb2 as pb
from localresponse.notify.v1.webhooks_service_pb2_grpc import WebhooksServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.notify.channels.webhook import AddressRefused, Guard
from services.notify.commands import webhooks as commands
from services.notify.errors import WebhookAddressRefused
from services.notify.mapping import webhooks as mapping
from services.notify.servicer.pages import Pages
from services.notify.storage import endpoints
from services.notify.storage.endpoints import Endpoint
from services.notify.vault import Vault


class Webhooks(WebhooksServiceServicer):
    """Endpoints of an authority.

    Args:
        commands_: Runs writes.
        pages: Reads, and cuts lists.
        vault: Seals secrets.
        guard: Says which addresses an endpoint may have.
    """

    def __init__(self, commands_: Commands, pages: Pages, *, vault: Vault, guard: Guard) -> None:
        self._commands = commands_
        self._pages = pages
        self._vault = vault
        self._guard = guard

    async def CreateWebhookEndpoint(
        self, request: pb.CreateWebhookEndpointRequest, context: Any
    ) -> pb.WebhookEndpoint:
        await self._check(request.url)
        types = tuple(request.event_types)
        return await self._with_secret(
            request, lambda work: commands.create(work, self._vault, request.url, types)
        )

    async def UpdateWebhookEndpoint(
        self, request: pb.UpdateWebhookEndpointRequest, context: Any
    ) -> pb.WebhookEndpoint:
        if request.url:
            await self._check(request.url)
        change = mapping.change(request)
        return await self._commands.run(
            request,
            pb.WebhookEndpoint,
            lambda work: mapping.endpoint(commands.change(work, request.endpoint_id, change)),
        )

    async def DeleteWebhookEndpoint(
        self, request: pb.DeleteWebhookEndpointRequest, context: Any
    ) -> pb.WebhookEndpoint:
        return await self._commands.run(
            request,
            pb.WebhookEndpoint,
            lambda work: mapping.endpoint(commands.remove(work, request.endpoint_id)),
        )

    async def GetWebhookEndpoint(
        self, request: pb.GetWebhookEndpointRequest, context: Any
    ) -> pb.WebhookEndpoint:
        tenant = caller().tenant

        def look(connection: Connection) -> pb.WebhookEndpoint:
            found = endpoints.load(connection, tenant, request.endpoint_id)
            if found is None:
                raise commands.unknown(request.endpoint_id)
            return mapping.endpoint(found)

        return await self._pages.database.read(look)

    async def ListWebhookEndpoints(
        self, request: pb.ListWebhookEndpointsRequest, context: Any
    ) -> pb.ListWebhookEndpointsResponse:
        tenant = caller().tenant
        found, token = await self._pages.read(
            request,
            lambda connection, cut: endpoints.page(
                connection, tenant, after=cut.last, limit=cut.limit
            ),
            lambda endpoint: endpoint.endpoint_id,
        )
        return pb.ListWebhookEndpointsResponse(
            endpoints=[mapping.endpoint(each) for each in found], next_page_token=token
        )

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, context: Any
    ) -> pb.WebhookEndpoint:
        return await self._with_secret(
            request, lambda work: commands.rotate(work, self._vault, request.endpoint_id)
        )

    async def ReplayWebhooks(
        self, request: pb.ReplayWebhooksRequest, context: Any
    ) -> pb.ReplayWebhooksResponse:
        within = mapping.within(request)
        return await self._commands.run(
            request,
            pb.ReplayWebhooksResponse,
            lambda work: pb.ReplayWebhooksResponse(
                message_ids=commands.replay(work, request.endpoint_id, request.message_id, within)
            ),
        )

    async def _with_secret(
        self, request: Any, work: Callable[[UnitOfWork], tuple[Endpoint, str]]
    ) -> pb.WebhookEndpoint:
        """Answer with the secret, and store the answer without it."""
        secrets: list[str] = []

        def run(unit: UnitOfWork) -> pb.WebhookEndpoint:
            endpoint, secret = work(unit)
            secrets[:] = [secret]
            return mapping.endpoint(endpoint)

        answer = await self._commands.run(request, pb.WebhookEndpoint, run)
        answer.secret = next(iter(secrets), "")
        return answer

    async def _check(self, url: str) -> None:
        try:
            await self._guard.check_url(url)
        except AddressRefused as refusal:
            raise WebhookAddressRefused(f"url: {refusal}", field="url") from None
