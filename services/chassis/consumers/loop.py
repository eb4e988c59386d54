"""One consumer at work.

A batch is handed to the lane in the order of its arrival and answered after the commit. What
fails is tried again later and later; what fails for the sixth time is put aside as a dead letter.
An event whose predecessor was put aside goes aside too and comes back by itself, so one bad event
stops its own resource and no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import Connection, text

from services.chassis import dead_letters, inbox
from services.chassis.auth import Principal
from services.chassis.bus import Bus, Delivery, Pull, Unparsable, event_of
from services.chassis.clock import Clock
from services.chassis.consumers.aside import Aside, reason_of, unparsed
from services.chassis.consumers.consumer import MAX_DELIVERIES, Consumer
from services.chassis.database import Database
from services.chassis.errors import ServiceError, Unavailable
from services.chassis.events import Event
from services.chassis.inbox import Receipt
from services.chassis.telemetry import continue_trace
from services.chassis.unit_of_work import Commands, UnitOfWork

RECEIVED = Counter(
    "localresponse_events_received", "Deliveries, by what became of them.", ["consumer", "outcome"]
)
LAG = Gauge("localresponse_consumer_lag", "Events in the stream not yet delivered.", ["consumer"])

_BATCH_WITHIN_S = 1.0
_PAUSE_S = 0.5
_log = structlog.get_logger(__name__)


class ConsumerLoop:
    """Runs one consumer of one service.

    Args:
        consumer: What to read and what to do with it.
        commands: Of the service that reads.
        database: Its database.
        bus: Its connection.
        clock: Its clock.
    """

    def __init__(
        self,
        consumer: Consumer,
        commands: Commands,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._consumer = consumer
        self._commands = commands
        self._database = database
        self._bus = bus
        self._aside = Aside(consumer.name, database, clock)
        self._patience = consumer.patience
        self._stopping = False
        self._looked_at = 0.0

    async def run(self) -> None:
        """Take events until `stop`; the bus or the database may come and go."""
        pull = Pull(self._bus, self._consumer.name)
        try:
            while not self._stopping:
                await self._round(pull)
        finally:
            await pull.close()

    def stop(self) -> None:
        """End `run` after the batch in hand, within about a second."""
        self._stopping = True

    async def replay(self, dead_letter_id: str) -> Receipt:
        """Give an event that was put aside to its handler again, by the same way as the first.

        Raises:
            DeadLetterUnknown: None waits under this id (NOT_FOUND).
            FailedPrecondition: The message is not an event and cannot be replayed.
            Exception: What the handler raised; the letter waits on.
        """
        return await self._aside.replay(dead_letter_id, self._apply)

    async def _round(self, pull: Pull) -> None:
        try:
            deliveries = await pull.batch(within_s=_BATCH_WITHIN_S)
            # The tasks begin in this order, and each is in the lane's queue before it waits.
            outcomes = await asyncio.gather(*map(self._take, deliveries))
            self._count(deliveries, outcomes)
            if "away" in outcomes:
                await self._database_answers()
            if time.monotonic() >= self._looked_at + self._patience.look_every_s:
                self._looked_at = time.monotonic()
                await self._aside.retake(self._apply)
                await self._aside.measure()
        except ServiceError as error:
            _log.warning("a consumer waits", consumer=self._consumer.name, why=error.message)
            await asyncio.sleep(_PAUSE_S)
        except Exception as error:  # noqa: BLE001  (it must outlive any one failure)
            # A consumer that ended would be found out too late.
            _log.exception("a consumer failed", consumer=self._consumer.name, exc_info=error)
            await asyncio.sleep(_PAUSE_S)

    async def _take(self, delivery: Delivery) -> str:
        """Apply one delivery and answer it; return what became of it."""
        try:
            return await self._taken(delivery)
        except Unavailable:
            await delivery.retry(self._patience.after_failure(1))
            return "away"

    async def _taken(self, delivery: Delivery) -> str:
        try:
            event = event_of(delivery.subject, delivery.headers, delivery.data)
        except Unparsable as error:
            why = f"{dead_letters.UNPARSABLE}: {error}"
            return await self._put_aside(delivery, unparsed(delivery), why)
        try:
            receipt = await self._apply(event)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  (whatever a handler raises is its failure)
            return await self._failed(delivery, event, error)
        if receipt is Receipt.EARLY:
            return await self._early(delivery, event)
        await delivery.ack()
        return receipt

    async def _apply(self, event: Event, dead_letter_id: str = "") -> Receipt:
        continue_trace(event.traceparent)
        handler = self._consumer.handlers.get(event.type)

        def work(unit: UnitOfWork) -> Receipt:
            receipt = inbox.once(unit, self._consumer.name, event, handler)
            if dead_letter_id and receipt is not Receipt.EARLY:
                dead_letters.settle(unit.connection, dead_letter_id, unit.at)
            return receipt

        return await self._commands.apply(Principal.system(event.tenant), work)

    async def _failed(self, delivery: Delivery, event: Event, error: Exception) -> str:
        _log.warning(
            "an event failed",
            consumer=self._consumer.name,
            event_id=event.id,
            delivery=delivery.number,
            exc_info=error,
        )
        if delivery.number >= MAX_DELIVERIES:
            return await self._put_aside(delivery, event, reason_of(error))
        await delivery.retry(self._patience.after_failure(delivery.number))
        return "failed"

    async def _early(self, delivery: Delivery, event: Event) -> str:
        if delivery.number >= MAX_DELIVERIES:
            return await self._put_aside(delivery, event, dead_letters.EARLY)
        await delivery.retry(self._patience.while_early(delivery.number))
        return Receipt.EARLY

    async def _put_aside(self, delivery: Delivery, event: Event, why: str) -> str:
        await self._aside.put(event, why, deliveries=delivery.number)
        await delivery.end()
        return "dead"

    async def _database_answers(self) -> None:
        """Wait until the database is back, so that no delivery is spent on its absence."""
        while not self._stopping:
            with contextlib.suppress(Unavailable):
                await self._database.read(_ping)
                return
            await asyncio.sleep(_PAUSE_S)

    def _count(self, deliveries: list[Delivery], outcomes: list[str]) -> None:
        for outcome in outcomes:
            RECEIVED.labels(self._consumer.name, outcome).inc()
        LAG.labels(self._consumer.name).set(deliveries[-1].waiting if deliveries else 0)


def _ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
