"""The write lane: one thread, one connection, one commit for all the commands that wait.

Commands queue; the lane takes what is there (no timer), runs each, commits once and only then
answers. A refusal undoes only its own command. A database error divides the batch until the
command at fault stands alone, so it fails by itself. Source: ADR-0009.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from services.chassis.database import bulk
from services.chassis.database.together import Asked, Step, together
from services.chassis.database.transaction import Closing, Key, StoredAnswers, Transaction
from services.chassis.errors import ServiceError, Unavailable
from services.chassis.tables import Row

T = TypeVar("T")
_RETRY_STATES = {"40001", "40P01"}
_ATTEMPTS = 3
_TURNS = 3


@dataclass(slots=True)
class _Entry:
    work: Callable[[Transaction], Any]
    refused: Callable[[Transaction, ServiceError], None] | None
    key: Key | None
    ahead: Sequence[Asked]
    future: asyncio.Future[Any]
    outcome: Any = None
    error: BaseException | None = None


class WriteLane:
    """Queues commands for the one thread that writes.

    Args:
        engine: A writer engine (`engines.writer_engine`).
        batch_max: The most commands that one commit serves.
    """

    def __init__(self, engine: Engine, *, batch_max: int = 256) -> None:
        self._engine = engine
        self._batch_max = batch_max
        self._queue: queue.SimpleQueue[list[_Entry] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Entry]] = {}
        self._thread: threading.Thread | None = None
        self.answers: StoredAnswers | None = None
        self.committed: list[Callable[[], None]] = []

    def start(self) -> None:
        """Start the thread; it opens its connection at the first command."""
        self._thread = threading.Thread(target=self._run, name="write-lane", daemon=True)
        self._thread.start()

    async def submit(
        self,
        work: Callable[[Transaction], T],
        *,
        refused: Callable[[Transaction, ServiceError], None] | None = None,
        key: Key | None = None,
        ahead: Sequence[Asked] = (),
    ) -> T:
        """Run `work` in the next batch and return its result after the commit.

        Args:
            work: Runs on the lane's thread; may run more than once, so it keeps no state.
            refused: Called when `work` raised a ServiceError and its writes were undone.
            key: The command's idempotency key, for the batch's one look-up of stored answers.
            ahead: What `work` will look up, so that the batch asks for all of it together.

        Raises:
            ServiceError: The refusal that `work` raised, or Unavailable when the database is.
        """
        if self._thread is None or not self._thread.is_alive():
            raise Unavailable("the database is not open")
        entry = _Entry(work, refused, key, ahead, asyncio.get_running_loop().create_future())
        self._gather(entry)
        result: T = await entry.future
        return result

    def _gather(self, entry: _Entry) -> None:
        loop = entry.future.get_loop()
        waiting = self._gathered.setdefault(loop, [])
        waiting.append(entry)
        if len(waiting) == 1:
            loop.call_soon(self._hand_over, loop, 0, _TURNS)

    def _hand_over(self, loop: asyncio.AbstractEventLoop, known: int, turns: int) -> None:
        """Queue what one event loop has gathered, once a few turns of it brought no more.

        A turn is no timer: it takes as long as the loop has work, and callers that were answered
        together come back together, so one commit serves them all instead of one and the rest.
        """
        waiting = self._gathered.get(loop)
        if waiting is None:
            return
        if turns and len(waiting) < self._batch_max:
            left = turns - 1 if len(waiting) == known else _TURNS
            loop.call_soon(self._hand_over, loop, len(waiting), left)
            return
        self._gathered.pop(loop)
        self._queue.put(waiting)

    def stop(self) -> None:
        """Serve what is queued, then end the thread."""
        if self._thread is not None:
            for loop in list(self._gathered):
                self._queue.put(self._gathered.pop(loop))
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        going = True
        while going:
            going, batch = self._take()
            if batch:
                self._serve(batch)
                _answer(batch)
                self._tell()
        self._engine.dispose()

    def _take(self) -> tuple[bool, list[_Entry]]:
        """Wait for commands, take all that are there, and say whether more may come."""
        batch: list[_Entry] = []
        some = self._queue.get()
        with contextlib.suppress(queue.Empty):
            while some is not None:
                batch += some
                if len(batch) >= self._batch_max:
                    return True, batch
                some = self._queue.get_nowait()
        return some is not None, batch

    def _tell(self) -> None:
        """Wake whoever waits for commits; an event loop that has ended wants no waking."""
        for callback in self.committed:
            with contextlib.suppress(RuntimeError):
                callback()

    def _serve(self, batch: list[_Entry]) -> None:
        """Commit the batch; where one commit cannot serve all of it, use several."""
        while batch:
            batch = batch[self._serve_some(batch) :]

    def _serve_some(self, batch: list[_Entry]) -> int:
        """Commit the first commands of the batch and return how many have their outcome.

        Where the database refuses them, divide them.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self._engine.connect() as connection:
                    return self._attempt(connection, batch, savepoints=attempt > 0)
            except (_Undo, Outdated):
                continue
            except DBAPIError as error:
                if _worth_a_retry(error) and attempt + 1 < _ATTEMPTS:
                    continue
                self._divide(batch, error)
            except Exception as error:  # noqa: BLE001  (the lane must outlive any one command)
                self._divide(batch, error)
            return len(batch)
        self._divide(batch, Unavailable("the database is busy; try again"))
        return len(batch)

    def _divide(self, batch: list[_Entry], error: Exception) -> None:
        if len(batch) == 1:
            away = isinstance(error, OperationalError)
            batch[0].error = Unavailable("the database does not answer") if away else error
            return
        middle = len(batch) // 2
        self._serve(batch[:middle])
        self._serve(batch[middle:])

    def _attempt(self, connection: Connection, batch: list[_Entry], *, savepoints: bool) -> int:
        """Run the commands of a batch, commit them together, and return how many they were.

        Without savepoints a command that is refused after it wrote ends the attempt (_Undo), and
        the batch runs again with them: refusals come before writes nearly always. With them such
        a command is the last of its commit, so that nothing of what it did is in the memory of
        those after it.
        """
        served = 0
        with connection.begin():
            memory: dict[Any, Any] = {}
            found: dict[Any, Any] = {}
            pending: dict[Closing, list[Row]] = {}
            self._look_up(connection, batch, memory, found)
            for entry in batch:
                transaction = Transaction(connection, memory, found)
                undone = self._command(transaction, entry, savepoints=savepoints)
                for closing, rows in transaction.pending.items():
                    pending.setdefault(closing, []).extend(rows)
                served += 1
                if undone:
                    break
            _close(connection, pending)
        return served

    def _look_up(
        self,
        connection: Connection,
        batch: list[_Entry],
        memory: dict[Any, Any],
        found: dict[Any, Any],
    ) -> None:
        """Ask in one go for stored answers and for what the commands said they will look up."""
        ahead = list(dict.fromkeys(asked for entry in batch for asked in entry.ahead))
        keys = [entry.key for entry in batch if entry.key is not None]
        if not keys or self.answers is None:
            found.update(zip(ahead, together(connection, ahead), strict=True))
            return
        stored, *others = together(connection, [self.answers.asks(keys), *ahead])
        self.answers.found(memory, keys, stored)
        found.update(zip(ahead, others, strict=True))

    @staticmethod
    def _command(transaction: Transaction, entry: _Entry, *, savepoints: bool) -> bool:
        """Run one command and return whether what it had written was undone."""
        connection = transaction.connection
        entry.outcome, entry.error = None, None
        written, undone = connection.info.get("writes", 0), False
        if savepoints:
            connection.exec_driver_sql("SAVEPOINT command")
        try:
            entry.outcome = entry.work(transaction)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise  # there is nothing left to undo, nor a connection to ask
            wrote = connection.info.get("writes", 0) > written
            if not savepoints and (wrote or isinstance(error, DBAPIError)):
                raise _Undo from error
            if savepoints:
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT command")
                undone = wrote
            transaction.pending.clear()
            entry.error = error
            if isinstance(error, ServiceError) and entry.refused is not None:
                entry.refused(transaction, error)
        if savepoints:
            connection.exec_driver_sql("RELEASE SAVEPOINT command")
        return undone


