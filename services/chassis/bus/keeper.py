"""Makes the stream and its consumers, and makes them again when they are lost.

It signs in as the operations identity; services cannot make, purge or delete anything. One keeper
runs wherever that identity is: beside the embedded server, or in one process of a deployment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from services.chassis.bus.connection import Bus
from services.chassis.errors import Unavailable
from services.chassis.nats_server.configuration import STREAM

_log = structlog.get_logger(__name__)
_SECOND_NS = 10**9
_LOOK_EVERY_S = 0.5
_UNANSWERED_MAX = 10_000
_ANSWER_WITHIN_S = 15
_NO_SUCH_STREAM = 10059


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How big the stream may become.

    Attributes:
        bytes: Below the disk; what comes above it is refused, and the outbox keeps it.
        replicas: 1 beside the product, 3 in a cluster of three machines.
        days: How long an event stays; long after it all consumers must have read it.
    """

    bytes: int
    replicas: int = 1
    days: int = 30


@dataclass(frozen=True, slots=True)
class Reader:
    """A durable consumer to keep: its name and the subjects that it reads."""

    name: str
    subjects: tuple[str, ...]


class Keeper:
    """Keeps one stream and the consumers of all services.

    Args:
        bus: Connected, or to be connected, as the operations identity.
        limits: Of the stream.
        readers: Every consumer of every service that reads this stream.
    """

    def __init__(self, bus: Bus, limits: StreamLimits, readers: Sequence[Reader]) -> None:
        self._bus = bus
        self._limits = limits
        self._readers = readers

    async def run(self) -> None:
        """Look every half second, and make what is missing; never returns."""
        settled = 0
        while True:
            await self._bus.connected()
            # A server that came back may have come back empty, or with other limits.
            try:
                if settled != self._bus.connections or await self._is_missing():
                    await self.ensure()
                    settled = self._bus.connections
            except Unavailable as error:
                _log.warning("the stream is not kept", reason=error.message)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def ensure(self) -> None:
        """Make, or bring up to date, the stream and every consumer.

        Raises:
            Unavailable: The server does not answer, or refuses.
        """
        stream = self._stream()
        info = await self._bus.request(f"$JS.API.STREAM.INFO.{STREAM}")
        verb = "CREATE" if info.get("error", {}).get("err_code") == _NO_SUCH_STREAM else "UPDATE"
        await self._do(f"$JS.API.STREAM.{verb}.{STREAM}", stream)
        for reader in self._readers:
            body = {"stream_name": STREAM, "config": _consumer(reader)}
            await self._do(f"$JS.API.CONSUMER.CREATE.{STREAM}.{reader.name}", body)

    async def _is_missing(self) -> bool:
        answer = await self._bus.request(f"$JS.API.CONSUMER.NAMES.{STREAM}")
        return not {reader.name for reader in self._readers} <= set(answer.get("consumers") or ())

    async def _do(self, subject: str, body: dict[str, Any]) -> None:
        answer = await self._bus.request(subject, body)
        if "error" in answer:
            raise Unavailable(f"the event bus refuses: {answer['error'].get('description')}")

    def _stream(self) -> dict[str, Any]:
        return {
            "name": STREAM,
            "subjects": ["lr.>"],
            "storage": "file",
            "num_replicas": self._limits.replicas,
            "retention": "limits",
            # Full means refused, so that the outbox keeps what does not fit.
            "discard": "new",
            "max_bytes": self._limits.bytes,
            "max_age": self._limits.days * 86_400 * _SECOND_NS,
            # It saves traffic and proves nothing: the inbox decides what is a duplicate.
            "duplicate_window": 120 * _SECOND_NS,
            "deny_delete": True,
            "deny_purge": True,
            "allow_atomic": True,
            # Canaries leave by themselves; events carry no time to live.
            "allow_msg_ttl": True,
        }


def _consumer(reader: Reader) -> dict[str, Any]:
    return {
        "durable_name": reader.name,
        "name": reader.name,
        "filter_subjects": list(reader.subjects),
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": _ANSWER_WITHIN_S * _SECOND_NS,
        # The server would silently drop a message after its own limit, also when the deliveries
        # were lost with a killed process; the consumer itself counts and writes a dead letter.
        "max_deliver": -1,
        # A message that waits for its retry counts too, and must not hold back the others.
        "max_ack_pending": _UNANSWERED_MAX,
    }
