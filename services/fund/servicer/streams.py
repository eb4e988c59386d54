"""Rows of a reader thread for a stream, no faster than the client takes them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

from services.chassis.database import Database

T = TypeVar("T")
CHUNK = 200
_AHEAD = 4
_LOOK_S = 0.5


async def stream(
    database: Database, rows: Callable[[Connection], Iterator[T]]
) -> AsyncIterator[list[T]]:
    """Yield the rows in chunks; one snapshot is read for all of them.

    Raises:
        ServiceError: What `rows` raised.
    """
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[list[T] | None] = asyncio.Queue()
    room, gone = threading.Semaphore(_AHEAD), threading.Event()

    def read(connection: Connection) -> None:
        found = rows(connection)
        while chunk := list(islice(found, CHUNK)):
            while not room.acquire(timeout=_LOOK_S):
                if gone.is_set():
                    return
            loop.call_soon_threadsafe(chunks.put_nowait, chunk)

    async def run() -> None:
        try:
            await database.read(read)
        finally:
            chunks.put_nowait(None)

    reading = asyncio.create_task(run())
    try:
        while (chunk := await chunks.get()) is not None:
            room.release()
            yield chunk
        await reading
    finally:
        gone.set()
        reading.cancel()
