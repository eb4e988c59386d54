"""Reading through a durable consumer: what has come is handed on at once, in order.

One request for messages is open at a time. The next batch is whatever has arrived since the last
one, so a lone event waits for nothing and a thousand events cost few transactions. A request that
was lost with the server, or with the consumer, is made again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.chassis.bus.connection import Bus
from services.chassis.nats_server.configuration import STREAM

_REQUEST_KEPT_S = 5.0
_REQUEST_LOST_AFTER_S = 6.0
_ENDED = {"404", "408", "409", "503"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it was delivered to a consumer.

    Attributes:
        subject: Where it was published.
        headers: As they came; empty when there were none.
        data: The payload.
        number: 1 for the first delivery, then one more each time.
        waiting: How many messages the consumer has not been given yet.
    """

    subject: str
    headers: dict[str, str]
    data: bytes
    number: int
    waiting: int
    message: Msg

    async def ack(self) -> None:
        """Say that it is done; the effect must be committed. A lost ack is a redelivery."""
        await self._say(self.message.ack())

    async def retry(self, delay_s: float) -> None:
        """Ask for it again after a delay."""
        await self._say(self.message.nak(delay=delay_s))

    async def end(self) -> None:
        """Say that it must never come again, whatever the number of deliveries."""
        await self._say(self.message.term())

    @staticmethod
    async def _say(what: object) -> None:
        try:
            await what  # type: ignore[misc]  # the client's own coroutines
        except (nats.errors.Error, OSError):
            # Not heard: the server delivers the message again and the inbox knows it.
            return


class Pull:
    """The reading end of one durable consumer.

    Args:
        bus: The service's connection.
        consumer: Its name in the stream; whoever keeps the stream makes it.
        batch_max: The most messages to hold unanswered.
    """

    def __init__(self, bus: Bus, consumer: str, *, batch_max: int = 256) -> None:
        self._bus = bus
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer}"
        self._batch_max = batch_max
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()
        self._client: Client | None = None
        self._subscription: Subscription | None = None
        self._connection = 0
        self._inbox = ""
        self._open = 0
        self._lost_at = 0.0

    async def batch(self, *, within_s: float) -> list[Delivery]:
        """Return what has arrived, in order; wait for the first at most `within_s`."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0.001)):
                    await self._ask()
            except TimeoutError:
                return []
            deliveries = self._take(await self._first(deadline))
            if deliveries or time.monotonic() >= deadline:
                return deliveries

    async def close(self) -> None:
        """Give back what has arrived and was not taken, so that nobody waits for it."""
        if self._subscription is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await self._subscription.unsubscribe()
        message = None if self._arrived.empty() else self._arrived.get_nowait()
        for delivery in self._take(message):
            await delivery.retry(0)

    async def _first(self, deadline: float) -> Msg | None:
        patience = min(deadline, self._lost_at) - time.monotonic()
        try:
            # Not wait_for, which on Python 3.11 can swallow the end of its task.
            async with asyncio.timeout(max(patience, 0.001)):
                return await self._arrived.get()
        except TimeoutError:
            return None

    def _take(self, message: Msg | None) -> list[Delivery]:
        deliveries = []
        while message is not None:
            delivery = self._delivery(message)
            if delivery is not None:
                deliveries.append(delivery)
            message = None if self._arrived.empty() else self._arrived.get_nowait()
        return deliveries

    def _delivery(self, message: Msg) -> Delivery | None:
        headers = dict(message.headers or {})
        if not message.reply:
            if headers.get("Status") in _ENDED:
                self._open = 0
            return None
        self._open -= 1
        told = message.metadata
        return Delivery(
            message.subject,
            headers,
            message.data,
            number=told.num_delivered or 1,
            waiting=told.num_pending or 0,
            message=message,
        )

    async def _ask(self) -> None:
        """Make a request for messages unless one is open."""
        client = await self._bus.connected()
        if client is not self._client:
            self._client, self._inbox = client, client.new_inbox()
            self._subscription = await client.subscribe(self._inbox, cb=self._arrived.put)
        fresh = self._connection != self._bus.connections
        if self._open > 0 and not fresh and time.monotonic() < self._lost_at:
            return
        self._connection = self._bus.connections
        self._open = self._batch_max
        self._lost_at = time.monotonic() + _REQUEST_LOST_AFTER_S
        body = {"batch": self._batch_max, "expires": int(_REQUEST_KEPT_S * 1e9)}
        try:
            await client.publish(self._next, json.dumps(body).encode(), reply=self._inbox)
        except (nats.errors.Error, OSError):
            self._open = 0
