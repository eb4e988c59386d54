"""Episodes of two children found to be one, and the facts that were known at approval."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from services.chassis.auth import Principal
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.analysis.cohort import cohort_of
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.children.characteristics import storage
from services.outcomes.children.characteristics.domain import Characteristic, Statement
from services.outcomes.children.characteristics.kinds import Kind, Purpose
from services.outcomes.children.merging import commands as merging
from services.outcomes.children.vault import Vault
from services.outcomes.episodes import queries, snapshots
from services.outcomes.episodes.consumers import fund_purchases
from services.outcomes.episodes.queries import Filter
from tests.outcomes import world
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases

DAYS = world.school_days()
ASKED, DELIVERED = DAYS[100], DAYS[104]
ANN, BEN = world.child_id(1), world.child_id(2)
GOVERNANCE = Principal(world.TENANT, "governance", "information_governance")


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    def load(url: str) -> None:
        world.prepare(url, np.zeros((3, 2 * len(DAYS)), np.bool_))

    async with world.opened(databases.prepared(SQLITE, "merged-episodes", load)) as database:
        yield database


@pytest.fixture
def commands(database: Database) -> Commands:
    return Commands(database, FakeClock(world.LOADED + timedelta(hours=1)))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(f"sqlite:///{tmp_path}/keys.db", b"r" * 32)
    made.start()
    return made


async def hear(commands: Commands, child_ids: tuple[str, ...], purchase: str = "p1") -> None:
    for event in world.bought(purchase, child_ids, asked=ASKED, delivered=DELIVERED):

        def work(work: UnitOfWork, event: Any = event) -> None:
            fund_purchases().handlers[event.type](work, event)

        await commands.apply(world.SYSTEM, work)


async def costs(database: Database) -> dict[str, int]:
    found = await database.read(
        lambda held: queries.list_episodes(held, world.SYSTEM, Filter(), after=None, limit=50)
    )
    live = [view.version.episode for view in found if view.version.episode is not None]
    return {each.child_id: each.cost_minor for each in live}


async def test_support_of_a_merged_child_is_the_others_and_goes_back(
    commands: Commands, database: Database, vault: Vault
) -> None:
    await hear(commands, (ANN, BEN, world.child_id(3)))
    apart = await costs(database)

    done = await commands.apply(GOVERNANCE, lambda work: merging.merge(work, vault, ANN, BEN))
    as_one = await costs(database)
    now = world.LOADED + timedelta(hours=2)
    cohort = await database.read(
        lambda held: cohort_of(held, world.TENANT, CohortRule(), as_of=now, seed=None)
    )
    await hear(commands, (BEN,), "p2")
    later = await costs(database)
    await commands.apply(GOVERNANCE, lambda work: merging.unmerge(work, vault, done.id))

    assert as_one == {ANN: apart[ANN] + apart[BEN], world.child_id(3): apart[world.child_id(3)]}
    assert (len(cohort.episodes), cohort.never_delivered, cohort.unknown) == (2, 0, 0)
    assert later[ANN] == as_one[ANN] + 10_000
    assert await costs(database) == {**apart, BEN: apart[BEN] + 10_000}


def known(number: int, value: str, first: date, *, days_after: int, purposes: Purpose) -> Any:
    said = Statement(kind=Kind.FREE_SCHOOL_MEALS, value=value, first=first)
    one = Characteristic(
        number=number,
        statement=said,
        purposes=purposes,
        source="census",
        recorded_at=world.LOADED.replace(year=ASKED.year, month=ASKED.month, day=1)
        + timedelta(days=days_after),
        recorded_by="somebody",
    )
    return storage.row_of(world.TENANT, 1, one, child_id=ANN, key=b"k" * 32)


async def test_the_facts_at_approval_are_those_known_then(
    commands: Commands, database: Database
) -> None:
    rows = [
        known(1, "Y", world.FIRST, days_after=-30, purposes=Purpose.EVALUATION),
        known(2, "N", world.FIRST, days_after=60, purposes=Purpose.EVALUATION),
    ]
    await commands.apply(
        world.SYSTEM, lambda work: work.connection.execute(insert(storage.CHARACTERISTIC), rows)
    )

    await hear(commands, (ANN, BEN))

    held = await database.read(lambda held: snapshots.held(held, world.TENANT, ["p1"]))
    assert held["p1", ANN].facts == {"free_school_meals": "Y"}
    assert held["p1", BEN].facts == {}
