"""Sources and budgets: what arrives, what is given on, and who sees it."""

from __future__ import annotations

import pytest
from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import fund_types_pb2 as funding
from localresponse.fund.v1 import purchases_service_pb2 as purchases
from localresponse.fund.v1 import sources_service_pb2 as sources

from services.chassis.errors import ServiceError
from tests.fund.world import (
    LIAISON,
    OFFICER,
    OTHER_SCHOOL,
    PRACTITIONER,
    SCHOOL,
    STRANGER,
    World,
    pence,
    pounds,
    rid,
    submission,
)


async def test_banked_money_counts_first_against_the_pledge(world: World) -> None:
    created = await world.call(
        OFFICER,
        "CreateSource",
        sources.CreateSourceRequest(
            request_id=rid(),
            name="Trust",
            kind=funding.SOURCE_KIND_PHILANTHROPIC,
            funder="The Trust",
            pledged=pounds("100"),
        ),
    )

    part = await world.bank(created.id, "60", reference="1")
    more = await world.bank(created.id, "70", reference="2")

    assert (pence(part.pledged), pence(part.banked)) == (4000, 6000)
    assert (pence(more.pledged), pence(more.banked), pence(more.unallocated)) == (0, 13000, 13000)


async def test_a_budget_gets_no_more_than_is_banked(world: World) -> None:
    source, fund = await world.source(banked="10"), await world.budget()

    with pytest.raises(ServiceError) as refused:
        await world.allocate(fund.id, source.id, "10.01")

    assert refused.value.reason == "SOURCE_EXHAUSTED"


async def test_a_source_for_one_school_stays_out_of_anothers_budget(world: World) -> None:
    source, fund = await world.source(school_urns=[SCHOOL]), await world.budget()
    other = await world.budget("SCHOOL", parent_id=fund.id, school_urns=[OTHER_SCHOOL])

    with pytest.raises(ServiceError) as refused:
        await world.allocate(other.id, source.id, "1")

    assert refused.value.reason == "SOURCE_TERMS_BROKEN"


async def test_two_sources_pay_one_purchase_and_stay_apart(world: World) -> None:
    fund = await world.budget()
    bound = await world.source("Trust", "30", categories=["uniform"])
    free = await world.source("Council", "100")
    for source in (free, bound):
        budget = await world.allocate(fund.id, source.id, "30")

    asked = await world.submit("50")

    shares = [(share.source_name, pence(share.money.reserved)) for share in asked.apportionments]
    assert shares == [("Trust", 3000), ("Council", 2000)]
    assert len(budget.pots) == 2


async def test_a_parents_figures_hold_what_is_below_it(world: World) -> None:
    fund, source = await world.budget(), await world.source()
    school = await world.budget("SCHOOL", parent_id=fund.id, school_urns=[SCHOOL])
    await world.allocate(fund.id, source.id, "100")
    await world.allocate(school.id, source.id, "40")

    asked = await world.submit("10")
    above = await world.budget_now(fund.id)

    assert asked.budget_id == school.id
    assert pence(above.own_figures.allocated) == 10000
    assert pence(above.figures.allocated) == 14000
    assert pence(above.figures.reserved) == 1000


async def test_crossing_a_threshold_is_told_once(world: World) -> None:
    await world.money("100")

    for cost in ("49", "1", "1", "39"):
        await world.submit(cost)

    events = await world.events()
    assert events.count("budget.threshold_crossed") == 2


async def test_a_practitioner_sees_the_budgets_and_purchases_of_their_own_school(
    world: World,
) -> None:
    fund, source = await world.budget(), await world.source()
    school = await world.budget("SCHOOL", parent_id=fund.id, school_urns=[SCHOOL])
    await world.budget("CLUSTER", parent_id=fund.id, school_urns=[SCHOOL, OTHER_SCHOOL])
    await world.allocate(school.id, source.id, "40")
    await world.submit("1")

    listed = await world.call(PRACTITIONER, "ListBudgets", budgets.ListBudgetsRequest())
    wider = await world.call(LIAISON, "ListBudgets", budgets.ListBudgetsRequest())
    others = await world.call(STRANGER, "ListPurchases", purchases.ListPurchasesRequest())

    assert [budget.id for budget in listed.budgets] == [school.id]
    assert len(wider.budgets) == 2
    assert not others.purchases


async def test_lists_come_in_pages_that_leave_nothing_out(world: World) -> None:
    await world.money()
    ids = {(await world.submit("1")).id for _ in range(5)}

    seen: list[str] = []
    token = ""
    while True:
        request = purchases.ListPurchasesRequest(page_size=2, page_token=token, mine=True)
        page = await world.call(PRACTITIONER, "ListPurchases", request)
        seen += [purchase.id for purchase in page.purchases]
        token = page.next_page_token
        if not token:
            break

    assert len(seen) == 5
    assert set(seen) == ids


async def test_the_same_request_again_answers_the_same_and_holds_nothing_more(
    world: World,
) -> None:
    budget = await world.money()
    request = submission("50")

    first = await world.call(PRACTITIONER, "SubmitPurchase", request)
    again = await world.call(PRACTITIONER, "SubmitPurchase", request)

    assert first == again
    assert pence((await world.budget_now(budget.id)).figures.reserved) == 5000