def _close(connection: Connection, pending: dict[Closing, list[Row]]) -> None:
    """Write what the batch left for its end: ask for all at once, then write all at once."""
    dialect = connection.dialect.name
    asked = [closing.asks(dialect, rows) for closing, rows in pending.items()]
    results = iter(together(connection, [each for group in asked for each in group]))
    writes: list[Step] = []
    for (closing, rows), group in zip(pending.items(), asked, strict=True):
        writes += closing.writes(connection, rows, [next(results) for _ in group])
    together(connection, bulk.merged(writes))


class Outdated(Exception):
    """What the batch was decided on has changed meanwhile: run it again on what is there now."""


class _Undo(Exception):
    """A command must be undone alone: run the batch again with savepoints."""


def _worth_a_retry(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") in _RETRY_STATES


def _answer(batch: list[_Entry]) -> None:
    """Hand every outcome to its waiter, one hop for each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[_Entry]] = {}
    for entry in batch:
        loops.setdefault(entry.future.get_loop(), []).append(entry)
    for loop, entries in loops.items():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, entries)


def _resolve(entries: list[_Entry]) -> None:
    for entry in entries:
        if entry.future.done():
            continue
        if entry.error is not None:
            entry.future.set_exception(entry.error)
        else:
            entry.future.set_result(entry.outcome)
