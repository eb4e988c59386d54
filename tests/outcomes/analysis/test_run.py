from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from localresponse.outcomes.v1 import analysis_service_pb2 as pb
from localresponse.outcomes.v1 import figure_inputs_pb2 as inputs_pb
from prometheus_client import CollectorRegistry, generate_latest

from services.chassis.auth import Principal
from services.chassis.database import Database
from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound, PermissionDenied
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.analysis import commands as writes
from services.outcomes.analysis import mapping, queries
from services.outcomes.analysis.explanation import explanation
from services.outcomes.analysis.gauges import OutcomeGauges
from services.outcomes.analysis.method import VERSION
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.analysis.runner import Runner
from services.outcomes.analysis.snapshot import Snapshots
from services.outcomes.analysis.storage import Run, RunState
from services.outcomes.episodes.derivation import record_fact
from services.outcomes.simulate.population import generate
from tests.outcomes import world
from tests.support.clock import FakeClock
from tests.support.databases import Prepare

DAYS = world.school_days()
ASKED, DELIVERED = 100, 105
CHILDREN, FUNDED = 600, 20
MANAGER = Principal(world.TENANT, "manager", "programme_manager")
PRACTITIONER = Principal(world.TENANT, "teacher", "practitioner", frozenset({world.URN}))


@cache
def absences() -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    rng = np.random.Generator(np.random.PCG64(5))
    absent = generate(CHILDREN, len(DAYS), rng).absent
    return np.repeat(absent, 2, axis=1)


