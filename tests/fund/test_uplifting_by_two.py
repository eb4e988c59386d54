"""More money into the hands of two: the first decision moves nothing, another officer's does."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import approval_policies_service_pb2 as policies
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from services.fund.storage.tables.approving import uplift_people
from tests.fund.approving import (
    THIRD_OFFICER,
    approve,
    cover,
    in_force,
    recommend,
    refusal,
    uplift,
)
from tests.fund.world import OFFICER, PRACTITIONER, SECOND_OFFICER, World, pence, pounds


async def approved(world: World, cost: str = "95", **changed: Any) -> str:
    """Have a purchase approved by one officer, under rules that want two above £100."""
    await world.money("1000")
    await in_force(world, **changed)
    await world.limit()
    await world.limit(SECOND_OFFICER)
    await world.limit(THIRD_OFFICER)
    asked = await world.submit(cost)
    await recommend(world, THIRD_OFFICER, asked.id)
    await approve(world, OFFICER, asked.id)
    return str(asked.id)


async def test_the_first_officer_moves_nothing_and_the_second_commits(world: World) -> None:
    purchase_id = await approved(world)

    first = await uplift(world, purchase_id, "20")
    waiting = await world.get(purchase_id)
    again = uplift(world, purchase_id, "20")
    assert await refusal(again) == "SAME_APPROVER_TWICE"
    second = await uplift(world, purchase_id, "20", SECOND_OFFICER)

    assert pence(waiting.money.committed) == 9500
    assert first.timeline[-1].action == "endorsed"
    assert first.timeline[-1].decision_id != second.timeline[-1].decision_id
    assert pence(second.money.committed) == 11500
    assert (await world.events())[-2:] == ["purchase.endorsed", "purchase.uplifted"]


async def test_another_sum_is_another_decision(world: World) -> None:
    purchase_id = await approved(world)
    await uplift(world, purchase_id, "20")

    other = await uplift(world, purchase_id, "30", SECOND_OFFICER)
    done = await uplift(world, purchase_id, "30")

    assert other.timeline[-1].action == "endorsed"
    assert pence(done.money.committed) == 12500


async def test_a_first_decision_falls_with_its_lowered_limit(fund: World) -> None:
    purchase_id = await approved(fund)
    await uplift(fund, purchase_id, "20")
    await fund.limit(OFFICER, "10")

    second = await uplift(fund, purchase_id, "20", SECOND_OFFICER)

    assert second.timeline[-1].action == "endorsed"
    assert pence(second.money.committed) == 9500


async def test_nobody_decides_as_somebody_else_or_with_another_part(fund: World) -> None:
    purchase_id = await approved(fund)
    await uplift(fund, purchase_id, "20")
    await cover(fund, OFFICER, SECOND_OFFICER)
    as_first = {"on_behalf_of_id": OFFICER.subject}

    stands_in = uplift(fund, purchase_id, "20", SECOND_OFFICER, **as_first)
    assert await refusal(stands_in) == "SAME_APPROVER_TWICE"
    recommender = uplift(fund, purchase_id, "20", THIRD_OFFICER)
    assert await refusal(recommender) == "RECOMMENDER_MAY_NOT_DECIDE"
    nobody = uplift(fund, purchase_id, "20", THIRD_OFFICER, on_behalf_of_id="officer-9")
    assert await refusal(nobody) == "NOT_COVERED"


async def test_an_uplift_is_no_way_round_quotes_and_caps(fund: World) -> None:
    rungs = [
        policies.ApprovalRung(up_to=pounds("100"), approvers=1),
        policies.ApprovalRung(approvers=1, quotes=2),
    ]
    purchase_id = await approved(fund, rungs=rungs, child_cap=pounds("96"))

    assert await refusal(uplift(fund, purchase_id, "20")) == "QUOTES_MISSING"
    overriding = uplift(fund, purchase_id, "20", override_reason="it rains")
    assert await refusal(overriding) == "NO_OVERRIDE_RIGHT"


FORGED = [
    pytest.param({}, id="one person twice"),
    pytest.param({"person": PRACTITIONER.subject}, id="the requester"),
]


@pytest.mark.parametrize("changed", FORGED)
async def test_the_table_itself_refuses(world: World, changed: dict[str, Any]) -> None:
    purchase_id = await approved(world)
    await uplift(world, purchase_id, "20")

    def forge(connection: Connection) -> None:
        row = dict(connection.execute(select(uplift_people)).mappings().one())
        connection.execute(insert(uplift_people).values({**row, **changed}))

    with pytest.raises(IntegrityError):
        await world.database.write(forge)
