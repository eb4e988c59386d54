"""Webhook endpoints and suppressions."""

from __future__ import annotations

from localresponse.notify.v1 import suppressions_service_pb2 as suppressions
from localresponse.notify.v1 import webhooks_service_pb2 as pb

from services.chassis.wire import timestamp_from_proto, timestamp_to_proto
from services.notify.commands.webhooks import Change, Range
from services.notify.domain.words import Channel
from services.notify.mapping import words
from services.notify.storage.endpoints import Endpoint
from services.notify.storage.suppressions import Suppression


def endpoint(known: Endpoint) -> pb.WebhookEndpoint:
    """Return an endpoint without its secrets."""
    return pb.WebhookEndpoint(
        id=known.endpoint_id,
        url=known.url,
        event_types=known.event_types,
        enabled=known.enabled,
        disabled_reason=known.disabled_reason,
        older_secret_expire_time=timestamp_to_proto(known.older_until)
        if known.older_until
        else None,
        create_time=timestamp_to_proto(known.created_at),
        etag=str(known.version),
    )


def change(request: pb.UpdateWebhookEndpointRequest) -> Change:
    """Return what changes of an endpoint."""
    return Change(
        url=request.url,
        event_types=tuple(request.event_types),
        enabled=request.enabled if request.HasField("enabled") else None,
        etag=request.etag,
    )


def within(request: pb.ReplayWebhooksRequest) -> Range:
    """Return which messages are to be sent again."""
    return Range(
        since=timestamp_from_proto(request.since_time) if request.HasField("since_time") else None,
        until=timestamp_from_proto(request.until_time) if request.HasField("until_time") else None,
        failures_only=request.failures_only,
    )


def suppression(known: Suppression) -> suppressions.Suppression:
    """Return an address that is shut, by whose it was."""
    return suppressions.Suppression(
        id=known.suppression_id,
        recipient=known.recipient,
        channel=words.channel_to(Channel(known.channel)),
        reason=known.reason,
        message_id=known.message_id,
        create_time=timestamp_to_proto(known.created_at),
        clear_time=timestamp_to_proto(known.cleared_at) if known.cleared_at else None,
    )
