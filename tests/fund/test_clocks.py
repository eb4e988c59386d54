"""Working time of England, and decisions that are due by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from localresponse.fund.v1 import purchase_types_pb2 as types

from services.fund.domain.working_time import due, later_by, working_time
from tests.fund.approving import amend, approve, jobs
from tests.fund.world import OFFICER, PRACTITIONER, World


def at(day: str, hour: int, minute: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=UTC)


DUE = [
    pytest.param(at("2026-11-02", 10), 0, at("2026-11-02", 17), id="the same day"),
    pytest.param(at("2026-11-02", 17), 0, at("2026-11-03", 17), id="after work"),
    pytest.param(at("2026-11-06", 10), 3, at("2026-11-11", 17), id="over a weekend"),
    pytest.param(at("2026-12-24", 10), 3, at("2026-12-31", 17), id="over Christmas"),
    pytest.param(at("2026-04-02", 10), 3, at("2026-04-09", 16), id="over Easter, summer time"),
    pytest.param(at("2026-10-23", 10), 3, at("2026-10-28", 17), id="over the end of summer time"),
]


@pytest.mark.parametrize(("sent", "days", "end"), DUE)
def test_a_decision_is_due_at_the_close_of_a_working_day(
    sent: datetime, days: int, end: datetime
) -> None:
    assert due(sent, days) == end


WORKED = [
    pytest.param(at("2026-11-02", 10), at("2026-11-02", 12), 2, id="in a day"),
    pytest.param(at("2026-11-02", 16), at("2026-11-03", 10), 2, id="over a night"),
    pytest.param(at("2026-11-06", 16), at("2026-11-09", 10), 2, id="over a weekend"),
    pytest.param(at("2026-11-07", 10), at("2026-11-08", 10), 0, id="on a weekend"),
    pytest.param(at("2026-11-03", 10), at("2026-11-02", 10), 0, id="backwards"),
]


@pytest.mark.parametrize(("start", "end", "hours"), WORKED)
def test_only_working_time_counts_and_the_same_time_leads_on(
    start: datetime, end: datetime, hours: int
) -> None:
    assert working_time(start, end) == timedelta(hours=hours)
    if hours:
        assert later_by(start, timedelta(hours=hours)) == end


async def test_a_query_stops_the_clock_for_as_long_as_it_takes(world: World) -> None:
    await world.money()
    world.clock.set(at("2026-11-02", 10))
    asked = await world.submit("50")
    await world.step(OFFICER, "QueryPurchase", asked.id, reason="which?")
    world.clock.set(at("2026-11-03", 12))

    answered = await world.step(PRACTITIONER, "AnswerPurchase", asked.id, reason="these")

    assert asked.decide_by_time.ToDatetime(UTC) == at("2026-11-05", 17)
    assert answered.decide_by_time.ToDatetime(UTC) == at("2026-11-09", 11)


async def test_a_late_decision_is_told_of_once_for_each_version(world: World) -> None:
    await world.money()
    world.clock.set(at("2026-11-02", 10))
    asked = await world.submit("50", urgency=types.URGENCY_SAME_DAY)
    await jobs(world).tell_overdue()
    world.clock.set(at("2026-11-02", 17, 1))

    await jobs(world).tell_overdue()
    await jobs(world).tell_overdue()
    assert (await world.events()).count("approval.overdue") == 1

    await amend(world, asked.id, "60", urgency=types.URGENCY_SAME_DAY)
    world.clock.set(at("2026-11-04", 9))
    await jobs(world).tell_overdue()
    assert (await world.events()).count("approval.overdue") == 2


async def test_what_is_queried_or_decided_is_not_late(fund: World) -> None:
    await fund.money()
    await fund.limit()
    queried = await fund.submit("50")
    await fund.step(OFFICER, "QueryPurchase", queried.id, reason="which?")
    decided = await fund.submit("50")
    approved = await approve(fund, OFFICER, decided.id)
    fund.clock.advance(days=60)

    await jobs(fund).tell_overdue()

    assert "approval.overdue" not in await fund.events()
    assert not approved.HasField("decide_by_time")
