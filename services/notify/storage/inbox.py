"""What a person sees: their in-app messages that have arrived, and how many are unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from services.notify.domain.message import Message
from services.notify.domain.words import Channel, Status
from services.notify.storage.messages import all_columns, of_row
from services.notify.storage.tables import message

_MESSAGE = message.c


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose inbox it is."""

    tenant: str
    subject: str


def page(
    connection: Connection,
    owner: Owner,
    *,
    before: str,
    unread_only: bool,
    limit: int,
) -> Sequence[Message]:
    """Return a person's messages, newest first, from before a message id."""
    query = all_columns().where(*_of(owner))
    if before:
        query = query.where(_MESSAGE.message_id < before)
    if unread_only:
        query = query.where(_MESSAGE.read_at.is_(None))
    query = query.order_by(_MESSAGE.message_id.desc()).limit(limit)
    return [of_row(row) for row in connection.execute(query)]


def unread(connection: Connection, owner: Owner) -> int:
    """Return how many of a person's messages are unread."""
    query = select(func.count()).where(*_of(owner), _MESSAGE.read_at.is_(None))
    return connection.execute(query).scalar_one()


def has(connection: Connection, owner: Owner, message_id: str) -> bool:
    """Return whether a message is one of the person's."""
    query = select(_MESSAGE.message_id).where(*_of(owner), _MESSAGE.message_id == message_id)
    return connection.execute(query).first() is not None


def mark_read(connection: Connection, owner: Owner, message_id: str, at: datetime) -> None:
    """Mark one message, or all when `message_id` is empty, as read; the first reading counts."""
    query = update(message).where(*_of(owner), _MESSAGE.read_at.is_(None))
    if message_id:
        query = query.where(_MESSAGE.message_id == message_id)
    connection.execute(query.values(read_at=at))


def _of(owner: Owner) -> list[ColumnElement[Any]]:
    return [
        _MESSAGE.tenant == owner.tenant,
        _MESSAGE.recipient == owner.subject,
        _MESSAGE.channel == Channel.IN_APP,
        _MESSAGE.status == Status.DELIVERED,
    ]
