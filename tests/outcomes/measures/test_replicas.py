"""Two replicas that write to one catalogue at once: one makes the version, the other is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.chassis.errors import AlreadyExists
from tests.outcomes.authority import Authority, migrate
from tests.outcomes.measures.test_catalogue import create
from tests.support.clock import FakeClock
from tests.support.databases import POSTGRESQL, Databases

MEASURES = 12


async def test_a_version_is_made_once_whoever_asks(
    databases: Databases, tmp_path: Path, clock: FakeClock
) -> None:
    url = databases.prepared(POSTGRESQL, "outcomes", migrate)
    replicas = [Authority(url, tmp_path / f"keys{place}.db", clock) for place in range(2)]
    for each in replicas:
        each.database.start()

    said = []
    for number in range(MEASURES):
        # One at a time, so that each stands alone in its replica's batch.
        both = (create(replica, id=f"measure_{number}") for replica in replicas)
        said += await asyncio.gather(*both, return_exceptions=True)
    for each in replicas:
        await asyncio.to_thread(each.database.close)

    refused = [each for each in said if isinstance(each, BaseException)]
    assert {type(each).__mro__[1] for each in refused} == {AlreadyExists}
    assert len(refused) == MEASURES
