"""The inbox, the delivery board and what is sent by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.notify.v1 import deliveries_service_pb2 as board
from localresponse.notify.v1 import messages_service_pb2 as pb

from services.chassis.wire import timestamp_to_proto
from services.notify.commands.messages import Send
from services.notify.commands.receipts import Applied
from services.notify.domain.message import Attempt, Message
from services.notify.domain.receipt import Receipt, from_govuk_notify
from services.notify.domain.words import Channel, Status
from services.notify.mapping import words
from services.notify.queries.messages import Shown
from services.notify.storage.board import Filters


def inbox_message(shown: Shown) -> pb.InboxMessage:
    """Return a message as its recipient sees it."""
    message = shown.message
    return pb.InboxMessage(
        message_id=message.message_id,
        title=shown.text.title,
        body=shown.text.body,
        link=message.link,
        category=words.category_to(message.category),
        urgency=words.urgency_to(message.urgency),
        create_time=timestamp_to_proto(message.created_at),
        read_time=_moment(message.read_at),
        template_id=message.template_id,
    )


def send(request: pb.SendMessageRequest) -> Send:
    """Return the request to send."""
    channels = (words.channel_from(channel) for channel in request.channels)
    return Send(
        template_id=request.template_id,
        version=request.version,
        subjects=tuple(request.subjects),
        role=request.role,
        school=request.school,
        values=dict(request.values),
        link=request.link,
        channels=tuple(channel for channel in channels if channel),
    )


def filters(request: board.ListDeliveriesRequest) -> Filters:
    """Return which messages the board is asked for."""
    statuses = (words.status_from(status) for status in request.statuses)
    return Filters(
        statuses=tuple(status for status in statuses if status),
        channel=words.channel_from(request.channel),
        recipient=request.recipient,
        event_id=request.event_id,
        failures_only=request.failures_only,
    )


def delivery(message: Message, attempts: Sequence[Attempt] = ()) -> board.Delivery:
    """Return a message as the board shows it: no text, no address."""
    return board.Delivery(
        message_id=message.message_id,
        recipient=message.recipient,
        channel=words.channel_to(message.channel),
        status=words.status_to(message.status),
        reason=message.reason,
        template_id=message.template_id,
        template_version=message.template_version,
        category=words.category_to(message.category),
        producer=message.cause.producer,
        event_id=message.cause.event_id,
        attempt_count=message.attempts,
        next_attempt_time=_moment(message.due_at),
        create_time=timestamp_to_proto(message.created_at),
        update_time=timestamp_to_proto(message.updated_at),
        sent_time=_moment(message.sent_at),
        erase_time=_moment(message.erased_at),
        replay_of=message.replay_of,
        digest_id=message.digest_id,
        attempts=[_attempt(each) for each in attempts],
    )


def counts(
    found: Mapping[tuple[Channel, Status], int], oldest_due_s: int
) -> board.CountDeliveriesResponse:
    """Return the counts of the board."""
    return board.CountDeliveriesResponse(
        counts=[
            board.DeliveryCount(
                channel=words.channel_to(channel), status=words.status_to(status), messages=number
            )
            for (channel, status), number in sorted(found.items())
        ],
        oldest_due_s=oldest_due_s,
    )


def govuk_receipt(request: board.RecordGovukNotifyReceiptRequest) -> Receipt:
    """Return GOV.UK Notify's receipt."""
    return from_govuk_notify(request.reference, request.status)


def applied(result: Applied) -> board.RecordReceiptResponse:
    """Return what a receipt changed."""
    return board.RecordReceiptResponse(
        message_id=result.message_id,
        status=words.status_to(result.status),
        applied=result.applied,
    )


def _attempt(made: Attempt) -> board.DeliveryAttempt:
    return board.DeliveryAttempt(
        number=made.number,
        provider=made.provider,
        outcome=made.outcome,
        reason=made.reason,
        reference=made.reference,
        time=timestamp_to_proto(made.at),
        duration_ms=made.duration_ms,
    )


def _moment(moment: datetime | None) -> Timestamp | None:
    return timestamp_to_proto(moment) if moment else None
