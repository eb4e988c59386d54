"""An officer sees how many of a request's children are above a line of absence, and no rate."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatch
from typing import Any

from localresponse.outcomes.v1 import outcomes_events_pb2 as outcomes

from services.chassis.auth import Principal
from services.chassis.events import Event, event_type_of
from services.chassis.ids import new_id
from services.fund.consumers import absence_lines
from tests.fund.world import CHILD, MANAGER, OFFICER, TENANT, World

OTHER = "0190f5a0-0000-7000-8000-000000000002"
REACHED, LEFT = outcomes.THRESHOLD_DIRECTION_REACHED, outcomes.THRESHOLD_DIRECTION_LEFT
PERSISTENT, SEVERE = outcomes.ABSENCE_THRESHOLD_PERSISTENT, outcomes.ABSENCE_THRESHOLD_SEVERE
SYSTEM = Principal.system(TENANT)


async def crossed(world: World, child_id: str, line: Any, direction: Any, year: int = 2026) -> None:
    message = outcomes.ThresholdCrossed(
        child_id=child_id, threshold=line, direction=direction, academic_year=year
    )
    event = Event(
        id=new_id(),
        type=event_type_of(message.DESCRIPTOR),
        tenant=TENANT,
        resource=new_id(),
        sequence=1,
        time=world.clock.now().isoformat(),
        data=message.SerializeToString(),
    )
    consumer = absence_lines()
    assert any(fnmatch(event.subject, pattern) for pattern in consumer.subjects)
    await world.commands.apply(SYSTEM, lambda work: consumer.handlers[event.type](work, event))


async def test_children_above_a_line_are_counted_for_the_officer_who_decides(world: World) -> None:
    await world.money("1000")
    await world.limit()
    for child, line in ((CHILD, PERSISTENT), (CHILD, SEVERE), (OTHER, PERSISTENT)):
        await crossed(world, child, line, REACHED)
    await crossed(world, new_id(), SEVERE, REACHED)
    asked = await world.submit("50", child_ids=[CHILD, OTHER])

    first = (await world.get(asked.id, OFFICER)).decision_context
    await crossed(world, CHILD, SEVERE, LEFT)
    await crossed(world, CHILD, PERSISTENT, LEFT)
    after = (await world.get(asked.id, OFFICER)).decision_context

    assert (first.children_persistently_absent, first.children_severely_absent) == (2, 1)
    assert (after.children_persistently_absent, after.children_severely_absent) == (1, 0)
    assert not (await world.get(asked.id, MANAGER)).HasField("decision_context")


async def test_a_line_crossed_in_another_academic_year_says_nothing_now(world: World) -> None:
    await world.money("1000")
    asked = await world.submit("50")

    await crossed(world, CHILD, PERSISTENT, REACHED, year=2025)

    assert world.clock.now().date() > date(2026, 8, 1)
    context = (await world.get(asked.id, OFFICER)).decision_context
    assert context.children_persistently_absent == 0
