"""Events that a consumer could not take: kept with their reason until somebody replays them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, MetaData, Row, and_, func, or_, select, update

from services.chassis.errors import NotFound
from services.chassis.events import Event
from services.chassis.ids import derived_id
from services.chassis.tables import add_to

EARLY = "early"
"""The reason of an event whose predecessor is missing; it is replayed by itself when it comes."""

UNPARSABLE = "unparsable"
"""The first word of the reason of a message that is not an event; it cannot be replayed."""

_METADATA = MetaData()
add_to(_METADATA)
_LETTERS = _METADATA.tables["dead_letter"]
_SEQUENCE = _METADATA.tables["inbox_sequence"]


class DeadLetterUnknown(NotFound):
    """There is no such dead letter, or it was replayed already."""

    reason = "DEAD_LETTER_UNKNOWN"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that was put aside.

    Attributes:
        id: The same for the same consumer and event, however often it is put aside.
        consumer: Who could not take it.
        event: As it came; of a message that is not an event, as much as could be read.
        why: `early`, `unparsable: …`, or the error's reason; never personal data.
        deliveries: How often it had been delivered.
        dead_at: When it was put aside.
    """

    id: str
    consumer: str
    event: Event
    why: str
    deliveries: int
    dead_at: datetime


def put_aside(connection: Connection, letter: DeadLetter) -> None:
    """Keep the event; one that was replayed and failed again is open again."""
    event = letter.event
    row = {
        "consumer": letter.consumer,
        "event_id": event.id[:36],
        "tenant": event.tenant[:9],
        "type": event.type[:120],
        "resource": event.resource[:80],
        "sequence": event.sequence,
        "time": event.time[:40],
        "data": event.data,
        "traceparent": event.traceparent[:55],
        "reason": letter.why,
        "deliveries": letter.deliveries,
        "dead_at": letter.dead_at,
        "replayed_at": None,
    }
    changed = connection.execute(
        update(_LETTERS).where(_LETTERS.c.id == letter.id).values(row)
    ).rowcount
    if not changed:
        connection.execute(_LETTERS.insert().values(id=letter.id, **row))


def letter_id(consumer: str, event_id: str) -> str:
    """Return the id of the dead letter that this event would be for this consumer."""
    return derived_id("dead-letter", consumer, event_id)


def open_letters(
    connection: Connection, *, tenant: str | None = None, limit: int = 200
) -> list[DeadLetter]:
    """Return those that wait, the oldest first.

    Args:
        connection: Of the service's database.
        tenant: One authority's only; None for all, which only the system may ask.
        limit: The most to return.
    """
    query = select(_LETTERS).where(_LETTERS.c.replayed_at.is_(None))
    if tenant is not None:
        query = query.where(_LETTERS.c.tenant == tenant)
    rows = connection.execute(query.order_by(_LETTERS.c.dead_at, _LETTERS.c.id).limit(limit))
    return [_letter(row) for row in rows]


def get_open(connection: Connection, consumer: str, dead_letter_id: str) -> DeadLetter:
    """Return one that waits.

    Raises:
        DeadLetterUnknown: There is none (NOT_FOUND).
    """
    row = connection.execute(
        select(_LETTERS).where(
            _LETTERS.c.id == dead_letter_id,
            _LETTERS.c.consumer == consumer,
            _LETTERS.c.replayed_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise DeadLetterUnknown("no such dead letter waits", dead_letter_id=dead_letter_id)
    return _letter(row)


def settle(connection: Connection, dead_letter_id: str, at: datetime) -> None:
    """Say that the event has had its effect."""
    connection.execute(
        update(_LETTERS)
        .where(_LETTERS.c.id == dead_letter_id, _LETTERS.c.replayed_at.is_(None))
        .values(replayed_at=at)
    )


def whose_turn_came(connection: Connection, consumer: str) -> Sequence[DeadLetter]:
    """Return the events that were early and are not any more, in order of their resources."""
    letters, counts = _LETTERS.c, _SEQUENCE.c
    reached = and_(counts.consumer == letters.consumer, counts.resource == letters.resource)
    rows = connection.execute(
        select(_LETTERS)
        .outerjoin(_SEQUENCE, reached)
        .where(
            letters.consumer == consumer,
            letters.reason == EARLY,
            letters.replayed_at.is_(None),
            or_(letters.sequence == 1, letters.sequence <= counts.last + 1),
        )
        .order_by(letters.resource, letters.sequence)
        .limit(200)
    )
    return [_letter(row) for row in rows]


def count_open(connection: Connection, consumer: str) -> int:
    """Return how many events of a consumer wait."""
    return connection.execute(
        select(func.count())
        .select_from(_LETTERS)
        .where(_LETTERS.c.consumer == consumer, _LETTERS.c.replayed_at.is_(None))
    ).scalar_one()


def _letter(row: Row[tuple[object, ...]]) -> DeadLetter:
    fields = row._mapping  # noqa: SLF001  (SQLAlchemy's documented access by name)
    event = Event(
        id=fields["event_id"],
        type=fields["type"],
        tenant=fields["tenant"],
        resource=fields["resource"],
        sequence=fields["sequence"],
        time=fields["time"],
        data=fields["data"],
        traceparent=fields["traceparent"],
    )
    return DeadLetter(
        id=fields["id"],
        consumer=fields["consumer"],
        event=event,
        why=fields["reason"],
        deliveries=fields["deliveries"],
        dead_at=fields["dead_at"],
    )
