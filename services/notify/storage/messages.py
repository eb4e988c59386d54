"""Messages: written, claimed, moved on, and read for inbox and board."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Update,
    bindparam,
    func,
    insert,
    select,
    update,
)

from services.notify.domain.message import Cause, Message
from services.notify.domain.words import Category, Channel, Status, Urgency
from services.notify.storage.tables import message

_MESSAGE = message.c


_ONCE = ("tenant", "producer", "event_id", "recipient", "template_id", "channel", "replay")
_SAME = select(_MESSAGE.message_id).where(*(_MESSAGE[name] == bindparam(name) for name in _ONCE))
_INSERT = insert(message)
_LOCKED = (
    select(message)
    .where(_MESSAGE.tenant == bindparam("tenant"), _MESSAGE.message_id == bindparam("key"))
    .with_for_update()
)


def add(connection: Connection, added: Message) -> bool:
    """Add a message; return False, and change nothing, when its cause made it before."""
    columns = _columns(added)
    if connection.execute(_SAME, {name: columns[name] for name in _ONCE}).first() is not None:
        return False
    connection.execute(_INSERT, columns)
    return True


def load(connection: Connection, tenant: str, message_id: str) -> Message | None:
    """Return one message of an authority, or None."""
    query = select(message).where(_MESSAGE.tenant == tenant, _MESSAGE.message_id == message_id)
    row = connection.execute(query).first()
    return of_row(row) if row else None


def locked(connection: Connection, tenant: str, message_id: str) -> Message | None:
    """Like `load`, and keeps others from changing it until the commit."""
    row = connection.execute(_LOCKED, {"tenant": tenant, "key": message_id}).first()
    return of_row(row) if row else None


def by_reference(connection: Connection, tenant: str, reference: str) -> Message | None:
    """Return the newest message with a provider's reference, kept from others, or None."""
    query = (
        select(message)
        .where(_MESSAGE.tenant == tenant, _MESSAGE.reference == reference)
        .order_by(_MESSAGE.replay.desc())
        .limit(1)
        .with_for_update()
    )
    row = connection.execute(query).first()
    return of_row(row) if row else None


def any_due(connection: Connection, now: datetime) -> bool:
    """Return whether anything is due."""
    query = select(_MESSAGE.message_id).where(_MESSAGE.due_at <= now).limit(1)
    return connection.execute(query).first() is not None


