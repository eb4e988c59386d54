"""The outbox's way to the stream: every event that was committed is published, for certain.

Rows are taken where `sent_at` is null in the order of the commits, never by "id above the last
one": on PostgreSQL an id can commit after a higher one. A row is marked as sent when the stream
has acknowledged it on disk. Rows are kept: if the stream is lost, or restored from an old copy,
they all become unsent again, and the consumers' inboxes drop what they know.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy import Connection, MetaData, bindparam, func, select, text, update

from services.chassis.bus import Bus, Published, StreamState
from services.chassis.bus.connection import BATCH_MAX
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.database.together import Asked, Result, Statement, Step, one_of, together
from services.chassis.errors import ServiceError, Unavailable
from services.chassis.events import Event
from services.chassis.relay_ownership import Ownership
from services.chassis.tables import Row, add_to

UNSENT = Gauge(
    "localresponse_outbox_unsent", "Events that the stream has not acknowledged.", ["service"]
)
OLDEST_S = Gauge(
    "localresponse_outbox_oldest_seconds", "Age of the oldest of them; 0 when none.", ["service"]
)

_METADATA = MetaData()
add_to(_METADATA)
_OUTBOX = _METADATA.tables["outbox"]
_STATE = _METADATA.tables["wire_state"]
_MARK = "outbox.mark"
_POLL_S = 1.0
_PAUSE_S = 0.5
_GATHER_S = 0.02
_BUSY = 10
_TAKE = 5 * BATCH_MAX
_UNSEND_AT_ONCE = 5_000

_WAITING = Statement(
    select(
        *(
            _OUTBOX.c[name]
            for name in (
                *("event_id", "type", "tenant", "resource", "sequence", "time", "data"),
                "traceparent",
            )
        )
    )
    .where(_OUTBOX.c.sent_at.is_(None))
    .order_by(_OUTBOX.c.id)
    .limit(_TAKE)
)
_SENT = Statement(
    lambda dialect: (
        update(_OUTBOX)
        .where(one_of(dialect, _OUTBOX.c.event_id, "ids"))
        .values(sent_at=bindparam("at"))
    )
)
_SET = Statement(
    text(
        "INSERT INTO wire_state (name, value) VALUES (:name, :value) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
)

Mark = dict[str, str | int]
"""The newest acknowledgement: `epoch` and `position` in the stream, and the `event` there."""

_log = structlog.get_logger(__name__)


class Relay:
    """Publishes the outbox of one database; one process at a time does so.

    Args:
        database: With the chassis's tables.
        bus: The service's connection.
        clock: For the moment at which a row was sent.
    """

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._woken = asyncio.Event()
        self._epoch = ""
        self._verified_connection = 0
        self._checked_connection = 0
        self._checked_at = 0.0
        self._measured_at = 0.0
        self._busy = False

    async def run(self) -> None:
        """Publish what is committed, for ever; the bus or the database may come and go."""
        loop = asyncio.get_running_loop()

        def committed() -> None:
            # The lane must not fail because the loop of a process that ends is closed already.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._woken.set)

        self._database.lane.committed.append(committed)
        try:
            async with Ownership(self._database.url) as ownership:
                while True:
                    await self._round(ownership)
                    await self._wait()
                    if self._busy:
                        # Many at once cost the stream and the lane little more than a few.
                        await asyncio.sleep(_GATHER_S)
        finally:
            self._database.lane.committed.remove(committed)

    async def _round(self, ownership: Ownership) -> None:
        await self._tried(self._publish_if_owned(ownership))
        await self._tried(self._measure())

    async def _tried(self, step: Coroutine[Any, Any, None]) -> None:
        """Await the step; when it fails, begin the next round soon."""
        try:
            await step
        except ServiceError as error:
            _log.warning("the outbox waits", service=self._bus.name, why=error.message)
        except Exception as error:  # noqa: BLE001  (a relay that ended would be found out too late)
            _log.exception("the relay failed", service=self._bus.name, exc_info=error)
        else:
            return
        await asyncio.sleep(_PAUSE_S)
        self._woken.set()

    async def _publish_if_owned(self, ownership: Ownership) -> None:
        if await ownership.held():
            await self._publish_all()

    async def drain(self) -> None:
        """Publish what is unsent now, once; for the end of a process, after `run`.

        Raises:
            Unavailable: The bus or the database is away; the rows wait in the outbox.
        """
        async with Ownership(self._database.url) as ownership:
            await self._publish_if_owned(ownership)

    async def _wait(self) -> None:
        """Return after the next commit, or after a second."""
        # Not wait_for, which on Python 3.11 can swallow the end of its task.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_S):
                await self._woken.wait()
        self._woken.clear()

    async def _publish_all(self) -> None:
        """Publish until nothing is unsent."""
        self._busy = False
        while True:
            if self._check_is_due():
                await self._check_stream()
            rows = await self._database.read(_unsent)
            if not rows:
                return
            self._busy = len(rows) >= _BUSY
            for start in range(0, len(rows), BATCH_MAX):
                batch = rows[start : start + BATCH_MAX]
                published = await self._bus.publish(batch)
                await self._mark(published)
                if len(published) < len(batch):
                    raise Unavailable("the stream took a part of the events")

    async def _mark(self, published: Sequence[Published]) -> None:
        ids = [each.event.id for each in published]
        newest = max(published, key=lambda each: each.position)
        mark: Mark = {"epoch": self._epoch, "position": newest.position, "event": newest.event.id}
        row = {"ids": tuple(ids), "at": self._clock.now(), "mark": mark}
        await self._database.transact(lambda transaction: transaction.later(_MARKING, row))

    def _check_is_due(self) -> bool:
        """Say whether the stream may be another one than at the last look.

        It is looked at before anything is published on a new connection. One that is replaced
        between two looks takes events that are then marked with the old epoch, which the next
        look finds.
        """
        now = time.monotonic()
        if self._checked_connection == self._bus.connections and now < self._checked_at + _POLL_S:
            return False
        self._checked_connection, self._checked_at = self._bus.connections, now
        return True

    async def _check_stream(self) -> None:
        """Make every row unsent again when the stream is not the one that took them."""
        connection = self._bus.connections
        state = await self._bus.state()
        value = await self._database.read(_mark_of)
        mark: Mark = json.loads(value or "{}")
        self._epoch = state.epoch
        if not mark or await self._is_same(mark, state, connection):
            return
        _log.warning("the stream was lost: publishing all again", service=self._bus.name)
        while await self._database.write(_unsend_some):
            pass
        # Only now: a process that dies before this line begins again from the old mark.
        await self._database.write(lambda connection: _setting({}).now(connection))

    async def _is_same(self, mark: Mark, state: StreamState, connection: int) -> bool:
        """Say whether the stream still has what it acknowledged last.

        A store that was restored from an old copy has the same epoch and lacks its end; a look
        into it once for each connection finds that.
        """
        if mark["epoch"] != state.epoch:
            return False
        if self._verified_connection == connection:
            return True
        position = int(mark["position"])
        expired = position < state.first
        same = expired or await self._bus.event_id_at(position) == mark["event"]
        if same:
            self._verified_connection = connection
        return same

    async def _measure(self) -> None:
        if time.monotonic() < self._measured_at + _POLL_S:
            return
        self._measured_at = time.monotonic()
        count, oldest = await self._database.read(_backlog)
        UNSENT.labels(self._bus.name).set(count)
        age = (self._clock.now() - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0
        OLDEST_S.labels(self._bus.name).set(max(age, 0))


def _unsent(connection: Connection) -> list[Event]:
    return [Event(*row) for row in together(connection, [_WAITING.asked()])[0].rows]


def _backlog(connection: Connection) -> tuple[int, str | None]:
    columns = _OUTBOX.c
    unsent = columns.sent_at.is_(None)
    count = connection.execute(select(func.count()).select_from(_OUTBOX).where(unsent)).scalar_one()
    oldest = select(columns.time).where(unsent).order_by(columns.id).limit(1)
    return count, connection.execute(oldest).scalar_one_or_none()


class _Marking:
    """Writes down which rows were sent, and the last of them, with the commit of a batch."""

    def asks(self, _dialect: str, _rows: Sequence[Row]) -> Sequence[Asked]:
        """Return nothing: there is nothing to know."""
        return ()

    def writes(
        self, _connection: Connection, rows: Sequence[Row], _known: Sequence[Result]
    ) -> Sequence[Step]:
        """Return the updates; a batch has one row of the one relay nearly always."""
        sent = [_SENT.asked(ids=row["ids"], at=row["at"]) for row in rows]
        return [*sent, _setting(rows[-1]["mark"])]


_MARKING = _Marking()


def _mark_of(connection: Connection) -> str | None:
    query = select(_STATE.c.value).where(_STATE.c.name == _MARK)
    return connection.execute(query).scalar_one_or_none()


def _setting(mark: Mark) -> Asked:
    return _SET.asked(name=_MARK, value=json.dumps(mark))


def _unsend_some(connection: Connection) -> int:
    """Make some rows unsent, the newest first; return how many.

    The oldest come last, so that until all are unsent the relay's order is not begun.
    """
    some = (
        select(_OUTBOX.c.id)
        .where(_OUTBOX.c.sent_at.is_not(None))
        .order_by(_OUTBOX.c.id.desc())
        .limit(_UNSEND_AT_ONCE)
    )
    return connection.execute(
        update(_OUTBOX).where(_OUTBOX.c.id.in_(some)).values(sent_at=None)
    ).rowcount
