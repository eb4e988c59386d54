"""Where a consumer puts the events that it could not take, and gets them back from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog
from prometheus_client import Gauge

from services.chassis import dead_letters
from services.chassis.bus import Delivery
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.dead_letters import DeadLetter
from services.chassis.errors import FailedPrecondition, ServiceError, Unavailable
from services.chassis.events import Event
from services.chassis.ids import derived_id
from services.chassis.inbox import Receipt

DEAD = Gauge("localresponse_dead_letters", "Events put aside and not replayed.", ["consumer"])

Apply = Callable[[Event, str], Awaitable[Receipt]]
"""Gives an event to its handler and, with the effect, settles the dead letter of that id."""

_log = structlog.get_logger(__name__)


class Aside:
    """The dead letters of one consumer.

    Args:
        consumer: Its name.
        database: Of the service that reads.
        clock: For the moment at which an event is put aside.
    """

    def __init__(self, consumer: str, database: Database, clock: Clock) -> None:
        self._consumer = consumer
        self._database = database
        self._clock = clock

    async def put(self, event: Event, why: str, *, deliveries: int) -> None:
        """Keep the event until it is replayed.

        Raises:
            Unavailable: The database is away; the event must be delivered again.
        """
        letter = DeadLetter(
            id=dead_letters.letter_id(self._consumer, event.id),
            consumer=self._consumer,
            event=event,
            why=why,
            deliveries=deliveries,
            dead_at=self._clock.now(),
        )
        await self._keep(letter)
        _log.error("an event was put aside", consumer=self._consumer, id=letter.id, why=why)

    async def replay(self, dead_letter_id: str, apply: Apply) -> Receipt:
        """Give the event to its handler again.

        Raises:
            DeadLetterUnknown: None waits under this id (NOT_FOUND).
            FailedPrecondition: The message is not an event and cannot be replayed.
            Exception: What the handler raised; the letter waits on.
        """
        letter = await self._database.read(
            lambda connection: dead_letters.get_open(connection, self._consumer, dead_letter_id)
        )
        if letter.why.startswith(dead_letters.UNPARSABLE):
            raise FailedPrecondition("the message is not an event", dead_letter_id=letter.id)
        return await apply(letter.event, letter.id)

    async def retake(self, apply: Apply) -> None:
        """Replay the events that came too early and whose turn has come."""
        again = True
        while again:
            letters = await self._database.read(
                lambda connection: dead_letters.whose_turn_came(connection, self._consumer)
            )
            outcomes = [await self._retaken(letter, apply) for letter in letters]
            again = any(outcomes)

    async def measure(self) -> None:
        """Tell the metric how many wait."""
        count = await self._database.read(
            lambda connection: dead_letters.count_open(connection, self._consumer)
        )
        DEAD.labels(self._consumer).set(count)

    async def _retaken(self, letter: DeadLetter, apply: Apply) -> bool:
        """Replay one; if it fails it is no longer early, and waits for a person."""
        try:
            return await apply(letter.event, letter.id) is not Receipt.EARLY
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  (whatever a handler raises is its failure)
            await self._keep(replace(letter, why=reason_of(error)))
            return False

    async def _keep(self, letter: DeadLetter) -> None:
        await self._database.write(lambda connection: dead_letters.put_aside(connection, letter))


def reason_of(error: Exception) -> str:
    """Return why an event failed, in a word: an error's text could hold anything."""
    return error.reason if isinstance(error, ServiceError) else type(error).__name__


def unparsed(delivery: Delivery) -> Event:
    """Return what a message that is not an event is kept as; its content is its identity."""
    return Event(
        id=derived_id(delivery.subject, delivery.data.hex()),
        type=delivery.headers.get("ce-type", ""),
        tenant=delivery.headers.get("ce-tenant", ""),
        resource=delivery.subject,
        sequence=0,
        time=delivery.headers.get("ce-time", ""),
        data=delivery.data,
    )
