"""Messages of one webhook endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.notify.domain.message import Message
from services.notify.domain.words import Channel
from services.notify.storage.messages import all_columns, of_row
from services.notify.storage.tables import message

_MESSAGE = message.c


def waiting_for(connection: Connection, tenant: str, endpoint_id: str) -> Sequence[Message]:
    """Return what is due to an endpoint, now or later."""
    query = all_columns().where(
        _MESSAGE.tenant == tenant,
        _MESSAGE.recipient == endpoint_id,
        _MESSAGE.channel == Channel.WEBHOOK,
        _MESSAGE.due_at.is_not(None),
    )
    return [of_row(row) for row in connection.execute(query.with_for_update())]


def first_sent_between(
    connection: Connection,
    tenant: str,
    endpoint_id: str,
    *,
    between: tuple[datetime | None, datetime],
    limit: int,
) -> Sequence[Message]:
    """Return what was made for an endpoint from one moment to before another, oldest first.

    Replays are left out: what they repeat is in the list. So is what was erased.
    """
    since, until = between
    query = all_columns().where(
        _MESSAGE.tenant == tenant,
        _MESSAGE.recipient == endpoint_id,
        _MESSAGE.channel == Channel.WEBHOOK,
        _MESSAGE.replay == 0,
        _MESSAGE.erased_at.is_(None),
        _MESSAGE.created_at < until,
    )
    if since is not None:
        query = query.where(_MESSAGE.created_at >= since)
    query = query.order_by(_MESSAGE.message_id).limit(limit).with_for_update()
    return [of_row(row) for row in connection.execute(query)]
