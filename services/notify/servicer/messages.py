"""MessagesService."""

from __future__ import annotations

from typing import Any

from localresponse.notify.v1 import messages_service_pb2 as pb
from localresponse.notify.v1.messages_service_pb2_grpc import MessagesServiceServicer

from services.chassis.auth import caller
from services.chassis.unit_of_work import Commands
from services.notify.commands import messages as commands
from services.notify.commands.intake import Intake
from services.notify.mapping import messages as mapping
from services.notify.queries import messages as queries
from services.notify.servicer.pages import Pages


class Messages(MessagesServiceServicer):
    """The caller's inbox, and sending by hand.

    Args:
        commands_: Runs writes.
        pages: Reads, and cuts lists.
        intake: Makes messages.
        mode: `live`, `team` or `test`.
    """

    def __init__(self, commands_: Commands, pages: Pages, *, intake: Intake, mode: str) -> None:
        self._commands = commands_
        self._pages = pages
        self._intake = intake
        self._mode = mode

    async def ListMessages(
        self, request: pb.ListMessagesRequest, context: Any
    ) -> pb.ListMessagesResponse:
        who = caller()
        found, token = await self._pages.read(
            request,
            lambda connection, cut: queries.page(
                connection, who, before=cut.last, unread_only=request.unread_only, limit=cut.limit
            ),
            lambda shown: shown.message.message_id,
        )
        return pb.ListMessagesResponse(
            messages=[mapping.inbox_message(shown) for shown in found],
            next_page_token=token,
            unread=await self._pages.database.read(
                lambda connection: queries.unread(connection, who)
            ),
        )

    async def GetUnreadCount(
        self, request: pb.GetUnreadCountRequest, context: Any
    ) -> pb.UnreadCount:
        who = caller()
        unread = await self._pages.database.read(lambda connection: queries.unread(connection, who))
        return pb.UnreadCount(unread=unread)

    async def MarkRead(self, request: pb.MarkReadRequest, context: Any) -> pb.UnreadCount:
        return await self._commands.run(
            request,
            pb.UnreadCount,
            lambda work: pb.UnreadCount(unread=commands.mark_read(work, request.message_id)),
        )

    async def SendMessage(
        self, request: pb.SendMessageRequest, context: Any
    ) -> pb.SendMessageResponse:
        asked = mapping.send(request)
        return await self._commands.run(
            request,
            pb.SendMessageResponse,
            lambda work: pb.SendMessageResponse(
                message_ids=commands.send(work, self._intake, self._mode, asked)
            ),
        )
