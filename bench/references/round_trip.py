"""One JetStream publish, acknowledge, fetch, acknowledge: the least that an event can take."""

from __future__ import annotations

import time
from statistics import median

import nats
from nats.js.api import ConsumerConfig, StreamConfig


async def round_trip_s(url: str, *, messages: int) -> float:
    """Return the median seconds of a durable round trip of 256 bytes on a stream of its own."""
    connection = await nats.connect(url)
    try:
        stream = connection.jetstream()
        await stream.add_stream(StreamConfig(name="REF", subjects=["ref.>"]))
        pulled = await stream.pull_subscribe(
            "ref.>", durable="ref", stream="REF", config=ConsumerConfig(ack_wait=30)
        )
        took = []
        for _ in range(messages):
            start = time.perf_counter()
            await stream.publish("ref.event", b"x" * 256)
            (message,) = await pulled.fetch(1, timeout=5)
            await message.ack_sync()
            took.append(time.perf_counter() - start)
        await stream.delete_stream("REF")
        return median(took)
    finally:
        await connection.close()
