"""A broker with its stream kept, for tests that break it, and databases that stand on it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, select

from services.chassis.bus import Bus, Keeper, Reader, StreamLimits
from services.chassis.database import Database
from services.chassis.database.engines import writer_engine
from services.chassis.events import Event
from services.chassis.ids import derived_id
from services.chassis.nats_server import OPERATIONS, Identity, NatsServer
from services.chassis.tables import add_to
from services.chassis.unit_of_work import UnitOfWork
from tests.support.waiting import until

TENANT = "E06000050"
READER = Reader("outcomes-fund", ("lr.*.fund.>",))
IDENTITIES = (Identity("fund"), Identity("outcomes", (READER.name,)))
APPROVED = "localresponse.fund.purchase.approved.v1"

METADATA = MetaData()
add_to(METADATA)
EFFECTS = Table(
    "effects",
    METADATA,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("resource", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
)
OUTBOX = METADATA.tables["outbox"]


class Wire:
    """An embedded server with a keeper, and whatever connections a test opens."""

    def __init__(self, home: Path, *, stream_bytes: int = 64 * 1024**2) -> None:
        self.server = NatsServer(home, IDENTITIES)
        self._limits = StreamLimits(stream_bytes)
        self._buses: list[Bus] = []
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.server.start()
        if self._keeping is None:
            keeper = Keeper(await self.bus(OPERATIONS), self._limits, [READER])
            await keeper.ensure()
            self._keeping = asyncio.create_task(keeper.run())

    async def stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        for bus in self._buses:
            await bus.close()
        await self.server.stop()

    async def bus(self, name: str) -> Bus:
        bus = Bus(self.server.url, name, seed=self.server.seed(name))
        self._buses.append(bus)
        await bus.connect()
        return bus

    async def kill(self) -> None:
        """Kill the server with SIGKILL and return when the next one runs."""
        starts = self.server.starts
        os.kill(self.server.process_id, signal.SIGKILL)
        await until(lambda: self.server.starts > starts)

    async def wipe(self) -> None:
        """Take the whole store away from under the running server, and kill it."""
        os.kill(self.server.process_id, signal.SIGSTOP)
        # A server that is only just stopping may still take a file away itself.
        shutil.rmtree(self.server.store, ignore_errors=True)
        await self.kill()


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open a database with the chassis's tables and one for effects."""
    engine = writer_engine(url)
    METADATA.create_all(engine)
    engine.dispose()
    database = Database(url)
    database.start()
    yield database
    await asyncio.to_thread(database.close)


@contextlib.asynccontextmanager
async def running(*loops: object) -> AsyncIterator[None]:
    """Run the `run` of each until the end of the block; one that ends early is an error."""
    tasks = [asyncio.create_task(each.run()) for each in loops]  # type: ignore[attr-defined]
    yield
    ended = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not ended


def make_event(resource: str, sequence: int, *, kind: str = APPROVED) -> Event:
    return Event(
        id=derived_id(resource, str(sequence)),
        type=kind,
        tenant=TENANT,
        resource=resource,
        sequence=sequence,
        time="2026-11-02T09:30:00+00:00",
        data=f"{resource}/{sequence}".encode(),
    )


async def commit_events(database: Database, *events: Event) -> None:
    """Put events in the outbox as a command's commit does."""
    rows = [
        {
            "event_id": event.id,
            "tenant": event.tenant,
            "type": event.type,
            "resource": event.resource,
            "sequence": event.sequence,
            "time": event.time,
            "data": event.data,
            "traceparent": event.traceparent,
        }
        for event in events
    ]
    await database.write(lambda connection: connection.execute(OUTBOX.insert(), rows))


def record_effect(work: UnitOfWork, event: Event) -> None:
    """Write one effect; nothing in its table would refuse a second."""
    work.connection.execute(
        EFFECTS.insert().values(resource=event.resource, sequence=event.sequence)
    )


async def effects(database: Database) -> dict[str, list[int]]:
    """Return the sequences whose effect was written, by resource, in the order of the writes."""

    def read(connection: Connection) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        query = select(EFFECTS.c.resource, EFFECTS.c.sequence).order_by(EFFECTS.c.n)
        for resource, sequence in connection.execute(query):
            found.setdefault(resource, []).append(sequence)
        return found

    return await database.read(read)


async def unsent(database: Database) -> int:
    query = select(OUTBOX.c.id).where(OUTBOX.c.sent_at.is_(None))
    return await database.read(lambda connection: len(connection.execute(query).all()))
