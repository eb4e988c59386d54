from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.outcomes.feeds.house import House, migrate, opened
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases, Prepare


@pytest.fixture
async def house(
    prepared_database_url: Callable[[str, Prepare], str], clock: FakeClock
) -> AsyncIterator[House]:
    """Return a council on each kind of database."""
    async with opened(prepared_database_url("outcomes-feeds", migrate), clock) as found:
        yield found


@pytest.fixture
async def small(databases: Databases, clock: FakeClock) -> AsyncIterator[House]:
    """Return a council on SQLite alone."""
    async with opened(databases.prepared(SQLITE, "outcomes-feeds", migrate), clock) as found:
        yield found
