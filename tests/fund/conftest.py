"""A migrated fund on both databases, and one on SQLite alone for rules that SQL cannot change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.fund import books
from tests.fund.world import World, migrate
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases, Prepare


@pytest.fixture
async def world(
    prepared_database_url: Callable[[str, Prepare], str], clock: FakeClock
) -> AsyncIterator[World]:
    """Return a fund on each kind of database; its books are checked when the test ends."""
    async for each in _opened(prepared_database_url("fund", migrate), clock):
        yield each


@pytest.fixture
async def fund(databases: Databases, clock: FakeClock) -> AsyncIterator[World]:
    """Return a fund on SQLite; its books are checked when the test ends."""
    async for each in _opened(databases.prepared(SQLITE, "fund", migrate), clock):
        yield each


async def _opened(url: str, clock: FakeClock) -> AsyncIterator[World]:
    world = World(url, clock)
    world.database.start()
    yield world
    await world.database.read(books.check)
    world.database.close()
