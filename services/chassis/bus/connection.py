"""One service's connection to NATS: it waits for the server for ever and never gives up."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.chassis.bus.envelope import headers_of
from services.chassis.ending import end
from services.chassis.errors import Unavailable
from services.chassis.events import Event
from services.chassis.ids import new_id
from services.chassis.nats_server.configuration import STREAM, canary_subject, inbox_prefix

BATCH_MAX = 100
"""The most events of one atomic batch: 100 cost 4 syncs, and one by one they would cost 100."""

CANARY_WITHIN_S = 2.0
_ANSWER_WITHIN_S = 5.0
_RECONNECT_EVERY_S = 0.1
_CANARY_KEPT = "60s"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StreamState:
    """The stream as it is now.

    Attributes:
        epoch: When it was created; a stream that was lost and made again has another.
        first: Sequence of the oldest message that it still has.
        last: Sequence of its newest message.
    """

    epoch: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Published:
    """An event that the stream acknowledged, and the sequence that it has there."""

    event: Event
    position: int


class _Client(Client):
    """NATS's client, which forgets a connection that broke while it was being made."""

    async def _select_next_server(self) -> None:
        if self._transport is not None:
            self._transport.close()  # type: ignore[no-untyped-call]  # of the library
        await super()._select_next_server()


class Bus:
    """A connection that outlives the server.

    Args:
        url: `nats://host:port`, or several with commas.
        name: The service; it may publish its own subjects only.
        seed: Its secret key; None where the server has no users.
    """

    def __init__(self, url: str, name: str, *, seed: str | None = None) -> None:
        self.name = name
        self._urls = url.split(",")
        self._seed = seed
        self._client: Client | None = None
        self._connected = asyncio.Event()
        self._closing = False
        self._reopening: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Task[Msg]] = set()
        self.connections = 0

    async def connect(self) -> None:
        """Connect, however long it takes; return at once when already connected."""
        if self._client is None and not self._closing:
            await self._open()

    async def connected(self) -> Client:
        """Return the client once it is connected; wait while it is not."""
        while True:
            await self._connected.wait()
            if self._client is not None and self._client.is_connected:
                return self._client
            self._connected.clear()

    @property
    def is_connected(self) -> bool:
        """Whether the server answers as far as we know."""
        return self._client is not None and self._client.is_connected

    async def close(self) -> None:
        """End the connection; nothing is published or received after it."""
        self._closing = True
        if self._reopening is not None:
            await end([self._reopening])
        if self._client is not None:
            await self._client.close()

    async def request(self, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask JetStream's API and return its answer, which may hold an `error`.

        Raises:
            Unavailable: No server, or no answer in 5 s.
        """
        payload = json.dumps(body).encode() if body else b""
        answer: dict[str, Any] = json.loads(await self._send(subject, payload))
        return answer

    async def state(self) -> StreamState:
        """Return the stream's present state.

        Raises:
            Unavailable: No server, no answer, or no stream.
        """
        answer = await self.request(f"$JS.API.STREAM.INFO.{STREAM}")
        if "error" in answer:
            raise Unavailable("the stream does not exist")
        state = answer["state"]
        return StreamState(answer["created"], state["first_seq"], state["last_seq"])

    async def event_id_at(self, position: int) -> str | None:
        """Return the id of the event at a position of the stream; None if there is none.

        Raises:
            Unavailable: No server or no answer.
        """
        answer = await self.request(f"$JS.API.STREAM.MSG.GET.{STREAM}", {"seq": position})
        if "error" in answer:
            return None
        lines = base64.b64decode(answer["message"].get("hdrs", "")).decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        return fields.get("Nats-Msg-Id")

    async def publish(self, events: Sequence[Event]) -> list[Published]:
        """Publish at most `BATCH_MAX` events in order and return those that are on disk.

        They go as one atomic batch. A batch that holds an event which the stream already has is
        refused whole (10201), so it is then sent one by one; so is any other that is refused.

        Raises:
            Unavailable: No server or no answer: what happened is unknown, send them again.
        """
        if len(events) > 1:
            answer = await self._batch(events)
            if "error" not in answer:
                first = int(answer["seq"]) - len(events) + 1
                return [Published(event, first + index) for index, event in enumerate(events)]
        answers = await asyncio.gather(
            *(self._send(each.subject, each.data, headers_of(each)) for each in events),
            return_exceptions=True,
        )
        published = [
            Published(event, int(body["seq"]))
            for event, answer in zip(events, answers, strict=True)
            if isinstance(answer, bytes) and "error" not in (body := json.loads(answer))
        ]
        if not published:
            refusals = {answer for answer in answers if isinstance(answer, bytes)}
            raise Unavailable(f"the stream takes no event: {_reason(refusals)}")
        return published

    async def canary(self) -> float:
        """Publish and have it acknowledged, as an event would be; return the seconds it took.

        Raises:
            Unavailable: It was not on disk within 2 s; the service is not ready.
        """
        started = time.monotonic()
        headers = {"Nats-TTL": _CANARY_KEPT}
        answer = await self._send(canary_subject(self.name), b"", headers, within_s=CANARY_WITHIN_S)
        if "error" in json.loads(answer):
            raise Unavailable(f"the stream takes no event: {_reason({answer})}")
        return time.monotonic() - started

    async def _batch(self, events: Sequence[Event]) -> dict[str, Any]:
        client, batch_id = self._ready(), new_id()
        *others, last = enumerate(events, start=1)
        for number, event in others:
            headers = _in_batch(event, batch_id, number)
            try:
                await client.publish(event.subject, event.data, headers=headers)
            except (nats.errors.Error, OSError) as error:
                raise Unavailable("the event bus takes nothing") from error
        number, event = last
        headers = {**_in_batch(event, batch_id, number), "Nats-Batch-Commit": "1"}
        answer: dict[str, Any] = json.loads(await self._send(event.subject, event.data, headers))
        return answer

    async def _send(
        self,
        subject: str,
        payload: bytes,
        headers: dict[str, str] | None = None,
        *,
        within_s: float = _ANSWER_WITHIN_S,
    ) -> bytes:
        asked = self._ready().request(subject, payload, timeout=within_s, headers=headers)
        request = asyncio.create_task(asked)
        self._asked.add(request)
        request.add_done_callback(self._asked.discard)
        try:
            answer = await request
        except (nats.errors.Error, OSError) as error:
            raise Unavailable("the event bus does not answer") from error
        except asyncio.CancelledError:
            # Ours, because the server went away; or our caller's, which goes on.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                request.cancel()
                raise
            raise Unavailable("the event bus went away") from None
        return bytes(answer.data)

    def _ready(self) -> Client:
        # The client would keep what is published while it is away and send it later, in parts.
        if self._client is None or not self._client.is_connected:
            raise Unavailable("the event bus is not connected")
        return self._client

    async def _open(self) -> None:
        while not self._closing:
            client = _Client()
            try:
                await client.connect(
                    self._urls,
                    name=self.name,
                    nkeys_seed_str=self._seed,
                    inbox_prefix=inbox_prefix(self.name),
                    error_cb=self._erred,
                    reconnected_cb=self._on_connected,
                    disconnected_cb=self._on_disconnected,
                    closed_cb=self._on_closed,
                    connect_timeout=2,
                    reconnect_time_wait=_RECONNECT_EVERY_S,  # type: ignore[arg-type]  # it sleeps
                    max_reconnect_attempts=-1,
                    ping_interval=5,
                    max_outstanding_pings=2,
                )
            except (nats.errors.Error, OSError):
                await asyncio.sleep(0.1)
                continue
            self._client = client
            await self._on_connected()
            return

    async def _on_connected(self) -> None:
        self.connections += 1
        self._connected.set()
        _log.info("bus connected", service=self.name, connections=self.connections)

    async def _on_disconnected(self) -> None:
        self._connected.clear()
        # Whoever waits for an answer waits for a server that is gone.
        for request in self._asked:
            request.cancel()
        if not self._closing:
            _log.warning("bus disconnected", service=self.name)

    async def _on_closed(self) -> None:
        # The client closes itself for good after some errors of the protocol.
        self._connected.clear()
        if not self._closing:
            self._reopening = asyncio.create_task(self._open())

    async def _erred(self, error: Exception) -> None:
        if not isinstance(error, OSError | TimeoutError):
            _log.warning("bus error", service=self.name, kind=type(error).__name__)


def _in_batch(event: Event, batch_id: str, number: int) -> dict[str, str]:
    return {
        **headers_of(event),
        "Nats-Batch-Id": batch_id,
        "Nats-Batch-Sequence": str(number),
    }


def _reason(answers: set[bytes]) -> str:
    errors = {json.loads(answer)["error"].get("description", "") for answer in answers}
    return ", ".join(sorted(errors)) or "no answer"
