"""Runs on a frozen cohort: its members and its pool as they were written down, and no others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from services.chassis.auth import Principal
from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.analysis.cohort import cohort_of
from services.outcomes.analysis.commands import run_analysis
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.analysis.runner import Runner
from services.outcomes.analysis.storage import ANALYSIS_MEMBER
from services.outcomes.cohorts import commands as cohorts
from services.outcomes.cohorts.commands import Draft, Evaluated
from services.outcomes.cohorts.domain.rule import InPhase
from services.outcomes.cohorts.pools import commands as pools
from services.outcomes.cohorts.pools.drawing import draw
from services.outcomes.cohorts.pools.storage import Terms
from services.outcomes.cohorts.population import Moment
from tests.outcomes import world
from tests.outcomes.analysis.test_run import (
    DAYS,
    FUNDED,
    absences,
    asked_for,
    clock,
    commands,
    fund,
    results,
    triggered,
)
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases

__all__ = ["clock", "commands"]
MANAGER = Principal(world.TENANT, "manager", "programme_manager")
SECONDARY = InPhase(("secondary",))


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """Return the small authority on SQLite: what the cohorts read is tested on both."""
    url = databases.prepared(SQLITE, "analysis", lambda url: world.prepare(url, absences()))
    async with world.opened(url) as database:
        yield database


async def frozen(commands: Commands, count: int) -> str:
    """Freeze a cohort of the first of those who met the trigger, and return its id."""
    ids = [world.child_id(number) for number in triggered(absences())[:count]]

    def work(work: UnitOfWork) -> str:
        made = cohorts.create(work, "Panel", "", draft=Draft(rule=SECONDARY))
        evaluated = Evaluated(
            version=1, on=DAYS[0], as_of=work.at, named=dict.fromkeys(ids, ""), unknown=0
        )
        cohorts.freeze(work, made.id, evaluated)
        return made.id

    return await commands.apply(MANAGER, work)


async def pooled(commands: Commands, cohort_id: str, size: int) -> set[str]:
    """Draw a pool of those who met the trigger and return its children."""

    def work(work: UnitOfWork) -> set[str]:
        moment = Moment(on=DAYS[-1], as_of=work.at)
        terms = Terms(cohort_id=cohort_id, rule=SECONDARY, size=size, seed=3, moment=moment)
        drawn = draw(work.connection, work.tenant, terms)
        pools.keep(work, terms, drawn)
        return set(drawn.child_ids)

    return await commands.apply(MANAGER, work)


async def test_a_run_uses_the_membership_that_was_frozen(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    cohort_id = await frozen(commands, 12)
    clock.advance(minutes=1)
    run = await asked_for(commands, CohortRule(cohort_id=cohort_id))

    await Runner(database, commands, clock).work_off()
    found = await results(database, run.id)

    assert found.counts.children == 12
    assert found.adjusted_difference.children == 12
    assert found.adjusted_difference.comparison_children >= 10


async def test_fewer_than_ten_members_give_counts_and_timelines_alone(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    cohort_id = await frozen(commands, 9)
    run = await asked_for(commands, CohortRule(cohort_id=cohort_id))

    await Runner(database, commands, clock).work_off()
    found = await results(database, run.id)
    kept = await database.read(
        lambda connection: (
            connection.execute(
                select(ANALYSIS_MEMBER.c.body).where(ANALYSIS_MEMBER.c.analysis_run_id == run.id)
            )
            .scalars()
            .all()
        )
    )

    assert found.counts.children == 9
    assert not found.naive_change.HasField("estimate_pp")
    assert not found.adjusted_difference.HasField("estimate_pp")
    assert len([body for body in kept if json.loads(body)["supported"]]) == 9


async def test_the_comparison_is_drawn_from_the_pool_that_was_drawn(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    cohort_id = await frozen(commands, 12)
    pool = await pooled(commands, cohort_id, 300)
    rule = CohortRule(cohort_id=cohort_id)

    found = await database.read(
        lambda connection: cohort_of(connection, world.TENANT, rule, as_of=clock.now(), seed=7)
    )

    assert found.panel is not None
    others = {row.child_id for row in found.panel.rows if not row.supported}
    assert others
    assert others <= pool


async def test_a_cohort_that_was_not_frozen_by_then_is_not_found(
    commands: Commands, clock: FakeClock
) -> None:
    cohort_id = await frozen(commands, 12)
    before = datetime(2026, 7, 20, 8, 30, tzinfo=UTC)
    clock.advance(hours=1)

    def work(work: UnitOfWork) -> object:
        rule = CohortRule(cohort_id=cohort_id)
        return run_analysis(work, rule, as_of=before, seed=0, method_version="")

    with pytest.raises(NotFound, match="no cohort"):
        await commands.apply(MANAGER, work)
