"""Whatever was committed reaches the stream, whatever becomes of the broker."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import update

from services.chassis.bus import Bus
from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.relay import Relay
from services.chassis.relay_ownership import Ownership
from tests.support.clock import FakeClock
from tests.support.databases import POSTGRESQL, Databases
from tests.support.waiting import until
from tests.support.wire import (
    OUTBOX,
    Wire,
    commit_events,
    make_event,
    opened,
    running,
    unsent,
)


@pytest.fixture
async def relay(wire: Wire, database: Database) -> AsyncIterator[Relay]:
    relay = Relay(database, await wire.bus("fund"), SystemClock())
    async with running(relay):
        yield relay


async def stored(bus: Bus) -> list[str]:
    """Return the ids of all events of the stream, in its order."""
    state = await bus.state()
    found = [await bus.event_id_at(each) for each in range(state.first, state.last + 1)]
    return [each for each in found if each]


async def all_sent(database: Database) -> bool:
    return await unsent(database) == 0


@pytest.mark.usefixtures("relay")
async def test_committed_events_are_published_in_the_order_of_their_commits(
    wire: Wire, database: Database
) -> None:
    events = [make_event(f"purchase-{number % 7}", number // 7 + 1) for number in range(350)]

    await commit_events(database, *events)
    await until(lambda: all_sent(database))

    assert await stored(await wire.bus("ops")) == [event.id for event in events]


@pytest.mark.usefixtures("relay")
async def test_an_id_that_commits_after_a_higher_one_is_not_missed(database: Database) -> None:
    late, early = make_event("purchase-1", 1), make_event("purchase-2", 1)
    await commit_events(database, late, early)
    await until(lambda: all_sent(database))

    # What a read by "id above the last one" would never see: a lower id, visible only now.
    query = update(OUTBOX).where(OUTBOX.c.event_id == late.id).values(sent_at=None)
    await database.write(lambda connection: connection.execute(query))

    await until(lambda: all_sent(database))


async def test_events_wait_for_a_broker_that_is_away(wire: Wire, database: Database) -> None:
    bus = await wire.bus("fund")
    await wire.server.stop()
    events = [make_event("purchase-1", sequence) for sequence in range(1, 21)]
    await commit_events(database, *events)

    async with running(Relay(database, bus, SystemClock())):
        await wire.server.start()
        await until(lambda: all_sent(database))

    assert await stored(bus) == [event.id for event in events]


@pytest.mark.usefixtures("relay")
async def test_no_event_is_lost_when_the_broker_is_killed_again_and_again(
    wire: Wire, database: Database
) -> None:
    events = [make_event(f"purchase-{number}", 1) for number in range(1_600)]

    for start in range(0, len(events), 400):
        await commit_events(database, *events[start : start + 400])
        await wire.kill()
    await until(lambda: all_sent(database))

    assert set(await stored(await wire.bus("ops"))) == {event.id for event in events}


@pytest.mark.usefixtures("relay")
async def test_everything_is_published_again_when_the_store_is_lost(
    wire: Wire, database: Database
) -> None:
    events = [make_event(f"purchase-{number}", 1) for number in range(150)]
    await commit_events(database, *events)
    await until(lambda: all_sent(database))
    operations = await wire.bus("ops")

    await wire.wipe()
    await until(lambda: operations.connections == 2)
    await commit_events(database, make_event("purchase-after", 1))
    await until(lambda: all_there(operations, 151), what="all events in the new stream")

    expected = [event.id for event in events] + [make_event("purchase-after", 1).id]
    assert set(await stored(operations)) == set(expected)


async def all_there(bus: Bus, count: int) -> bool:
    try:
        return len(set(await stored(bus))) == count
    except Exception:  # noqa: BLE001  (the stream is being made)
        return False


async def test_everything_is_published_again_after_an_old_copy_of_the_store(
    wire: Wire, database: Database, tmp_path: Path
) -> None:
    bus = await wire.bus("fund")
    relay = Relay(database, bus, SystemClock())
    first = [make_event("purchase-1", sequence) for sequence in range(1, 11)]
    second = [make_event("purchase-1", sequence) for sequence in range(11, 21)]
    await commit_events(database, *first)
    await relay.drain()
    await wire.server.stop()
    shutil.copytree(wire.server.store, tmp_path / "copy")
    await wire.server.start()
    await until(lambda: bus.connections == 2)
    await commit_events(database, *second)
    await relay.drain()

    await wire.server.stop()
    shutil.rmtree(wire.server.store)
    shutil.copytree(tmp_path / "copy", wire.server.store)
    await wire.server.start()
    await until(lambda: bus.connections == 3)
    await relay.drain()

    assert set(await stored(bus)) == {event.id for event in [*first, *second]}


async def test_a_full_stream_is_a_refusal_and_not_a_loss(
    tmp_path: Path, database: Database
) -> None:
    wire = Wire(tmp_path / "small", stream_bytes=40_000)
    await wire.start()
    await commit_events(database, *(make_event(f"purchase-{n}", 1) for n in range(500)))

    async with running(Relay(database, await wire.bus("fund"), SystemClock())):
        await until(lambda: some_sent(database))
        await until(lambda: told("localresponse_outbox_unsent") > 100)

    kept = await stored(await wire.bus("ops"))
    assert len(kept) == 500 - await unsent(database)
    await wire.stop()


async def some_sent(database: Database) -> bool:
    return 0 < await unsent(database) < 500


def told(metric: str) -> float:
    return REGISTRY.get_sample_value(metric, {"service": "fund"}) or 0


async def test_it_tells_how_many_wait_and_for_how_long(
    wire: Wire, database: Database, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 11, 2, 9, 40, tzinfo=UTC))
    bus = await wire.bus("fund")
    await wire.server.stop()
    await commit_events(database, make_event("purchase-1", 1), make_event("purchase-2", 1))

    async with running(Relay(database, bus, clock)):
        await until(lambda: told("localresponse_outbox_unsent") == 2)

        assert told("localresponse_outbox_oldest_seconds") == 600


async def test_one_process_at_a_time_publishes_a_shared_database(databases: Databases) -> None:
    url = databases.fresh(POSTGRESQL)

    async with Ownership(url) as first, Ownership(url) as second:
        held = [await first.held(), await second.held(), await first.held()]
    async with Ownership(url) as third:
        held_after = await third.held()

    assert held == [True, False, True]
    assert held_after


async def test_a_second_process_takes_over_when_the_first_ends(
    wire: Wire, databases: Databases
) -> None:
    bus = await wire.bus("fund")
    async with opened(databases.fresh(POSTGRESQL)) as database:
        first = asyncio.create_task(Relay(database, bus, SystemClock()).run())
        await commit_events(database, make_event("purchase-1", 1))
        await until(lambda: all_sent(database))

        async with running(Relay(database, bus, SystemClock())):
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            await commit_events(database, make_event("purchase-1", 2))
            await until(lambda: all_sent(database))

    assert len(await stored(bus)) == 2
