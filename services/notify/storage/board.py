"""The delivery board: lists and counts over all messages of an authority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from services.notify.domain.message import Message
from services.notify.domain.status import FAILED
from services.notify.domain.words import Channel, Status
from services.notify.storage.messages import all_columns, of_row
from services.notify.storage.tables import message, suppression

_MESSAGE = message.c


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages to show; empty for all.

    Attributes:
        failures_only: Those that failed for good and were not sent again.
    """

    statuses: Sequence[Status] = ()
    channel: Channel | None = None
    recipient: str = ""
    event_id: str = ""
    failures_only: bool = False


def page(
    connection: Connection, tenant: str, filters: Filters, *, before: str, limit: int
) -> Sequence[Message]:
    """Return messages, newest first, from before a message id."""
    query = all_columns().where(_MESSAGE.tenant == tenant)
    if before:
        query = query.where(_MESSAGE.message_id < before)
    if filters.statuses:
        query = query.where(_MESSAGE.status.in_(list(filters.statuses)))
    if filters.channel is not None:
        query = query.where(_MESSAGE.channel == filters.channel)
    if filters.recipient:
        query = query.where(_MESSAGE.recipient == filters.recipient)
    if filters.event_id:
        query = query.where(_MESSAGE.event_id == filters.event_id)
    if filters.failures_only:
        later = message.alias("later").c
        replayed = select(later.replay_of).where(later.tenant == tenant, later.replay_of != "")
        query = query.where(
            _MESSAGE.status.in_(sorted(FAILED)),
            _MESSAGE.due_at.is_(None),
            _MESSAGE.message_id.not_in(replayed),
        )
    query = query.order_by(_MESSAGE.message_id.desc()).limit(limit)
    return [of_row(row) for row in connection.execute(query)]


def counts(
    connection: Connection, tenant: str, since: datetime | None
) -> dict[tuple[Channel, Status], int]:
    """Count messages by channel and status, erased ones too."""
    query = select(_MESSAGE.channel, _MESSAGE.status, func.count()).where(_MESSAGE.tenant == tenant)
    if since is not None:
        query = query.where(_MESSAGE.created_at >= since)
    query = query.group_by(_MESSAGE.channel, _MESSAGE.status)
    return {(Channel(row[0]), Status(row[1])): row[2] for row in connection.execute(query)}


def oldest_due(connection: Connection, tenant: str, now: datetime) -> datetime | None:
    """Return when the message fell due that waits longest; None when none is due."""
    query = select(func.min(_MESSAGE.due_at)).where(
        _MESSAGE.tenant == tenant, _MESSAGE.due_at <= now, _MESSAGE.status != Status.SENDING
    )
    return connection.execute(query).scalar()


def all_counts(connection: Connection) -> dict[str, dict[tuple[Channel, Status], int]]:
    """Count the messages of every authority by channel and status."""
    columns = (_MESSAGE.tenant, _MESSAGE.channel, _MESSAGE.status)
    found: dict[str, dict[tuple[Channel, Status], int]] = {}
    for row in connection.execute(select(*columns, func.count()).group_by(*columns)):
        found.setdefault(row[0], {})[Channel(row[1]), Status(row[2])] = row[3]
    return found


def suppressed(connection: Connection) -> dict[str, int]:
    """Count shut addresses by authority."""
    query = (
        select(suppression.c.tenant, func.count())
        .where(suppression.c.cleared_at.is_(None))
        .group_by(suppression.c.tenant)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
