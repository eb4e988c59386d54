"""Notify's house on both databases, with a real SMTP server beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from services.chassis import migrations
from services.chassis.database import Database
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Provider
from services.notify.channels.smtp import Relay, Smtp
from services.notify.domain.words import Channel
from tests.notify.house import House
from tests.notify.sink import Sink
from tests.support.clock import FakeClock
from tests.support.databases import Prepare

SENDER = "no-reply@fund.example"


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    await sink.start()
    yield sink
    await sink.stop()


@pytest.fixture
async def notify_database(
    prepared_database_url: Callable[[str, Prepare], str],
) -> AsyncIterator[Database]:
    url = prepared_database_url("notify", partial(migrations.upgrade, package="services.notify"))
    database = Database(url)
    database.start()
    yield database
    database.close()


@pytest.fixture
async def providers(sink: Sink) -> AsyncIterator[dict[Channel, Provider]]:
    smtp = Smtp([Relay("first", "127.0.0.1", sink.port)], SENDER, timeout_s=2, per_s=10_000)
    yield {Channel.IN_APP: InApp(), Channel.EMAIL: smtp}
    await smtp.close()


@pytest.fixture
async def house(
    notify_database: Database, clock: FakeClock, providers: dict[Channel, Provider]
) -> AsyncIterator[House]:
    house = House(notify_database, clock, providers)
    yield house
    await house.delivery.close()
