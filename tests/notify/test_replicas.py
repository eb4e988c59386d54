"""Two replicas over one PostgreSQL database share the work and never send the same twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund

from services.chassis import migrations
from services.chassis.database import Database
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Provider
from services.notify.channels.smtp import Relay, Smtp
from services.notify.domain.deciding import Policy
from services.notify.domain.words import Channel
from tests.notify.house import REQUESTER, House, purchase_event
from tests.notify.sink import Sink
from tests.support.clock import FakeClock
from tests.support.databases import POSTGRESQL, Databases


@pytest.fixture
async def replicas(databases: Databases, sink: Sink) -> AsyncIterator[list[House]]:
    migrate = partial(migrations.upgrade, package="services.notify")
    url, clock = databases.prepared(POSTGRESQL, "notify", migrate), FakeClock()
    houses = []
    for _ in range(2):
        database = Database(url)
        database.start()
        smtp = Smtp([Relay("first", "127.0.0.1", sink.port)], "a@fund.example", per_s=10_000)
        providers: dict[Channel, Provider] = {Channel.IN_APP: InApp(), Channel.EMAIL: smtp}
        houses.append(House(database, clock, providers, policy=Policy(daily_max=1000)))
    yield houses
    for house in houses:
        await house.delivery.close()
        house.database.close()


async def test_two_replicas_send_each_message_once(replicas: list[House], sink: Sink) -> None:
    first, second = replicas
    await first.know(REQUESTER, "p1@school.example")
    for number in range(200):
        await first.take(purchase_event(fund.PurchaseApproved, purchase_id=f"p-{number}"))

    await asyncio.gather(first.delivery.drain(), second.delivery.drain())

    assert len(sink.raw) == 200
    assert max(sink.message_ids().values()) == 1


async def test_two_replicas_that_take_the_same_event_make_one_message(
    replicas: list[House],
) -> None:
    await replicas[0].know(REQUESTER)
    approved = purchase_event(fund.PurchaseApproved)

    await asyncio.gather(*(each.take(approved) for each in replicas), return_exceptions=True)

    assert len(await replicas[0].messages(channel=Channel.IN_APP)) == 1


async def test_two_replicas_climb_a_ladder_once(replicas: list[House]) -> None:
    first, second = replicas
    await first.know(REQUESTER)
    await first.take(purchase_event(fund.PurchaseQueried))
    first.clock.advance(days=20)

    await asyncio.gather(first.job("climb-ladders"), second.job("climb-ladders"))

    overdue = await first.messages(template_id="answer_overdue", channel=Channel.IN_APP)
    assert len(overdue) == 1
