"""Lines of absence: which are crossed, told once, and left by a child who is erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import select

from services.chassis.auth import Principal
from services.chassis.unit_of_work import Commands
from services.outcomes.measures.counts import COUNTERS, Counter
from services.outcomes.storage.metadata import metadata
from services.outcomes.thresholds.domain import crossings, levels_of
from services.outcomes.thresholds.watching import ThresholdWatch
from tests.outcomes.authority import MONDAY, TENANT, URN, Authority, rid, upn

GOVERNANCE = Principal(TENANT, "governance", "information_governance")
TYPE = "localresponse.outcomes.threshold.crossed.v1"
PRESENT = {"AM": "/", "PM": "\\"}
REACHED, LEFT = events.THRESHOLD_DIRECTION_REACHED, events.THRESHOLD_DIRECTION_LEFT
PERSISTENT, SEVERE = events.ABSENCE_THRESHOLD_PERSISTENT, events.ABSENCE_THRESHOLD_SEVERE
DAYS = [MONDAY + timedelta(days=step) for step in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]


@pytest.mark.parametrize(
    ("absent", "possible", "level"),
    [
        pytest.param(1, 20, 0, id="below"),
        pytest.param(2, 20, 1, id="exactly a tenth"),
        pytest.param(10, 20, 2, id="exactly half"),
        pytest.param(19, 19, 0, id="too few sessions to say"),
    ],
)
def test_a_level_follows_from_whole_numbers(absent: int, possible: int, level: int) -> None:
    counters = np.zeros((1, COUNTERS), np.int64)
    counters[0, Counter.POSSIBLE], counters[0, Counter.UNAUTHORISED] = possible, absent

    assert levels_of(counters).tolist() == [level]


def test_every_line_between_two_levels_is_crossed_in_its_order() -> None:
    up = [(each.threshold, each.direction) for each in crossings(0, 2)]
    down = [(each.threshold, each.direction) for each in crossings(2, 0)]

    assert up == [(1, 1), (2, 1)]
    assert down == [(2, 2), (1, 2)]
    assert crossings(1, 1) == []


class Watch:
    """The job over an authority, and the events that it has put in the outbox."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        commands = Commands(authority.database, authority.clock)
        self.job = ThresholdWatch(authority.database, commands)

    async def settled(self) -> list[Any]:
        for _ in range(3):
            await self.job.look()
        return await self.told()

    async def told(self) -> list[Any]:
        outbox = metadata.tables["outbox"]
        query = select(outbox).where(outbox.c.type == TYPE).order_by(outbox.c.id)
        rows = await self.authority.database.read(lambda c: c.execute(query).all())
        return [(row, events.ThresholdCrossed.FromString(row.data)) for row in rows]


async def absent(authority: Authority, serial: int, sessions: int, code: str = "I") -> None:
    """Import two weeks of a child who missed the first sessions of them."""
    slots = [(day, half) for day in DAYS for half in ("AM", "PM")]
    marks = [
        (upn(serial), day.isoformat(), half, code if place < sessions else PRESENT[half])
        for place, (day, half) in enumerate(slots)
    ]
    await authority.load(marks)


async def test_a_crossing_is_told_once_and_a_loaded_history_is_no_news(
    authority: Authority,
) -> None:
    watch = Watch(authority)
    await absent(authority, 1, 2)
    await absent(authority, 2, 10)

    first = await watch.settled()
    authority.clock.advance(minutes=9)
    await absent(authority, 1, 2, code="/")
    await absent(authority, 3, 3)
    after = (await watch.settled())[len(first) :]

    said = [(one.threshold, one.direction, one.first_look) for _, one in first]
    assert sorted(said) == [(1, 1, True), (1, 1, True), (2, 1, True)]
    assert len({row.resource for row, _ in first}) == 2
    said = [(one.threshold, one.direction, one.first_look) for _, one in after]
    assert sorted(said) == [(PERSISTENT, REACHED, False), (PERSISTENT, LEFT, False)]
    assert all(one.school_urn == URN and one.academic_year == 2024 for _, one in after)
    left = next((row, one) for row, one in after if one.direction == LEFT)
    assert (left[0].sequence, left[1].on_date.day) == (2, 20)
    assert len(await watch.settled()) == len(first) + len(after)


async def test_an_erased_child_leaves_every_line(council: Authority) -> None:
    watch = Watch(council)
    await absent(council, 2, 12)
    before = await watch.settled()
    child_id = before[0][1].child_id
    request = children_pb.EraseChildRequest(
        request_id=rid(), child_id=child_id, reason=children_pb.ERASURE_REASON_RETENTION_OVER
    )

    await council.call(GOVERNANCE, council.children.EraseChild, request)
    after = (await watch.settled())[len(before) :]

    assert [(one.threshold, one.direction) for _, one in after] == [
        (SEVERE, LEFT),
        (PERSISTENT, LEFT),
    ]
    assert [row.sequence for row, _ in after] == [3, 4]
    council.clock.advance(minutes=9)
    await absent(council, 1, 0)
    assert len(await watch.settled()) == len(before) + len(after)