def triggered(absent: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[int]:
    """Return numbers of children who missed a fifth of the 30 days before the request."""
    recent = absent[:, 2 * (ASKED - 30) : 2 * ASKED].sum(axis=1)
    return [int(place) + 1 for place in np.flatnonzero(5 * recent >= 60)]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(world.LOADED + timedelta(hours=1))


@pytest.fixture
async def database(
    prepared_database_url: Callable[[str, Prepare], str],
) -> AsyncIterator[Database]:
    url = prepared_database_url("analysis", lambda url: world.prepare(url, absences()))
    async with world.opened(url) as database:
        yield database


@pytest.fixture
def commands(database: Database, clock: FakeClock) -> Commands:
    return Commands(database, clock)


async def fund(commands: Commands, count: int) -> None:
    def work(work: UnitOfWork) -> None:
        for number in triggered(absences())[:count]:
            child = (world.child_id(number),)
            asked, delivered = DAYS[ASKED], DAYS[DELIVERED]
            for event in world.bought(f"p{number}", child, asked=asked, delivered=delivered):
                record_fact(work, event)

    await commands.apply(world.SYSTEM, work)


async def asked_for(commands: Commands, rule: CohortRule | None = None, *, seed: int = 7) -> Run:
    return await commands.apply(
        MANAGER,
        lambda work: writes.run_analysis(
            work, rule or CohortRule(), as_of=None, seed=seed, method_version=""
        ),
    )


async def results(database: Database, run_id: str = "latest") -> pb.Results:
    return await database.read(
        lambda connection: mapping.results_out(*queries.get_results(connection, MANAGER, run_id))
    )


async def test_a_run_gives_spend_and_a_change_labelled_naive(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    await asked_for(commands)

    await Runner(database, commands, clock).work_off()
    found = await results(database)

    assert (found.spend.units, found.cost_per_child.units) == (100 * FUNDED, 100)
    assert found.naive_change.label == "naive: includes the recovery that usually happens anyway"
    assert found.naive_change.estimate_pp > 5


async def test_the_adjusted_difference_comes_with_its_interval_and_comparison(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    await asked_for(commands)

    await Runner(database, commands, clock).work_off()
    found = (await results(database)).adjusted_difference

    assert found.children == FUNDED
    assert found.comparison_children >= 10
    assert found.lower_pp < found.estimate_pp < found.upper_pp
    assert found.lower_pp < 0 < found.upper_pp, "nothing was done to these children"


async def test_without_a_gain_no_cost_per_outcome_is_given(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    await asked_for(commands)

    await Runner(database, commands, clock).work_off()
    found = {cost.figure: cost for cost in (await results(database)).costs}

    point = found[pb.FIGURE_COST_PER_POINT]
    assert not point.HasField("cost")
    assert point.label == "not distinguishable from zero"


async def test_fewer_than_ten_children_get_counts_and_no_estimate(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, 9)
    await asked_for(commands)

    await Runner(database, commands, clock).work_off()
    found = await results(database)

    assert found.counts.children == 9
    assert found.naive_change.withheld == pb.WITHHELD_TOO_FEW_CHILDREN
    assert not found.adjusted_difference.HasField("estimate_pp")


async def test_the_same_run_gives_the_same_bytes(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    first, second = await asked_for(commands), await asked_for(commands)

    await Runner(database, commands, clock).work_off()
    runs = [(await results(database, run.id)).run for run in (first, second)]

    assert runs[0].results_sha256 == runs[1].results_sha256 != ""


async def test_nobody_named_by_the_rule_gives_nothing(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await asked_for(commands, CohortRule(categories=("tutoring",)))

    await Runner(database, commands, clock).work_off()
    found = await results(database)

    assert found.counts.children == 0
    assert not found.HasField("cost_per_child")


async def test_a_figure_is_explained_down_to_sessions_and_pence(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    await asked_for(commands)
    await Runner(database, commands, clock).work_off()

    run, figures, inputs = await database.read(
        lambda connection: queries.explain(connection, MANAGER, "latest", after=-1, limit=200)
    )
    said = explanation(pb.FIGURE_SPEND, run, figures, inputs)

    ours = [each for each in said.inputs if not each.comparison]
    assert all(sum(part.last_millionths for part in each.shares) == 1_000_000 for each in ours)
    assert sum(each.cost.units for each in ours) == 100 * FUNDED
    assert all(len(each.windows) == 3 and len(each.fund_event_ids) == 4 for each in ours)
    assert said.inputs_sha256 == figures.inputs_sha256


async def test_every_pound_and_every_gain_is_broken_down_once(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    await asked_for(commands)
    await Runner(database, commands, clock).work_off()

    found = await results(database)

    for split in ("source", "category", "supplier", "phase", "half_term"):
        by_cost = [
            each
            for each in found.breakdowns
            if (each.split, each.attribution) == (split, inputs_pb.ATTRIBUTION_COST_WEIGHTED)
        ]
        assert sum(each.spend.units for each in by_cost) == found.spend_measured.units
        assert sum(each.credited_millionths for each in by_cost) == 1_000_000 * FUNDED
        labels = {cost.label for each in by_cost for cost in each.costs}
        assert "not distinguishable from zero" in labels


async def test_results_of_a_run_that_waits_are_refused(
    commands: Commands, database: Database
) -> None:
    run = await asked_for(commands)

    with pytest.raises(FailedPrecondition, match="the run is queued"):
        await results(database, run.id)


async def test_a_run_of_nobodys_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await results(database)


@pytest.mark.parametrize(
    ("who", "version", "refusal"),
    [
        pytest.param(PRACTITIONER, "9.9", PermissionDenied, id="not allowed goes first"),
        pytest.param(MANAGER, "9.9", InvalidArgument, id="an unknown method"),
    ],
)
async def test_what_cannot_be_run_is_refused(
    commands: Commands, who: Principal, version: str, refusal: type[Exception]
) -> None:
    def work(work: UnitOfWork) -> Run:
        return writes.run_analysis(work, CohortRule(), as_of=None, seed=0, method_version=version)

    with pytest.raises(refusal):
        await commands.apply(who, work)


async def test_a_cohort_that_is_not_there_is_not_taken_for_everybody(commands: Commands) -> None:
    with pytest.raises(NotFound, match="no cohort"):
        await asked_for(commands, CohortRule(cohort_id="spring"))


async def test_a_run_carries_what_makes_it_again(commands: Commands) -> None:
    run = await asked_for(commands, CohortRule(name="Autumn"), seed=0)

    assert (run.method_version, run.state, run.rule.name) == (VERSION, RunState.QUEUED, "Autumn")
    assert run.seed > 0


async def test_a_snapshot_is_taken_once_facts_have_come_to_rest(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    registry = CollectorRegistry()
    snapshots = Snapshots(database, clock, OutcomeGauges(registry))

    await snapshots.look()
    early = generate_latest(registry).decode()
    await snapshots.look()

    assert early == ""
    assert 'attendance_change_ratio{academic_year="2025/26"' in generate_latest(registry).decode()
