"""Consumers end with the same effects whatever order, number and fate their deliveries have."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from services.chassis.bus import Bus, headers_of
from services.chassis.clock import SystemClock
from services.chassis.consumers import Consumer, ConsumerLoop, EventHandler, Patience
from services.chassis.database import Database
from services.chassis.errors import FailedPrecondition, Unavailable
from services.chassis.events import Event
from services.chassis.relay import Relay
from services.chassis.unit_of_work import Commands, UnitOfWork
from tests.support.databases import POSTGRESQL, Databases
from tests.support.waiting import until
from tests.support.wire import (
    APPROVED,
    READER,
    TENANT,
    Wire,
    commit_events,
    effects,
    make_event,
    opened,
    record_effect,
    running,
)

QUICK = Patience(failed_s=(0.02,), early_s=(0.02, 0.05), look_every_s=0.05)
ORDERED = "localresponse.fund.purchase.ordered.v1"


async def loop_of(
    wire: Wire, database: Database, handler: EventHandler = record_effect
) -> ConsumerLoop:
    consumer = Consumer(
        name=READER.name, subjects=READER.subjects, handlers={APPROVED: handler}, patience=QUICK
    )
    clock = SystemClock()
    bus = await wire.bus("outcomes")
    return ConsumerLoop(
        consumer, Commands(database, clock), database=database, bus=bus, clock=clock
    )


def are(database: Database, expected: dict[str, list[int]]) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return await effects(database) == expected

    return holds


async def publish_raw(bus: Bus, *events: Event) -> None:
    """Publish without the id by which the stream drops duplicates."""
    client = await bus.connected()
    for event in events:
        headers = headers_of(event)
        del headers["Nats-Msg-Id"]
        await client.publish(event.subject, event.data, headers=headers)
    await client.flush()


def purchases(count: int, events: int) -> list[Event]:
    return [
        make_event(f"purchase-{number}", sequence)
        for sequence in range(1, events + 1)
        for number in range(count)
    ]


def all_of(count: int, events: int) -> dict[str, list[int]]:
    return {f"purchase-{number}": list(range(1, events + 1)) for number in range(count)}


async def test_every_event_has_its_effect_once_in_the_order_of_its_resource(
    wire: Wire, database: Database
) -> None:
    bus = await wire.bus("fund")

    async with running(await loop_of(wire, database)):
        for start in range(0, 500, 100):
            await bus.publish(purchases(50, 10)[start : start + 100])
        await until(are(database, all_of(50, 10)))


async def test_events_repeated_and_shuffled_have_their_effects_once_and_in_order(
    wire: Wire, database: Database
) -> None:
    events = purchases(10, 6) * 5
    random.Random(20261102).shuffle(events)

    async with running(await loop_of(wire, database)):
        await publish_raw(await wire.bus("fund"), *events)
        await until(are(database, all_of(10, 6)))


async def test_an_event_acts_for_its_own_authority_as_the_system(
    wire: Wire, database: Database
) -> None:
    seen: list[tuple[str, str]] = []

    async with running(
        await loop_of(wire, database, lambda work, _: seen.append((work.tenant, work.caller.role)))
    ):
        await (await wire.bus("fund")).publish([make_event("purchase-1", 1)])
        await until(lambda: bool(seen))

    assert set(seen) == {(TENANT, "system")}


async def test_a_type_that_a_consumer_does_not_know_only_counts(
    wire: Wire, database: Database
) -> None:
    async with running(await loop_of(wire, database)):
        await (await wire.bus("fund")).publish(
            [
                make_event("purchase-1", 1, kind=ORDERED),
                make_event("purchase-1", 2),
            ]
        )

        await until(are(database, {"purchase-1": [2]}))


async def test_an_event_that_fails_for_a_while_has_its_effect_once(
    wire: Wire, database: Database
) -> None:
    attempts: list[int] = []

    def fails_twice(work: UnitOfWork, event: Event) -> None:
        record_effect(work, event)
        attempts.append(event.sequence)
        if attempts.count(1) < 3:
            raise FailedPrecondition("not yet")

    async with running(await loop_of(wire, database, fails_twice)):
        await (await wire.bus("fund")).publish([make_event("purchase-1", n) for n in (1, 2, 3)])
        await until(are(database, {"purchase-1": [1, 2, 3]}))


async def test_what_a_database_that_is_away_costs_is_time_only(
    wire: Wire, database: Database
) -> None:
    attempts: list[int] = []

    def away(work: UnitOfWork, event: Event) -> None:
        attempts.append(event.sequence)
        if len(attempts) < 10:
            raise Unavailable("the database does not answer")
        record_effect(work, event)

    async with running(await loop_of(wire, database, away)):
        await (await wire.bus("fund")).publish([make_event("purchase-1", 1)])
        await until(are(database, {"purchase-1": [1]}))


async def test_a_consumer_that_is_ended_at_any_moment_goes_on_where_it_was(
    wire: Wire, database: Database
) -> None:
    bus = await wire.bus("fund")
    for start in range(0, 600, 100):
        await bus.publish(purchases(60, 10)[start : start + 100])

    for _ in range(5):
        task = asyncio.create_task((await loop_of(wire, database)).run())
        await asyncio.wait([task], timeout=0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with running(await loop_of(wire, database)):
        await until(are(database, all_of(60, 10)), within_s=40)


async def test_two_processes_share_a_consumer(wire: Wire, databases: Databases) -> None:
    bus = await wire.bus("fund")
    url = databases.fresh(POSTGRESQL)
    async with opened(url) as first, opened(url) as second:
        loops = [await loop_of(wire, first), await loop_of(wire, second)]

        async with running(*loops):
            for start in range(0, 400, 100):
                await bus.publish(purchases(40, 10)[start : start + 100])
            await until(are(first, all_of(40, 10)))


@pytest.mark.parametrize("fault", ["kill", "wipe"])
async def test_a_broker_that_dies_changes_nothing_in_the_end(
    wire: Wire, databases: Databases, dialect: str, fault: str
) -> None:
    async with (
        opened(databases.fresh(dialect)) as publisher,
        opened(databases.fresh(dialect)) as reader,
    ):
        relay = Relay(publisher, await wire.bus("fund"), SystemClock())

        async with running(relay, await loop_of(wire, reader)):
            for start in range(0, 900, 300):
                await commit_events(publisher, *purchases(90, 10)[start : start + 300])
                await (wire.kill() if fault == "kill" else wire.wipe())
            await until(are(reader, all_of(90, 10)), within_s=40)
