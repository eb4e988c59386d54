"""DeliveriesService."""

from __future__ import annotations

from typing import Any

from localresponse.notify.v1 import deliveries_service_pb2 as pb
from localresponse.notify.v1.deliveries_service_pb2_grpc import DeliveriesServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.unit_of_work import Commands
from services.chassis.wire import timestamp_from_proto
from services.notify.commands import messages as commands
from services.notify.commands import receipts
from services.notify.commands.intake import Intake
from services.notify.mapping import messages as mapping
from services.notify.servicer.pages import Pages
from services.notify.storage import attempts, board, messages
from services.notify.vault import Vault


class Deliveries(DeliveriesServiceServicer):
    """The delivery board.

    Args:
        commands_: Runs writes.
        pages: Reads, and cuts lists.
        intake: Makes messages again for who holds a role now.
        clock: Says how old what is due has become.
        vault: Hashes addresses that bounce.
    """

    def __init__(
        self, commands_: Commands, pages: Pages, *, intake: Intake, clock: Clock, vault: Vault
    ) -> None:
        self._commands = commands_
        self._vault = vault
        self._pages = pages
        self._intake = intake
        self._clock = clock

    async def ListDeliveries(
        self, request: pb.ListDeliveriesRequest, context: Any
    ) -> pb.ListDeliveriesResponse:
        tenant, filters = caller().tenant, mapping.filters(request)
        found, token = await self._pages.read(
            request,
            lambda connection, cut: board.page(
                connection, tenant, filters, before=cut.last, limit=cut.limit
            ),
            lambda message: message.message_id,
        )
        return pb.ListDeliveriesResponse(
            deliveries=[mapping.delivery(message) for message in found], next_page_token=token
        )

    async def GetDelivery(self, request: pb.GetDeliveryRequest, context: Any) -> pb.Delivery:
        tenant, message_id = caller().tenant, request.message_id

        def look(connection: Connection) -> pb.Delivery:
            message = messages.load(connection, tenant, message_id)
            if message is None:
                raise commands.unknown_message(message_id)
            return mapping.delivery(message, attempts.of_message(connection, message_id))

        return await self._pages.database.read(look)

    async def CountDeliveries(
        self, request: pb.CountDeliveriesRequest, context: Any
    ) -> pb.CountDeliveriesResponse:
        tenant, now = caller().tenant, self._clock.now()
        since = timestamp_from_proto(request.since_time) if request.HasField("since_time") else None

        def count(connection: Connection) -> pb.CountDeliveriesResponse:
            oldest = board.oldest_due(connection, tenant, now)
            age_s = int((now - oldest).total_seconds()) if oldest else 0
            return mapping.counts(board.counts(connection, tenant, since), age_s)

        return await self._pages.database.read(count)

    async def CancelMessage(self, request: pb.CancelMessageRequest, context: Any) -> pb.Delivery:
        return await self._commands.run(
            request,
            pb.Delivery,
            lambda work: mapping.delivery(commands.cancel(work, request.message_id)),
        )

    async def ReplayMessage(self, request: pb.ReplayMessageRequest, context: Any) -> pb.Delivery:
        return await self._commands.run(
            request,
            pb.Delivery,
            lambda work: mapping.delivery(commands.replay(work, self._intake, request.message_id)),
        )

    async def RecordGovukNotifyReceipt(
        self, request: pb.RecordGovukNotifyReceiptRequest, context: Any
    ) -> pb.RecordReceiptResponse:
        reported = mapping.govuk_receipt(request)
        result = await self._commands.apply(
            caller(), lambda work: receipts.record(work, self._vault, reported)
        )
        return mapping.applied(result)

    async def RecordBounce(
        self, request: pb.RecordBounceRequest, context: Any
    ) -> pb.RecordReceiptResponse:
        return await self._commands.run(
            request,
            pb.RecordReceiptResponse,
            lambda work: mapping.applied(
                receipts.record_bounce(work, self._vault, request.content)
            ),
        )
