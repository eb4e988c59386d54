"""Killed between any two steps, notify still tells each person once, or says what is unknown."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import webhooks_service_pb2 as pb

from services.chassis import migrations
from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.events import Event
from services.chassis.ids import new_id
from services.notify.channels.in_app import InApp
from services.notify.channels.webhook import Guard
from services.notify.domain.message import Message
from services.notify.domain.words import Channel, Outcome, Status
from tests.notify import worker
from tests.notify.house import ADMINISTRATOR, REQUESTER, House, purchase_event
from tests.notify.receiver import Receiver
from tests.notify.sink import Sink
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Prepare

KILLED = -9
STEPS_MAX = 60


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


async def prepare(url: str, receiver: Receiver) -> None:
    """Keep a person and an endpoint."""
    database = Database(url)
    database.start()
    clock = FakeClock(SystemClock().now())
    house = House(database, clock, {Channel.IN_APP: InApp()}, guard=Guard(["127.0.0.0/8"]))
    await house.know(REQUESTER, "p1@school.example")
    request = pb.CreateWebhookEndpointRequest(request_id=new_id(), url=receiver.url)
    await house.call("CreateWebhookEndpoint", request, ADMINISTRATOR)
    await house.delivery.close()
    database.close()


async def kept(url: str) -> tuple[list[Message], Counter[str]]:
    """Return every message, and by reference how many attempts had an unknown outcome."""
    database = Database(url)
    database.start()
    house = House(database, FakeClock(), {Channel.IN_APP: InApp()})
    found = await house.messages()
    unknown: Counter[str] = Counter()
    for each in found:
        made = await house.attempts(each.message_id)
        unknown[each.reference] = sum(attempt.outcome == Outcome.UNKNOWN for attempt in made)
    await house.delivery.close()
    database.close()
    return found, unknown


def shuffled(seed: random.Random) -> tuple[Event, ...]:
    """Return two events of a purchase, each five times, in any order."""
    events = [
        purchase_event(fund.PurchaseApproved),
        purchase_event(fund.PurchaseOrdered, sequence=2),
    ] * 5
    seed.shuffle(events)
    return tuple(events)


async def test_killed_between_any_two_steps_each_event_is_told_once(
    prepared_database_url: Callable[[str, Prepare], str],
    dialect: str,
    sink: Sink,
    receiver: Receiver,
) -> None:
    code: int | None = KILLED
    seed, lease_s = random.Random(7), 20 if dialect == SQLITE else 3
    migrate = partial(migrations.upgrade, package="services.notify")
    kills = itertools.count(1, 1 if dialect == SQLITE else 4)

    while code == KILLED:
        kill_at = next(kills)
        url = prepared_database_url("notify", migrate)
        await prepare(url, receiver)
        sink.raw.clear()
        receiver.requests.clear()
        task = worker.Task(url, sink.port, shuffled(seed), kill_at=kill_at, lease_s=lease_s)
        code = await worker.run(task)
        assert code in {0, KILLED}
        assert await worker.run(replace(task, kill_at=worker.NEVER)) == 0
        await judge(url, sink, receiver)

    assert 20 < kill_at < STEPS_MAX


async def judge(url: str, sink: Sink, receiver: Receiver) -> None:
    """Hold what was kept against what really arrived."""
    found, unknown = await kept(url)
    arrived = Counter(found[1:].partition("@")[0] for found in sink.message_ids().elements())
    arrived += Counter(each.headers["webhook-id"] for each in receiver.requests)

    assert Counter(each.channel for each in found) == {
        Channel.IN_APP: 2,
        Channel.EMAIL: 2,
        Channel.WEBHOOK: 2,
    }
    for each in found:
        assert each.status in {Status.SENT, Status.DELIVERED}, each
        if each.channel is not Channel.IN_APP:
            assert 1 <= arrived.pop(each.reference) <= 1 + unknown[each.reference]
    assert not arrived
