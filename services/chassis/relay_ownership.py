"""One relay for each database: an advisory lock where several processes can share it.

Two relays would do no harm, since consumers know what they have seen, but they would do the work
twice and out of order.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy.engine import make_url

_RELAY_LOCK = 0x6C72_6F62
"""Any constant: advisory locks belong to one database, and nothing else there takes this one."""


class Ownership:
    """The right to publish an outbox, kept on a connection of its own.

    SQLite needs none: the file belongs to one process. On PostgreSQL the lock ends with its
    connection, so a process that dies or loses the database loses the right too.

    Args:
        url: Of the service's database.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._address = (
            None
            if parsed.get_backend_name() == "sqlite"
            else parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        )
        self._connection: psycopg.Connection | None = None
        self._locked = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="relay-lock")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._thread.submit(self._forget)
        self._thread.shutdown(wait=True)

    async def held(self) -> bool:
        """Say whether this process may publish now; try to become the one that may."""
        if self._address is None:
            return True
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._try)

    def _try(self) -> bool:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._address or "", autocommit=True, connect_timeout=5
                )
            query = "SELECT true" if self._locked else f"SELECT pg_try_advisory_lock({_RELAY_LOCK})"
            row = self._connection.execute(query).fetchone()
        except psycopg.Error:
            self._forget()
            return False
        self._locked = bool(row and row[0])
        return self._locked

    def _forget(self) -> None:
        self._locked = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
