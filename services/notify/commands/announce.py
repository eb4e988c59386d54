"""What notify announces of a message: the next event of that message, in order."""

from __future__ import annotations

from localresponse.notify.v1 import notify_events_pb2 as events
from localresponse.notify.v1 import notify_types_pb2 as types

from services.chassis.unit_of_work import UnitOfWork
from services.notify.domain.message import Message
from services.notify.domain.words import Channel
from services.notify.storage import messages


def sent(work: UnitOfWork, message: Message) -> None:
    """Announce that a provider accepted a message."""
    event = events.MessageSent(
        message_id=message.message_id,
        recipient=message.recipient,
        template_id=message.template_id,
        channel=_channel(message.channel),
        cause_event_id=message.cause.event_id,
        attempts=message.attempts,
    )
    _emit(work, message, event)


def failed(work: UnitOfWork, message: Message) -> None:
    """Announce that a message failed for good; its status and reason say how."""
    event = events.MessageFailed(
        message_id=message.message_id,
        recipient=message.recipient,
        template_id=message.template_id,
        channel=_channel(message.channel),
        status=types.MessageStatus.Value(f"MESSAGE_STATUS_{message.status.upper()}"),
        reason=message.reason,
        cause_event_id=message.cause.event_id,
        attempts=message.attempts,
    )
    _emit(work, message, event)


def suppressed(work: UnitOfWork, suppression_id: str, message: Message, reason: str) -> None:
    """Announce that an address of a recipient is shut."""
    event = events.RecipientSuppressed(
        suppression_id=suppression_id,
        recipient=message.recipient,
        channel=_channel(message.channel),
        reason=reason,
    )
    work.emit(event, resource=suppression_id, sequence=1)


def _emit(
    work: UnitOfWork, message: Message, event: events.MessageSent | events.MessageFailed
) -> None:
    work.emit(event, resource=message.message_id, sequence=message.events + 1)
    messages.change(work.connection, message.message_id, events=message.events + 1)


def _channel(channel: Channel) -> types.Channel.ValueType:
    return types.Channel.Value(f"CHANNEL_{channel.upper()}")