def due(connection: Connection, now: datetime, limit: int) -> Sequence[Message]:
    """Return messages that are due, oldest first, and keep other replicas off them."""
    query = (
        select(message)
        .where(_MESSAGE.due_at <= now)
        .order_by(_MESSAGE.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [of_row(row) for row in connection.execute(query)]


def held_for_digest(connection: Connection, first: Message, now: datetime) -> Sequence[Message]:
    """Return what is held for a digest with `first`, itself included, and due; oldest first."""
    query = (
        select(message)
        .where(
            _MESSAGE.tenant == first.tenant,
            _MESSAGE.recipient == first.recipient,
            _MESSAGE.channel == first.channel,
            _MESSAGE.category == first.category,
            _MESSAGE.status == Status.HELD,
            _MESSAGE.reason == "digest",
            _MESSAGE.due_at <= now,
        )
        .order_by(_MESSAGE.message_id)
        .with_for_update()
    )
    return [of_row(row) for row in connection.execute(query)]


def forfeit(connection: Connection, now: datetime) -> int:
    """End every lease: whoever held them is gone. Return how many there were."""
    done = connection.execute(
        update(message)
        .where(_MESSAGE.status == Status.SENDING, _MESSAGE.due_at > now)
        .values(due_at=now)
    )
    return int(done.rowcount)


def change(connection: Connection, message_id: str, **values: Any) -> None:
    """Set columns of one message."""
    given = {f"new_{name}": value for name, value in values.items()}
    connection.execute(_update_of(tuple(values)), {"key": message_id, **given})


@cache
def _update_of(names: tuple[str, ...]) -> Update:
    """Return the update of some columns: made once, since it is the statement run most."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(message).where(_MESSAGE.message_id == bindparam("key")).values(values)


def change_digested(connection: Connection, digest_id: str, **values: Any) -> None:
    """Set columns of every message that a digest carries."""
    connection.execute(update(message).where(_MESSAGE.digest_id == digest_id).values(**values))


def digested(connection: Connection, digest_id: str) -> Sequence[Message]:
    """Return the messages that a digest carries, oldest first."""
    query = select(message).where(_MESSAGE.digest_id == digest_id)
    return [of_row(row) for row in connection.execute(query.order_by(_MESSAGE.message_id))]


def sent_since(
    connection: Connection, tenant: str, recipients: Iterable[str], since: datetime
) -> dict[tuple[str, str], int]:
    """Count what was handed over to each recipient by each channel since a moment."""
    query = (
        select(_MESSAGE.recipient, _MESSAGE.channel, func.count())
        .where(
            _MESSAGE.tenant == tenant,
            _MESSAGE.recipient.in_(sorted(set(recipients))),
            _MESSAGE.first_attempt_at >= since,
        )
        .group_by(_MESSAGE.recipient, _MESSAGE.channel)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def replays(connection: Connection, first_id: str) -> int:
    """Return how many replays of a first message there are."""
    query = select(func.count()).where(_MESSAGE.reference == first_id, _MESSAGE.replay > 0)
    return connection.execute(query).scalar_one()


def erase(connection: Connection, before: datetime, now: datetime, *, limit: int) -> Sequence[str]:
    """Empty addresses and values of messages that are over; return their references."""
    query = (
        select(_MESSAGE.message_id, _MESSAGE.reference)
        .where(
            _MESSAGE.erased_at.is_(None),
            _MESSAGE.created_at < before,
            _MESSAGE.due_at.is_(None),
            _MESSAGE.status != Status.HELD,
        )
        .order_by(_MESSAGE.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).fetchall()
    connection.execute(
        update(message)
        .where(_MESSAGE.message_id.in_([row.message_id for row in found]))
        .values(given="{}", address="", erased_at=now)
    )
    return [row.reference for row in found]


def of_row(row: Row[Any]) -> Message:
    """Return the message that a row of the table holds."""
    return Message(
        message_id=row.message_id,
        tenant=row.tenant,
        cause=Cause(row.producer, row.event_id),
        recipient=row.recipient,
        template_id=row.template_id,
        template_version=row.template_version,
        channel=Channel(row.channel),
        audience=row.audience,
        category=Category(row.category),
        urgency=Urgency(row.urgency),
        reference=row.reference,
        created_at=row.created_at,
        updated_at=row.updated_at,
        given=json.loads(row.given),
        link=row.link,
        address=row.address,
        status=Status(row.status),
        reason=row.reason,
        attempts=row.attempts,
        events=row.events,
        due_at=row.due_at,
        first_attempt_at=row.first_attempt_at,
        sent_at=row.sent_at,
        read_at=row.read_at,
        erased_at=row.erased_at,
        replay=row.replay,
        replay_of=row.replay_of,
        digest_id=row.digest_id,
    )


def all_columns() -> Select[Any]:
    """Return the query for whole messages that `of_row` reads."""
    return select(message)


def _columns(added: Message) -> dict[str, Any]:
    return {
        "message_id": added.message_id,
        "tenant": added.tenant,
        "producer": added.cause.producer,
        "event_id": added.cause.event_id,
        "recipient": added.recipient,
        "template_id": added.template_id,
        "template_version": added.template_version,
        "channel": added.channel,
        "audience": added.audience,
        "category": added.category,
        "urgency": added.urgency,
        "given": json.dumps(dict(added.given), ensure_ascii=False),
        "link": added.link,
        "address": added.address,
        "reference": added.reference,
        "status": added.status,
        "reason": added.reason,
        "attempts": added.attempts,
        "events": added.events,
        "due_at": added.due_at,
        "first_attempt_at": added.first_attempt_at,
        "created_at": added.created_at,
        "updated_at": added.updated_at,
        "sent_at": added.sent_at,
        "read_at": added.read_at,
        "erased_at": added.erased_at,
        "replay": added.replay,
        "replay_of": added.replay_of,
        "digest_id": added.digest_id,
    }
