"""Managing endpoints, telling them of events, and sending to them again."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.errors import Aborted
from services.chassis.events import Event
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands.messages import again, unknown_message
from services.notify.commands.settle import settle_all
from services.notify.domain.message import Cause, Message
from services.notify.domain.status import FAILED, FINAL
from services.notify.domain.words import Category, Channel, Status, Urgency
from services.notify.errors import EndpointUnknown, MessageState
from services.notify.storage import endpoints, messages, outbound
from services.notify.storage.endpoints import Endpoint
from services.notify.vault import Vault

TEMPLATE = "webhook"
OLDER_SIGNS = timedelta(hours=24)
REPLAYED_MAX = 1000
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Change:
    """What changes of an endpoint; empty or None leaves it."""

    url: str = ""
    event_types: tuple[str, ...] = ()
    enabled: bool | None = None
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """Which messages to send again, when not one by its id."""

    since: datetime | None = None
    until: datetime | None = None
    failures_only: bool = False


def tell(work: UnitOfWork, event: Event) -> None:
    """Make a message for each endpoint that wants this event."""
    for endpoint in endpoints.enabled(work.connection, work.tenant):
        if endpoint.wants(event.type):
            messages.add(work.connection, _message(work, endpoint, event))


def create(
    work: UnitOfWork, vault: Vault, url: str, event_types: tuple[str, ...]
) -> tuple[Endpoint, str]:
    """Register an endpoint; return it and its secret."""
    endpoint_id = new_id()
    secret = os.urandom(_SECRET_BYTES)
    added = Endpoint(
        endpoint_id=endpoint_id,
        tenant=work.tenant,
        url=url,
        event_types=event_types,
        enabled=True,
        secret=vault.seal(secret, endpoint_id),
        created_at=work.at,
    )
    endpoints.add(work.connection, added)
    return added, shown(secret)


def change(work: UnitOfWork, endpoint_id: str, asked: Change) -> Endpoint:
    """Change an endpoint; turning it on clears why it was turned off.

    Raises:
        EndpointUnknown: There is no such endpoint.
        Aborted: It changed since it was read (ETAG_STALE).
    """
    known = get(work, endpoint_id)
    if asked.etag and asked.etag != str(known.version):
        raise Aborted("etag: the endpoint changed since it was read", field="etag")
    enabled = known.enabled if asked.enabled is None else asked.enabled
    changed = replace(
        known,
        url=asked.url or known.url,
        event_types=asked.event_types or known.event_types,
        enabled=enabled,
        disabled_reason="" if enabled else known.disabled_reason or "by_hand",
    )
    endpoints.save(work.connection, changed)
    return replace(changed, version=known.version + 1)


def remove(work: UnitOfWork, endpoint_id: str) -> Endpoint:
    """Remove an endpoint with its secrets, and cancel what waits for it.

    Raises:
        EndpointUnknown: There is no such endpoint.
    """
    known = get(work, endpoint_id)
    waiting = outbound.waiting_for(work.connection, work.tenant, endpoint_id)
    settle_all(work, waiting, Status.CANCELLED, "endpoint_off")
    endpoints.remove(work.connection, endpoint_id, work.at)
    return replace(known, enabled=False, disabled_reason="removed")


def rotate(work: UnitOfWork, vault: Vault, endpoint_id: str) -> tuple[Endpoint, str]:
    """Make a new secret; the older one signs beside it for 24 hours.

    Raises:
        EndpointUnknown: There is no such endpoint.
    """
    known = get(work, endpoint_id)
    secret = os.urandom(_SECRET_BYTES)
    changed = replace(
        known,
        secret=vault.seal(secret, endpoint_id),
        older_secret=known.secret,
        older_until=work.at + OLDER_SIGNS,
    )
    endpoints.save(work.connection, changed)
    return replace(changed, version=known.version + 1), shown(secret)


def replay(work: UnitOfWork, endpoint_id: str, message_id: str, within: Range) -> list[str]:
    """Send messages of an endpoint again under their own Webhook-Id; return the new ones' ids.

    Raises:
        EndpointUnknown: There is no such endpoint.
        MessageUnknown: The message is not one of its.
        MessageState: It was not sent yet, or its values were erased.
    """
    endpoint = get(work, endpoint_id)
    if message_id:
        found = messages.locked(work.connection, work.tenant, message_id)
        if found is None or found.recipient != endpoint.endpoint_id:
            raise unknown_message(message_id)
        if not _is_over(found) or found.erased_at is not None:
            raise MessageState(
                f"only a message that is over can be sent again; it is {found.status}",
                message_id=message_id,
                status=found.status,
            )
        return [again(work, found).message_id]
    return [again(work, each).message_id for each in _within(work, endpoint_id, within)]


def get(work: UnitOfWork, endpoint_id: str) -> Endpoint:
    """Return an endpoint of the caller's authority.

    Raises:
        EndpointUnknown: There is none.
    """
    found = endpoints.load(work.connection, work.tenant, endpoint_id)
    if found is None:
        raise unknown(endpoint_id)
    return found


def unknown(endpoint_id: str) -> EndpointUnknown:
    """Return the refusal that names an endpoint."""
    return EndpointUnknown("there is no such webhook endpoint", endpoint_id=endpoint_id)


def shown(secret: bytes) -> str:
    """Return a secret as people copy it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def _within(work: UnitOfWork, endpoint_id: str, within: Range) -> Sequence[Message]:
    found = outbound.first_sent_between(
        work.connection,
        work.tenant,
        endpoint_id,
        between=(within.since, within.until or work.at),
        limit=REPLAYED_MAX,
    )
    return [
        each
        for each in found
        if _is_over(each) and (not within.failures_only or each.status in FAILED)
    ]


def _is_over(message: Message) -> bool:
    failed = message.status is Status.TEMPORARY_FAILURE and message.due_at is None
    return failed or message.status in FINAL


def _message(work: UnitOfWork, endpoint: Endpoint, event: Event) -> Message:
    message_id = new_id()
    return Message(
        message_id=message_id,
        tenant=work.tenant,
        cause=Cause(event.source, event.id),
        recipient=endpoint.endpoint_id,
        template_id=TEMPLATE,
        template_version=0,
        channel=Channel.WEBHOOK,
        audience="endpoint",
        category=Category.REQUESTS,
        urgency=Urgency.NORMAL,
        reference=message_id,
        created_at=work.at,
        updated_at=work.at,
        given={
            "type": event.type,
            "time": event.time,
            "id": event.id,
            "resource": event.resource,
            "sequence": str(event.sequence),
            "tenant": event.tenant,
        },
        due_at=work.at,
    )
