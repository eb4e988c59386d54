"""A service's database: `write` goes through the lane, `read` runs beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from services.chassis.database.engines import reader_engine, writer_engine
from services.chassis.database.lane import WriteLane
from services.chassis.database.transaction import Transaction
from services.chassis.errors import Unavailable

T = TypeVar("T")


class Database:
    """One lane and a few readers over one URL.

    Args:
        url: `sqlite:////absolute/path.db` or `postgresql+psycopg://user@host/name`.
        readers: Threads, each with a connection, that serve reads.
    """

    def __init__(self, url: str, *, readers: int = 4) -> None:
        self.url = url
        self.lane = WriteLane(writer_engine(url))
        self._reader_engine = reader_engine(url, connections=readers)
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="reader")

    def start(self) -> None:
        """Open the lane."""
        self.lane.start()

    def close(self) -> None:
        """Serve what waits, then close every connection; the writer's last, to checkpoint."""
        self._readers.shutdown(wait=True)
        self._reader_engine.dispose()
        self.lane.stop()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on the lane and return its result after the commit.

        Raises:
            ServiceError: What `work` raised, or Unavailable when the database does not answer.
        """
        return await self.lane.submit(lambda transaction: work(transaction.connection))

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Like `write`, for work that also writes rows later or shares the batch's memory."""
        return await self.lane.submit(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a reader: one snapshot, no writes, never behind the lane.

        Raises:
            ServiceError: What `work` raised, or Unavailable when the database does not answer.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reader_engine.connect() as connection, connection.begin():
                return work(connection)
        except OperationalError as error:
            raise Unavailable("the database does not answer") from error
