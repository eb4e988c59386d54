"""Freezing, sharing, other terms, and money whose time runs out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from google.type.date_pb2 import Date
from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import sources_service_pb2 as sources

from services.chassis.auth import Principal
from services.chassis.unit_of_work import Commands
from services.fund import expiry
from services.fund.domain.shares import SharePlan, check_plan
from services.fund.errors import SharesInvalid
from tests.fund.test_refusals import refusal
from tests.fund.world import OFFICER, TENANT, World, pence, pounds, rid


async def switch(world: World, name: str, budget_id: str, **fields: Any) -> Any:
    request = getattr(budgets, f"{name}Request")(request_id=rid(), budget_id=budget_id, **fields)
    return await world.call(OFFICER, name, request)


async def test_nothing_is_promised_from_a_frozen_budget_until_the_freeze_ends(world: World) -> None:
    budget = await world.money()
    held = await world.submit()

    frozen = await switch(world, "FreezeBudget", budget.id, reason="review")
    again = await switch(world, "FreezeBudget", budget.id, reason="review")

    assert frozen.frozen
    assert again.etag == frozen.etag
    assert await refusal(world.submit()) == "BUDGET_FROZEN"
    stale = switch(world, "UnfreezeBudget", budget.id, etag=budget.etag, reason="done")
    assert await refusal(stale) == "ETAG_STALE"
    await world.limit()
    await world.step(OFFICER, "ApprovePurchase", held.id)
    await switch(world, "UnfreezeBudget", budget.id, etag=frozen.etag, reason="done")
    await world.submit()
    assert [each for each in await world.events() if each.startswith("budget.")] == [
        "budget.allocated",
        "budget.frozen",
        "budget.unfrozen",
    ]


async def test_a_freeze_holds_for_what_is_asked_in_the_same_commit(world: World) -> None:
    budget = await world.money()
    await world.submit()

    frozen, asked = await asyncio.gather(
        switch(world, "FreezeBudget", budget.id, reason="review"), refusal(world.submit())
    )

    assert frozen.frozen
    assert asked == "BUDGET_FROZEN"


async def test_a_purchase_is_shared_by_fixed_shares_to_the_penny(world: World) -> None:
    council, trust = await world.source("Council"), await world.source("Trust")
    fund = await world.budget()
    for source in (council, trust):
        await world.allocate(fund.id, source.id, "100")
    plan = budgets.ApportionmentPlan(
        fixed_shares=[
            budgets.FixedShare(source_id=council.id, basis_points=6667),
            budgets.FixedShare(source_id=trust.id, basis_points=3333),
        ],
        residual_source_id=trust.id,
    )

    shared = await switch(world, "SetApportionment", fund.id, apportionment=plan)
    asked = await world.submit("10.01")

    assert shared.apportionment == plan
    assert [(share.source_id, pence(share.money.reserved)) for share in asked.apportionments] == [
        (council.id, 667),
        (trust.id, 334),
    ]
    assert await refusal(world.submit("160")) == "POT_EXHAUSTED"


async def test_a_source_that_must_be_matched_pays_its_part_only(fund: World) -> None:
    top = await fund.budget()
    for name, most in (("Match", 5000), ("Council", 0)):
        source = await fund.source(name, most_share_basis_points=most)
        await fund.allocate(top.id, source.id, "100")

    asked = await fund.submit("30")

    assert [pence(share.money.reserved) for share in asked.apportionments] == [1500, 1500]


@pytest.mark.parametrize(
    ("parts", "residual"),
    [
        pytest.param((("a", 5000), ("a", 5000)), "a", id="twice"),
        pytest.param((("a", 5000), ("x", 5000)), "a", id="without a pot"),
        pytest.param((("a", 5000), ("b", 4999)), "a", id="not the whole"),
        pytest.param((("a", 5000), ("b", 5000)), "c", id="another residual"),
        pytest.param((), "a", id="a residual of nothing"),
    ],
)
def test_shares_that_cannot_share_are_refused(
    parts: tuple[tuple[str, int], ...], residual: str
) -> None:
    with pytest.raises(SharesInvalid):
        check_plan(SharePlan(parts, residual), {"a", "b"})


async def test_other_terms_hold_from_now_on_and_old_ones_stay_known(world: World) -> None:
    source = await world.source()
    fund = await world.budget()
    await world.allocate(fund.id, source.id, "100")
    before = await world.submit()
    request = sources.SetSourceTermsRequest(
        request_id=rid(),
        source_id=source.id,
        terms=sources.SourceTerms(categories=["travel"], most_per_child=pounds("5")),
    )

    changed = await world.call(OFFICER, "SetSourceTerms", request)

    assert changed.terms_version == 2
    assert await refusal(world.submit()) == "NO_ELIGIBLE_SOURCE"
    assert await refusal(world.submit("6", category="travel")) == "POT_EXHAUSTED"
    assert (await world.get(before.id)).apportionments[0].money.reserved == pounds("50")
    stale = sources.SetSourceTermsRequest(
        request_id=rid(), source_id=source.id, etag="1", terms=sources.SourceTerms()
    )
    assert await refusal(world.call(OFFICER, "SetSourceTerms", stale)) == "ETAG_STALE"


async def test_a_source_that_ends_soon_is_told_90_and_30_days_before_once_each(
    world: World,
) -> None:
    await world.source(spend_by_date=Date(year=2027, month=3, day=31))
    await world.source("Endless")
    commands = Commands(world.database, world.clock)

    async def told(days: float) -> int:
        world.clock.advance(days=days)
        for _ in range(2):
            await commands.apply(Principal.system(TENANT), expiry.warn)
        return (await world.events()).count("source.expiring")

    assert [await told(days) for days in (0, 58, 1, 60, 30, 5)] == [0, 0, 1, 2, 2, 2]
