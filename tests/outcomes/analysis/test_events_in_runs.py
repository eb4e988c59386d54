"""Runs that know what happened beside the register: nobody who is gone is an improvement."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from localresponse.outcomes.v1 import analysis_service_pb2 as pb

from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.analysis import commands as writes
from services.outcomes.analysis import mapping, queries
from services.outcomes.analysis.explanation import explanation
from services.outcomes.analysis.method.intervals import upper_limit_of_none
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.analysis.runner import Runner
from services.outcomes.analysis.suspensions import METHOD
from services.outcomes.child_events import commands as events
from services.outcomes.child_events.commands import Aim
from services.outcomes.child_events.domain import Details, Kind, Status
from services.outcomes.children.vault import Vault
from services.outcomes.episodes.derivation import record_fact
from tests.outcomes import world
from tests.outcomes.analysis.test_run import (
    ASKED,
    CHILDREN,
    DAYS,
    DELIVERED,
    FUNDED,
    MANAGER,
    absences,
    results,
    triggered,
)
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases, Prepare

FOLLOW_UP = DAYS[DELIVERED + 5]
BEFORE = DAYS[ASKED - 10]


class House:
    """A database with funded children, and what these tests do with it."""

    def __init__(self, database: Database, vault: Vault, clock: FakeClock) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        self.commands = Commands(database, clock)

    async def fund(self) -> list[int]:
        chosen = triggered(absences())[:FUNDED]

        def work(work: UnitOfWork) -> None:
            for number in chosen:
                child = (world.child_id(number),)
                asked, delivered = DAYS[ASKED], DAYS[DELIVERED]
                for event in world.bought(f"p{number}", child, asked=asked, delivered=delivered):
                    record_fact(work, event)

        await self.commands.apply(world.SYSTEM, work)
        return chosen

    async def record(self, number: int, kind: Kind, details: Details) -> str:
        child, given = world.child_id(number), (world.URN, details)
        done = await self.commands.apply(
            world.SYSTEM,
            lambda work: events.record(work, self.vault, child, kind=kind, given=given),
        )
        return done.event.id

    async def suspend(self, number: int, day: date, sessions: int = 2) -> None:
        given = Details(first=day, sessions=sessions, reasons=("DB",))
        await self.record(number, Kind.SUSPENSION, given)

    async def run(self) -> pb.Results:
        self.clock.advance(minutes=1)
        await self.commands.apply(
            MANAGER,
            lambda work: writes.run_analysis(
                work, CohortRule(), as_of=None, seed=7, method_version=""
            ),
        )
        await Runner(self.database, self.commands, self.clock).work_off()
        return await results(self.database)


def prepare(url: str) -> None:
    world.prepare(url, absences())


@pytest.fixture
async def house(
    prepared_database_url: Callable[[str, Prepare], str], tmp_path: Path
) -> AsyncIterator[House]:
    async with opened(prepared_database_url("analysis", prepare), tmp_path) as house:
        yield house


@pytest.fixture
async def small(databases: Databases, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(databases.prepared(SQLITE, "analysis", prepare), tmp_path) as house:
        yield house


@asynccontextmanager
async def opened(url: str, tmp_path: Path) -> AsyncIterator[House]:
    vault = Vault(f"sqlite:///{tmp_path / 'keys.db'}", b"r" * 32)
    vault.start()
    vault.make(world.TENANT, [world.child_id(number + 1) for number in range(CHILDREN)])
    async with world.opened(url) as database:
        yield House(database, vault, FakeClock(world.LOADED + timedelta(hours=1)))
    vault.close()


async def test_a_child_who_is_excluded_or_home_educated_is_never_an_improvement(
    house: House,
) -> None:
    chosen = await house.fund()
    before = await house.run()
    excluded, home, other = chosen[0], chosen[1], triggered(absences())[FUNDED]

    given = Details(first=FOLLOW_UP, reasons=("DB",))
    event_id = await house.record(excluded, Kind.PERMANENT_EXCLUSION, given)
    for number in (home, other):
        await house.record(number, Kind.HOME_EDUCATION, Details(first=FOLLOW_UP))
    counts = (await house.run()).counts

    said = counts.improved + counts.same + counts.worse
    assert said == before.counts.improved + before.counts.same + before.counts.worse - 2
    assert (counts.permanently_excluded, counts.home_educated, counts.leavers) == (1, 1, 0)
    assert (counts.children, counts.measured) == (FUNDED, before.counts.measured - 2)
    assert counts.comparison_home_educated == before.counts.comparison - counts.comparison == 1
    aim = Aim(event_id, "")
    await house.commands.apply(
        world.SYSTEM,
        lambda work: events.decide(work, house.vault, aim, status=Status.OVERTURNED, on=FOLLOW_UP),
    )
    after = await house.run()
    assert (after.counts.permanently_excluded, after.counts.home_educated) == (0, 1)
    assert after.permanent_exclusions.upper_rate == pytest.approx(upper_limit_of_none(FUNDED))


async def test_suspensions_are_compared_reproducibly_and_explained(small: House) -> None:
    chosen = await small.fund()
    others = triggered(absences())[FUNDED:]
    for number in chosen[:4]:
        await small.suspend(number, BEFORE)
    for number in (chosen[0], chosen[4], *others[:6]):
        await small.suspend(number, FOLLOW_UP)
    await small.suspend(others[0], DAYS[DELIVERED + 9], sessions=4)

    first, second = await small.run(), await small.run()

    found = first.suspensions
    assert (found.supported.spells_before, found.supported.spells_after) == (4, 2)
    assert (found.comparison.spells_after, found.comparison.sessions_after) == (7, 16)
    assert found.supported.suspended_after.children == 2
    assert found.lower_ratio < found.rate_ratio < found.upper_ratio
    assert found.method == METHOD
    assert first.run.results_sha256 == second.run.results_sha256 != ""
    run, figures, inputs = await small.database.read(
        lambda connection: queries.explain(connection, MANAGER, "latest", after=-1, limit=200)
    )
    said = explanation(pb.FIGURE_SUSPENSIONS, run, figures, inputs)
    told = [w for each in said.inputs if not each.comparison for w in each.windows]
    assert sum(window.suspensions for window in told) == 6
    assert "negative binomial" in said.rule


async def test_no_suspension_after_is_told_with_its_upper_limit_and_no_ratio(
    small: House,
) -> None:
    await small.fund()

    found = (await small.run()).suspensions

    run, figures = await small.database.read(
        lambda connection: queries.get_results(connection, MANAGER, "latest")
    )
    old = mapping.results_out(run, replace(figures, suspensions=None))
    assert not old.HasField("suspensions"), "results of method 1.0 can still be read"
    assert not found.HasField("rate_ratio")
    assert found.label.startswith("no suspension on one side")
    none = found.supported.suspended_after
    assert none.upper_rate == pytest.approx(1 - 0.05 ** (1 / none.out_of))
