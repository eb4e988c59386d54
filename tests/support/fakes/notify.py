"""One person's messages, in memory."""

# ruff: noqa: N802  (methods have the names of the rpcs)
from __future__ import annotations

from typing import Any

from localresponse.notify.v1 import messages_service_pb2 as messages
from localresponse.notify.v1 import recipients_service_pb2 as recipients

from services.chassis.clock import Clock
from services.chassis.errors import Aborted, NotFound
from services.chassis.ids import new_id
from services.chassis.wire import timestamp_to_proto
from tests.support.fakes.outcomes import unused


class FakeMessages:
    """Implements localresponse.notify.v1.MessagesService for whoever asks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.messages: list[messages.InboxMessage] = []

    def arrive(self, title: str, *, link: str = "") -> None:
        """Put a message into the inbox."""
        message = messages.InboxMessage(
            message_id=new_id(),
            title=title,
            body="There is something new about your request.",
            link=link,
            create_time=timestamp_to_proto(self._clock.now()),
        )
        self.messages.insert(0, message)

    async def ListMessages(self, request: Any, _: Any) -> messages.ListMessagesResponse:
        kept = [
            message
            for message in self.messages
            if not request.unread_only or not message.HasField("read_time")
        ]
        return messages.ListMessagesResponse(messages=kept, unread=self._unread())

    async def GetUnreadCount(self, _: Any, __: Any) -> messages.UnreadCount:
        return messages.UnreadCount(unread=self._unread())

    async def MarkRead(self, request: Any, _: Any) -> messages.UnreadCount:
        for message in self.messages:
            if request.message_id in {"", message.message_id}:
                message.read_time.CopyFrom(timestamp_to_proto(self._clock.now()))
        return messages.UnreadCount(unread=self._unread())

    async def SendMessage(self, _: Any, __: Any) -> messages.SendMessageResponse:
        raise NotFound("pages send nothing")

    def _unread(self) -> int:
        return sum(1 for message in self.messages if not message.HasField("read_time"))


class FakeRecipients:
    """Implements the preferences of localresponse.notify.v1.RecipientsService, for one person."""

    def __init__(self) -> None:
        self.preferences = recipients.Preferences(etag="1")

    async def GetPreferences(self, _: Any, __: Any) -> recipients.Preferences:
        return self.preferences

    async def UpdatePreferences(self, request: Any, _: Any) -> recipients.Preferences:
        if request.etag != self.preferences.etag:
            raise StaleEtag("somebody changed them")
        self.preferences = recipients.Preferences(
            categories=request.categories,
            quiet_start=request.quiet_start,
            quiet_end=request.quiet_end,
            language=request.language,
            etag=str(int(request.etag) + 1),
        )
        return self.preferences

    def __getattr__(self, name: str) -> object:
        return unused(name)


class StaleEtag(Aborted):
    reason = "ETAG_STALE"
