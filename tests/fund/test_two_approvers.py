"""Different people: two where the policy says, and nobody with another part in the request."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import approval_policies_service_pb2 as policies
from localresponse.fund.v1 import purchase_types_pb2 as types
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from services.fund.storage import tables
from services.fund.storage.tables.approving import approval_people
from tests.fund.approving import (
    THIRD_OFFICER,
    amend,
    approve,
    cover,
    in_force,
    recommend,
    refusal,
)
from tests.fund.world import LIAISON, OFFICER, PRACTITIONER, SECOND_OFFICER, World, pence, rid


async def waiting(world: World, cost: str = "200") -> Any:
    """Return a request that two people must approve, with limits for two officers."""
    await world.money()
    await in_force(world)
    await world.limit(OFFICER, "500")
    await world.limit(SECOND_OFFICER, "500")
    return await world.submit(cost)


async def test_the_first_of_two_leaves_the_money_held_and_the_second_commits_it(
    world: World,
) -> None:
    asked = await waiting(world)

    first = await approve(world, OFFICER, asked.id)
    second = await approve(world, SECOND_OFFICER, asked.id)

    assert first.state == types.PURCHASE_STATE_SUBMITTED
    assert pence(first.money.reserved) == 20000
    assert second.state == types.PURCHASE_STATE_APPROVED
    assert [fact.action for fact in second.timeline] == ["submitted", "endorsed", "approved"]
    assert (await world.events())[-2:] == ["purchase.endorsed", "purchase.approved"]


async def test_one_person_does_not_count_twice(world: World) -> None:
    asked = await waiting(world)
    await approve(world, OFFICER, asked.id)

    assert await refusal(approve(world, OFFICER, asked.id)) == "SAME_APPROVER_TWICE"


async def test_a_deputy_and_whom_they_stand_in_for_count_as_one(world: World) -> None:
    asked = await waiting(world)
    await cover(world, SECOND_OFFICER, THIRD_OFFICER)
    await cover(world, OFFICER, THIRD_OFFICER)
    stand_in = {"on_behalf_of_id": SECOND_OFFICER.subject}
    await approve(world, THIRD_OFFICER, asked.id, **stand_in)

    again = approve(world, THIRD_OFFICER, asked.id, on_behalf_of_id=OFFICER.subject)
    assert await refusal(approve(world, SECOND_OFFICER, asked.id)) == "SAME_APPROVER_TWICE"
    assert await refusal(again) == "SAME_APPROVER_TWICE"
    approved = await approve(world, OFFICER, asked.id)
    assert approved.state == types.PURCHASE_STATE_APPROVED


async def test_a_requester_cannot_have_a_deputy_approve_for_them(world: World) -> None:
    await world.money()
    await world.limit(OFFICER, "500")
    both = type(PRACTITIONER)(
        PRACTITIONER.tenant, OFFICER.subject, "practitioner", PRACTITIONER.schools
    )
    await cover(world, OFFICER, SECOND_OFFICER)
    asked = await world.submit("50", by=both)

    delegated = approve(world, SECOND_OFFICER, asked.id, on_behalf_of_id=OFFICER.subject)

    assert await refusal(delegated) == "REQUESTER_MAY_NOT_DECIDE"


async def test_who_recommended_may_not_approve(world: World) -> None:
    asked = await waiting(world, "50")
    await recommend(world, SECOND_OFFICER, asked.id)
    await cover(world, SECOND_OFFICER, THIRD_OFFICER)

    stand_in = approve(world, THIRD_OFFICER, asked.id, on_behalf_of_id=SECOND_OFFICER.subject)
    assert await refusal(approve(world, SECOND_OFFICER, asked.id)) == "RECOMMENDER_MAY_NOT_DECIDE"
    assert await refusal(stand_in) == "RECOMMENDER_MAY_NOT_DECIDE"
    assert await refusal(recommend(world, SECOND_OFFICER, asked.id)) == "ALREADY_TOOK_PART"
    approved = await approve(world, OFFICER, asked.id)
    assert [fact.action for fact in approved.timeline][1] == "recommended"


async def test_nobody_stands_in_without_a_cover_or_after_it_ended(world: World) -> None:
    asked = await waiting(world, "50")
    stand_in = {"on_behalf_of_id": OFFICER.subject}
    assert await refusal(approve(world, THIRD_OFFICER, asked.id, **stand_in)) == "NOT_COVERED"

    set_ = await cover(world, OFFICER, THIRD_OFFICER)
    end = policies.EndCoverRequest(request_id=rid(), cover_id=set_.id)
    await world.call(OFFICER, "EndCover", end)

    assert await refusal(approve(world, THIRD_OFFICER, asked.id, **stand_in)) == "NOT_COVERED"


async def test_an_amendment_voids_the_first_approval(world: World) -> None:
    asked = await waiting(world)
    await approve(world, OFFICER, asked.id)
    await amend(world, asked.id, "210")

    first = await approve(world, SECOND_OFFICER, asked.id)

    assert first.state == types.PURCHASE_STATE_SUBMITTED


async def test_a_limit_that_was_lowered_voids_the_approval_made_under_it(world: World) -> None:
    asked = await waiting(world)
    await approve(world, OFFICER, asked.id)
    await world.limit(OFFICER, "10")

    alone = await approve(world, SECOND_OFFICER, asked.id)

    assert alone.state == types.PURCHASE_STATE_SUBMITTED
    await world.limit(THIRD_OFFICER, "300")
    done = await approve(world, THIRD_OFFICER, asked.id)
    assert done.state == types.PURCHASE_STATE_APPROVED


async def test_who_approves_last_must_be_within_their_limit(world: World) -> None:
    asked = await waiting(world)
    await world.limit(OFFICER, "150")
    await approve(world, SECOND_OFFICER, asked.id)

    assert await refusal(approve(world, OFFICER, asked.id)) == "OVER_DELEGATED_LIMIT"


async def test_an_approval_again_after_the_limit_was_lowered_is_refused(world: World) -> None:
    asked = await waiting(world, "80")
    await approve(world, OFFICER, asked.id)
    await world.limit(OFFICER, "10")

    assert await refusal(approve(world, OFFICER, asked.id)) == "WRONG_STATE"
    await amend(world, asked.id, "80")
    assert await refusal(approve(world, OFFICER, asked.id)) == "OVER_DELEGATED_LIMIT"


PEOPLE = [
    pytest.param({"person": PRACTITIONER.subject}, id="the requester decides"),
    pytest.param({"person": OFFICER.subject}, id="one person decides twice"),
]


@pytest.mark.parametrize("change", PEOPLE)
async def test_the_table_itself_holds_people_apart(world: World, change: dict[str, str]) -> None:
    asked = await waiting(world)
    await approve(world, OFFICER, asked.id)

    def forge(connection: Connection) -> None:
        row = connection.execute(select(approval_people)).one()
        connection.execute(insert(approval_people).values({**row._mapping, **change}))

    with pytest.raises(IntegrityError):
        await world.database.write(forge)


DECISIONS = [
    pytest.param({"decider": PRACTITIONER.subject}, id="by the requester"),
    pytest.param({"on_behalf_of": PRACTITIONER.subject}, id="for the requester"),
    pytest.param({"outcome": "approved", "counted": 50001}, id="over the limit"),
    pytest.param({"outcome": "approved"}, id="by one where two are needed"),
]


@pytest.mark.parametrize("change", DECISIONS)
async def test_the_table_itself_refuses_a_forged_decision(
    world: World, change: dict[str, Any]
) -> None:
    asked = await waiting(world)
    await approve(world, OFFICER, asked.id)

    def forge(connection: Connection) -> None:
        row = connection.execute(select(tables.decisions)).one()
        forged = {**row._mapping, "id": rid(), "purchase_version": 9, **change}
        connection.execute(insert(tables.decisions).values(forged))

    with pytest.raises(IntegrityError):
        await world.database.write(forge)


async def test_a_liaison_officer_recommends_only_in_their_cluster(world: World) -> None:
    asked = await waiting(world, "50")
    elsewhere = type(LIAISON)(LIAISON.tenant, "liaison-9", LIAISON.role, frozenset({"100009"}))

    assert await refusal(recommend(world, elsewhere, asked.id)) == "ACTION_NOT_ALLOWED"
    recommended = await recommend(world, LIAISON, asked.id)
    assert recommended.state == types.PURCHASE_STATE_SUBMITTED
