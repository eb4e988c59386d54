from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.outcomes.feeds.house import House, migrate, opened
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases


@pytest.fixture
async def small(databases: Databases, clock: FakeClock) -> AsyncIterator[House]:
    """Return a council on SQLite that shares nothing yet."""
    async with opened(databases.prepared(SQLITE, "outcomes-feeds", migrate), clock) as found:
        yield found
