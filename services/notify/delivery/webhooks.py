"""Deciding about a webhook: its endpoint must be there and on; the body is made once."""

from __future__ import annotations

import json

from services.chassis.unit_of_work import UnitOfWork
from services.notify.channels.port import WebhookCall
from services.notify.delivery.context import Context
from services.notify.domain.deciding import Drop
from services.notify.domain.message import Message
from services.notify.domain.words import Status
from services.notify.storage import endpoints


def decide(work: UnitOfWork, context: Context, message: Message) -> Drop | WebhookCall:
    """Return the call, or why the message is dropped."""
    endpoint = endpoints.load(work.connection, work.tenant, message.recipient)
    if endpoint is None or not endpoint.enabled:
        return Drop(Status.CANCELLED, "endpoint_off")
    sealed = [endpoint.secret]
    if endpoint.older_secret and endpoint.older_until and endpoint.older_until > work.at:
        sealed.append(endpoint.older_secret)
    secrets = tuple(context.vault.unseal(each, endpoint.endpoint_id) for each in sealed)
    return WebhookCall(endpoint.url, secrets, body(message))


def body(message: Message) -> str:
    """Return the thin JSON: what happened to which resource, to be read through the API."""
    given = dict(message.given)
    return json.dumps(
        {"type": given.pop("type"), "timestamp": given.pop("time"), "data": given},
        separators=(",", ":"),
        sort_keys=True,
    )
