"""An event has its effect once: its id and its effect are one commit.

The events of one resource are numbered 1, 2, 3 …; a consumer takes them in that order and no
other. What it has seen is dropped, what comes too early is held back until its turn.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from sqlalchemy import Connection, MetaData, select, update

from services.chassis.events import Event
from services.chassis.tables import add_to
from services.chassis.unit_of_work import UnitOfWork

EventHandler = Callable[[UnitOfWork, Event], None]
"""What a consumer does with an event: it runs on the lane and writes through the unit of work."""

_METADATA = MetaData()
add_to(_METADATA)
_INBOX = _METADATA.tables["inbox"]
_SEQUENCE = _METADATA.tables["inbox_sequence"]


class Receipt(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    """Its effect is committed now."""
    SEEN = "seen"
    """Its effect was committed before, or a later event of the resource replaced it."""
    EARLY = "early"
    """An event of the same resource that comes before it is missing; nothing was written."""


def once(work: UnitOfWork, consumer: str, event: Event, handler: EventHandler | None) -> Receipt:
    """Give the event to the handler unless it was given before, and remember it.

    Args:
        work: The effect and the memory of it are committed together.
        consumer: Its name; each consumer has a memory of its own.
        event: In any order, any number of times.
        handler: None for a type that the consumer does not know: it only counts.

    Raises:
        Exception: What the handler raised; the event is not remembered.
    """
    last = _last(work.connection, consumer, event.resource)
    if event.sequence <= last or _has(work.connection, consumer, event.id):
        return Receipt.SEEN
    if event.sequence > last + 1:
        return Receipt.EARLY
    if handler is not None:
        handler(work, event)
    work.insert_later(_INBOX, {"consumer": consumer, "event_id": event.id, "received_at": work.at})
    _advance(work.connection, consumer, event)
    return Receipt.APPLIED


def last_of(connection: Connection, consumer: str, resource: str) -> int:
    """Return the sequence of the resource's newest event that had its effect; 0 if none had."""
    columns = _SEQUENCE.c
    query = select(columns.last).where(columns.consumer == consumer, columns.resource == resource)
    return connection.execute(query).scalar_one_or_none() or 0


def _last(connection: Connection, consumer: str, resource: str) -> int:
    columns = _SEQUENCE.c
    query = (
        select(columns.last)
        .where(columns.consumer == consumer, columns.resource == resource)
        .with_for_update()
    )
    return connection.execute(query).scalar_one_or_none() or 0


def _has(connection: Connection, consumer: str, event_id: str) -> bool:
    columns = _INBOX.c
    query = select(columns.event_id).where(
        columns.consumer == consumer, columns.event_id == event_id
    )
    return connection.execute(query).first() is not None


def _advance(connection: Connection, consumer: str, event: Event) -> None:
    """Count the event; two processes that count the same first one meet at the primary key."""
    if event.sequence == 1:
        row = {"consumer": consumer, "resource": event.resource, "last": 1}
        connection.execute(_SEQUENCE.insert().values(row))
        return
    connection.execute(
        update(_SEQUENCE)
        .where(_SEQUENCE.c.consumer == consumer, _SEQUENCE.c.resource == event.resource)
        .values(last=event.sequence)
    )
