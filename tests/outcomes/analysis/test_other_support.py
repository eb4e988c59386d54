"""Runs that know of support the fund did not pay for: counted in both groups, and credited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path

import pytest
from localresponse.outcomes.v1 import analysis_service_pb2 as pb
from localresponse.outcomes.v1 import figure_inputs_pb2 as inputs_pb

from services.outcomes.analysis import commands as writes
from services.outcomes.analysis import mapping, queries
from services.outcomes.analysis.explanation import explanation
from services.outcomes.analysis.method.costs import Cost, Outcome
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.analysis.runner import Runner
from services.outcomes.support import commands
from services.outcomes.support.domain import Details, Giver, Kind
from tests.outcomes import world
from tests.outcomes.analysis.test_events_in_runs import BEFORE, FOLLOW_UP, House, opened, prepare
from tests.outcomes.analysis.test_run import (
    DAYS,
    DELIVERED,
    FUNDED,
    MANAGER,
    absences,
    results,
    triggered,
)
from tests.support.databases import SQLITE, Databases

LAST_DAY = DAYS[DELIVERED + 6]


@pytest.fixture
async def small(databases: Databases, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(databases.prepared(SQLITE, "analysis", prepare), tmp_path) as house:
        yield house


async def support(house: House, number: int, first: date, last: date) -> None:
    given = Details(kind=Kind.MENTORING, giver=Giver.SCHOOL, first=first, last=last)
    child = world.child_id(number)
    await house.commands.apply(world.SYSTEM, lambda work: commands.record(work, child, given))


async def test_support_from_elsewhere_is_counted_in_both_groups_and_takes_its_share(
    small: House,
) -> None:
    chosen, others = await small.fund(), triggered(absences())[FUNDED:]
    plain = await small.run()
    for number in (*chosen[:3], others[0]):
        await support(small, number, FOLLOW_UP, LAST_DAY)
    await support(small, chosen[3], DAYS[0], BEFORE)

    first, second = await small.run(), await small.run()

    for found in (first.adjusted_difference, first.not_yet_funded, first.naive_change):
        assert found.other_support == 3
    assert first.adjusted_difference.comparison_other_support == 1
    assert first.adjusted_difference.estimate_pp == plain.adjusted_difference.estimate_pp
    assert plain.adjusted_difference.other_support == 0
    assert {cost.other_support for cost in first.costs} == {3}
    assert first.costs[0].label.endswith("3 of 20 children also had support from elsewhere")
    credited = {
        (each.split, each.attribution): each.credited_millionths for each in first.breakdowns
    }
    assert credited["category", inputs_pb.ATTRIBUTION_EQUAL] == 18_500_000
    assert credited["category", inputs_pb.ATTRIBUTION_COST_WEIGHTED] == 18_500_000
    assert credited["category", inputs_pb.ATTRIBUTION_LAST] == 17_000_000
    assert credited["phase", inputs_pb.ATTRIBUTION_COST_WEIGHTED] == 18_500_000
    assert first.run.results_sha256 == second.run.results_sha256 != plain.run.results_sha256


async def test_a_figure_says_which_support_stood_beside_the_money(small: House) -> None:
    chosen, others = await small.fund(), triggered(absences())[FUNDED:]
    for number in (chosen[0], others[0]):
        await support(small, number, FOLLOW_UP, LAST_DAY)
    await small.run()

    run, figures, inputs = await small.database.read(
        lambda connection: queries.explain(connection, MANAGER, "latest", after=-1, limit=200)
    )

    said = explanation(pb.FIGURE_COST_PER_POINT, run, figures, inputs)
    ours, theirs = (each for each in said.inputs if each.other_support)
    assert (ours.comparison, theirs.comparison) == (False, True)
    assert ours.other_support[0].equal_millionths == ours.shares[0].equal_millionths == 500_000
    assert theirs.other_support[0].equal_millionths == 0
    cost = Cost(outcome=Outcome.POINT, cost_minor=100, lower_minor=50, upper_minor=200)
    given = mapping.results_out(run, replace(figures, costs=(cost,))).costs[0]
    assert given.label == "1 of 20 children also had support from elsewhere"


async def test_what_was_recorded_later_changes_no_run_as_of_before(small: House) -> None:
    (number, *_), before = await small.fund(), await small.run()
    small.clock.advance(minutes=1)
    await support(small, number, FOLLOW_UP, LAST_DAY)
    as_of = before.run.as_of_time.ToDatetime(UTC)

    await small.commands.apply(
        MANAGER,
        lambda work: writes.run_analysis(
            work, CohortRule(), as_of=as_of, seed=7, method_version=""
        ),
    )
    await Runner(small.database, small.commands, small.clock).work_off()

    again = await results(small.database)
    assert again.run.id != before.run.id
    assert again.run.results_sha256 == before.run.results_sha256
