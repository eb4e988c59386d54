"""Many callers and one pot: never a penny too many, on either database."""

from __future__ import annotations

import asyncio

from services.chassis.errors import ServiceError
from tests.fund.world import PRACTITIONER, World, pence, submission


async def test_of_two_racing_requests_for_the_last_fifty_pounds_one_succeeds(world: World) -> None:
    budget = await world.money("50")

    answers = await asyncio.gather(
        *(world.call(PRACTITIONER, "SubmitPurchase", submission("50")) for _ in range(2)),
        return_exceptions=True,
    )

    refused = [answer for answer in answers if isinstance(answer, ServiceError)]
    assert [error.reason for error in refused] == ["POT_EXHAUSTED"]
    assert pence((await world.budget_now(budget.id)).figures.available) == 0


async def test_with_32_callers_and_room_for_100_exactly_100_succeed(world: World) -> None:
    budget = await world.money("100")

    async def caller() -> list[str]:
        outcomes = []
        for _ in range(5):
            try:
                await world.call(PRACTITIONER, "SubmitPurchase", submission("1"))
                outcomes.append("held")
            except ServiceError as error:
                outcomes.append(error.reason)
        return outcomes

    outcomes = [
        each for calls in await asyncio.gather(*(caller() for _ in range(32))) for each in calls
    ]

    assert outcomes.count("held") == 100
    assert set(outcomes) == {"held", "POT_EXHAUSTED"}
    assert pence((await world.budget_now(budget.id)).figures.reserved) == 10000


async def test_two_lanes_on_one_database_never_promise_a_penny_twice(
    world: World,
) -> None:
    budget = await world.money("30")
    other = World(world.database.url, world.clock)
    other.database.start()

    answers = await asyncio.gather(
        *(
            each.call(PRACTITIONER, "SubmitPurchase", submission("1"))
            for _ in range(40)
            for each in (world, other)
        ),
        return_exceptions=True,
    )
    other.database.close()

    assert sum(1 for answer in answers if not isinstance(answer, BaseException)) == 30
    assert pence((await world.budget_now(budget.id)).figures.available) == 0
