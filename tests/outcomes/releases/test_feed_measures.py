"""What a feed tells of each supported child: every computed measure, consistent with the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from localresponse.outcomes.v1 import feeds_service_pb2 as pb

from services.outcomes.feeds.collecting import COMPUTED
from tests.outcomes import world
from tests.outcomes.feeds.house import House, opened
from tests.outcomes.releases.house import EVALUATOR, LOADED, absences, fund
from tests.support.clock import FakeClock
from tests.support.databases import SQLITE, Databases

REFS = [str(measure.ref) for measure in COMPUTED]
CHILDREN = 30


@pytest.fixture
async def told(databases: Databases) -> AsyncIterator[tuple[House, str]]:
    def prepare(url: str) -> None:
        world.prepare(url, absences())

    url = databases.prepared(SQLITE, "releases", prepare)
    async with opened(url, FakeClock(LOADED)) as house:
        await fund(house, 0, CHILDREN)
        feed = await house.agree("alma", measures=REFS)
        await house.sharing.work.collect_now(world.TENANT)
        await house.sequence()
        yield house, feed


def by_window(items: list[pb.FeedItem]) -> list[dict[str, pb.FeedItem]]:
    found: dict[tuple[str, str], dict[str, pb.FeedItem]] = defaultdict(dict)
    for item in items:
        found[item.pseudonym, item.window][item.measure.partition("@")[0]] = item
    return list(found.values())


async def test_each_window_holds_every_measure_and_they_agree(told: tuple[House, str]) -> None:
    house, feed = told
    windows = by_window(await house.items(EVALUATOR, feed))
    after = [each for each in windows if "permanent_exclusions" in each]

    assert (len(windows), len(after)) == (3 * CHILDREN, CHILDREN)
    for each in windows:
        value = {name: item.value for name, item in each.items()}
        missed = value["authorised_absence_rate"] + value["unauthorised_absence_rate"]
        assert value["absence_rate"] == pytest.approx(missed, abs=2e-6)
        assert value["attendance_rate"] == pytest.approx(1 - missed, abs=2e-6)
        assert value["persistent_absence"] == float(value["absence_rate"] >= 0.1)
        assert value["severe_absence"] == float(value["absence_rate"] >= 0.5)
        assert value["suspension_spells"] == value["suspended_children"] == 0


async def test_a_feed_is_narrowed_to_a_measure_and_a_half_term(told: tuple[House, str]) -> None:
    house, feed = told
    every = await house.items(EVALUATOR, feed)
    period = every[0].valid_to

    late = await house.items(EVALUATOR, feed, measures=["lateness_rate@1"])
    both = await house.items(EVALUATOR, feed, measures=["lateness_rate@1"], periods=[period])

    assert len(late) == 3 * CHILDREN
    assert {item.measure for item in both} == {"lateness_rate@1"}
    assert {item.valid_to for item in both} == {period}
    assert 0 < len(both) < len(late)


async def test_nothing_is_written_again_while_nothing_changes(told: tuple[House, str]) -> None:
    house, _ = told

    assert await house.sharing.work.collect_now(world.TENANT) == 0
