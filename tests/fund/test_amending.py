"""What is asked may change, money follows to the penny, and no approval outlives it."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import approval_policies_service_pb2 as policies
from localresponse.fund.v1 import purchase_types_pb2 as types

from tests.fund.approving import amend, approve, in_force, refusal, uplift
from tests.fund.world import (
    LIAISON,
    OFFICER,
    PRACTITIONER,
    SECOND_OFFICER,
    World,
    pence,
    pounds,
    rid,
)


async def test_an_amendment_holds_the_new_cost_and_gives_the_rest_back(world: World) -> None:
    budget = await world.money("1000")
    asked = await world.submit("50")

    dearer = await amend(world, asked.id, "80")
    cheaper = await amend(world, asked.id, "30")

    assert (pence(dearer.money.reserved), pence(cheaper.money.reserved)) == (8000, 3000)
    assert (cheaper.revision, pence(cheaper.cost)) == (3, 3000)
    assert pence((await world.budget_now(budget.id)).figures.available) == 97000
    kinds = [journal.kind for journal in await world.journals(asked.id)]
    assert kinds == ["reserve", "reserve", "release"]
    assert (await world.events())[-1] == "purchase.amended"


CHANGES = [
    pytest.param("60", {}, id="the amount"),
    pytest.param("50", {"supplier_name": "Another"}, id="the supplier"),
    pytest.param("50", {"child_ids": [rid()]}, id="the child"),
]


@pytest.mark.parametrize(("cost", "changed"), CHANGES)
async def test_an_edit_after_approval_sends_it_back_and_holds_its_money_again(
    world: World, cost: str, changed: dict[str, Any]
) -> None:
    budget = await world.money("1000")
    await world.limit()
    asked = await world.submit("50")
    await approve(world, OFFICER, asked.id)

    edited = await amend(world, asked.id, cost, **changed)

    assert edited.state == types.PURCHASE_STATE_SUBMITTED
    assert (pence(edited.money.committed), pence(edited.money.reserved)) == (0, int(cost) * 100)
    assert not edited.HasField("approve_time")
    assert await refusal(world.step(OFFICER, "OrderPurchase", asked.id)) == "WRONG_STATE"
    figures = (await world.budget_now(budget.id)).figures
    assert (pence(figures.committed), pence(figures.reserved)) == (0, int(cost) * 100)


async def test_an_amendment_draws_on_the_next_source_in_a_place_of_its_own(world: World) -> None:
    fund = await world.budget()
    for name, amount, terms in (
        ("Trust", "60", {"categories": ["uniform"]}),
        ("Council", "60", {}),
    ):
        source = await world.source(name, amount, **terms)
        await world.allocate(fund.id, source.id, amount)
    asked = await world.submit("50")

    more = await amend(world, asked.id, "100")
    travel = await amend(world, asked.id, "40", category="travel")

    def held(purchase: Any) -> list[int]:
        return [pence(each.money.reserved) for each in purchase.apportionments]

    assert (held(asked), held(more), held(travel)) == ([5000], [6000, 4000], [0, 4000])
    assert [each.position for each in travel.apportionments] == [1, 2]


REFUSED = [
    pytest.param("1001", "POT_EXHAUSTED", id="more than there is"),
    pytest.param("0", "AMOUNT_NOT_POSITIVE", id="nothing"),
]


@pytest.mark.parametrize(("cost", "reason"), REFUSED)
async def test_an_amendment_that_cannot_be_changes_nothing(
    fund: World, cost: str, reason: str
) -> None:
    await fund.money("1000")
    asked = await fund.submit("50")

    assert await refusal(amend(fund, asked.id, cost)) == reason
    assert (await fund.get(asked.id)).etag == asked.etag


async def test_only_who_asked_amends_and_only_before_it_is_ordered(fund: World) -> None:
    await fund.money()
    await fund.limit()
    theirs = await fund.submit("50", by=LIAISON)
    asked = await fund.submit("50")
    await approve(fund, OFFICER, asked.id)
    await fund.step(OFFICER, "OrderPurchase", asked.id)

    assert await refusal(amend(fund, theirs.id, "60")) == "NOT_THE_REQUESTER"
    assert await refusal(amend(fund, asked.id, "60")) == "WRONG_STATE"


async def test_an_uplift_within_tolerance_needs_no_decision_and_above_it_one(world: World) -> None:
    await world.money()
    await in_force(world, rungs=[policies.ApprovalRung(approvers=1)])
    await world.limit(OFFICER, "60")
    await world.limit(SECOND_OFFICER, "20")
    asked = await world.submit("50")
    await approve(world, OFFICER, asked.id)

    small = await uplift(world, asked.id, "5", SECOND_OFFICER)
    over = uplift(world, asked.id, "0.01", SECOND_OFFICER)
    assert await refusal(over) == "OVER_DELEGATED_LIMIT"
    more = await uplift(world, asked.id, "5", OFFICER)
    assert await refusal(uplift(world, asked.id, "7", OFFICER)) == "OVER_DELEGATED_LIMIT"

    assert not small.timeline[-1].decision_id
    assert more.timeline[-1].decision_id
    assert pence(more.money.committed) == 6000


async def test_the_requester_does_not_uplift_their_own_in_another_role(fund: World) -> None:
    await fund.money()
    await fund.limit(SECOND_OFFICER)
    await fund.limit()
    both = type(PRACTITIONER)(
        PRACTITIONER.tenant, OFFICER.subject, "practitioner", PRACTITIONER.schools
    )
    asked = await fund.submit("50", by=both)
    await approve(fund, SECOND_OFFICER, asked.id)

    assert await refusal(uplift(fund, asked.id, "100")) == "REQUESTER_MAY_NOT_DECIDE"


async def test_a_group_pays_for_places_and_never_fewer_than_its_children(fund: World) -> None:
    await fund.money()
    children = [rid() for _ in range(3)]

    group = await fund.submit("90", child_ids=children, places=5)
    alone = await fund.submit("10")

    assert (group.places, alone.places) == (5, 1)
    few = fund.submit("90", child_ids=children, places=2)
    assert await refusal(few) == "PLACES_INVALID"


async def test_a_cap_counts_one_place_of_a_group_for_each_child(fund: World) -> None:
    await fund.money()
    await in_force(fund, child_cap=pounds("40"))
    await fund.limit()
    children = [rid() for _ in range(2)]
    group = await fund.submit("80", child_ids=children, places=4)
    await approve(fund, OFFICER, group.id)

    fits = await fund.submit("20", child_ids=children[:1])
    above = await fund.submit("20.01", child_ids=children[1:], supplier_name="Other")

    assert await refusal(approve(fund, OFFICER, above.id)) == "CHILD_CAP_REACHED"
    approved = await approve(fund, OFFICER, fits.id)
    assert approved.state == types.PURCHASE_STATE_APPROVED
