"""A reader that dies at any moment, while writers commit in another order than they wrote."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from services.chassis.database.engines import writer_engine
from services.chassis.settings import SERVICES
from services.outcomes.feeds.tables import FEED_FACT
from tests.outcomes.authority import TENANT
from tests.outcomes.feeds.house import House, evaluator, migrate, opened
from tests.outcomes.feeds.killed import killed
from tests.outcomes.feeds.writers import FACTS_EACH, WRITERS, eight_writers, write
from tests.support.clock import FakeClock
from tests.support.databases import POSTGRESQL, Databases
from tests.support.stack import settings_for

ALMA = evaluator("alma")
KILLS = 200


class Reader:
    """Keeps items and cursor together, and forgets everything else when it is killed."""

    def __init__(self, house: House, feed: str) -> None:
        self.house, self.feed = house, feed
        self.kept: list[int] = []
        self.children: list[str] = []
        self.cursor = ""

    async def read_until_killed(self, after_items: int) -> None:
        """Read on from the kept cursor and die after so many items, before or after keeping."""
        stream = self.house.stream(ALMA, self.feed, self.cursor)
        try:
            async for streamed in stream:
                if after_items == 0:
                    return
                after_items -= 1
                self.kept.append(streamed.item.feed_seq)
                self.children.append(streamed.item.pseudonym)
                self.cursor = streamed.cursor
        finally:
            await stream.aclose()


async def commits(house: House, first: int) -> None:
    """Write without a second connection: SQLite has one writer, whose commits are in order."""
    order = list(range(WRITERS))
    random.Random(first).shuffle(order)
    for place in order:
        await house.database.write(partial(write, tenant=TENANT, number=first + place))
        await house.sequence()


async def test_a_reader_killed_200_times_ends_with_every_item_once(
    house: House, dialect: str
) -> None:
    feed, chance = await house.agree("alma"), random.Random(3)
    reader, killed, rounds = Reader(house, feed), 0, 0
    engines = [writer_engine(house.url) for _ in range(WRITERS if dialect == POSTGRESQL else 0)]
    while killed < KILLS:
        first, rounds = rounds * WRITERS, rounds + 1
        for commit in eight_writers(engines, chance, tenant=TENANT, first=first):
            commit()
            await house.sequence()
            await reader.read_until_killed(chance.randrange(6))
            killed += 1
        if not engines:
            await commits(house, first)
            for _ in range(WRITERS):
                await reader.read_until_killed(chance.randrange(6))
                killed += 1
    await reader.read_until_killed(10**9)
    for engine in engines:
        engine.dispose()

    total = rounds * WRITERS * FACTS_EACH
    assert reader.kept == list(range(1, total + 1))
    assert len(set(reader.children)) == total


async def test_a_receiver_of_its_own_process_killed_by_signal_ends_with_every_item_once(
    dialect: str, databases: Databases, tmp_path: Path
) -> None:
    """The same over HTTP with the client that evaluators have; 200 kills by the command."""
    urls = {name: databases.fresh(dialect) for name in (*SERVICES, "outcomes_keys")}

    found = await killed(settings_for(tmp_path, urls), kills=3, seed=11)

    assert found.whole, found
    assert found.kept == found.written > 0


async def test_a_reader_of_an_identity_column_would_have_lost_rows(
    databases: Databases, clock: FakeClock
) -> None:
    """The control: reading above the last id loses what commits late, where writers are many."""
    seen: set[int] = set()
    table = FEED_FACT.c

    def ids(connection: Connection) -> list[int]:
        query = select(table.id).where(table.id > max(seen, default=0))
        return list(connection.execute(query).scalars())

    url = databases.prepared(POSTGRESQL, "outcomes-feeds", migrate)
    async with opened(url, clock) as house:
        engines = [writer_engine(url) for _ in range(WRITERS)]
        for commit in eight_writers(engines, random.Random(5), tenant=TENANT, first=0):
            commit()
            seen.update(await house.database.read(ids))
        for engine in engines:
            engine.dispose()

    assert len(seen) < WRITERS * FACTS_EACH
