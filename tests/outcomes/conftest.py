"""An authority on both databases, and one on SQLite alone for rules that SQL cannot change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.outcomes.authority import Authority, migrate, opened
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases, Prepare


@pytest.fixture
async def authority(
    prepared_database_url: Callable[[str, Prepare], str], tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Authority]:
    """Return an authority on each kind of database."""
    url = prepared_database_url("outcomes", migrate)
    async with opened(url, tmp_path / "keys.db", clock) as found:
        yield found


@pytest.fixture
async def council(
    databases: Databases, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Authority]:
    """Return an authority on SQLite."""
    url = databases.prepared(SQLITE, "outcomes", migrate)
    async with opened(url, tmp_path / "keys.db", clock) as found:
        yield found
