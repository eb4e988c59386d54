"""A year from award to hard close, with mixed sources: every penny is accounted for."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from localresponse.fund.v1 import refunds_service_pb2 as refunds
from localresponse.fund.v1 import sources_service_pb2 as sources

from tests.fund import beans
from tests.fund.closing_world import (
    STEPS,
    balance,
    close,
    confirm,
    propose,
    rules,
    run,
    soft_close,
)
from tests.fund.test_refusals import refusal
from tests.fund.test_reports import report
from tests.fund.world import (
    OFFICER,
    PRACTITIONER,
    SCHOOL,
    SECOND_OFFICER,
    World,
    pence,
    pounds,
    rid,
)

KEEP, RETURN = sources.CARRY_FORWARD_RULE_KEEP, sources.CARRY_FORWARD_RULE_RETURN


async def bought(world: World, cost: str, *, invoiced: str = "") -> Any:
    asked = await world.submit(cost)
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    await world.step(OFFICER, "OrderPurchase", asked.id)
    if invoiced:
        await world.step(PRACTITIONER, "RecordDelivery", asked.id)
        paper = {"invoice_number": f"I {asked.id}", "net": pounds(invoiced)}
        await world.step(OFFICER, "RecordInvoice", asked.id, **paper)
    return asked


async def credited(world: World, purchase_id: str, amount: str) -> None:
    request = refunds.RecordCreditNoteRequest(
        request_id=rid(),
        purchase_id=purchase_id,
        credit_note_number="C 1",
        net=pounds(amount),
        reason="returned",
    )
    await world.call(OFFICER, "RecordCreditNote", request)


async def refunded(world: World, purchase_id: str, amount: str, *, reference: str = "R 1") -> None:
    request = refunds.RecordRefundRequest(
        request_id=rid(), purchase_id=purchase_id, reference=reference, amount=pounds(amount)
    )
    await world.call(OFFICER, "RecordRefund", request)


async def awarded(world: World) -> tuple[Any, Any]:
    """Bank two sources, put them in a fund and vire some of one to the school's budget."""
    trust = await world.source("Trust", "120", carry_forward_rule=RETURN, categories=["uniform"])
    council = await world.source("Council", "400", carry_forward_rule=KEEP)
    fund = await world.budget(name="fund")
    school = await world.budget("SCHOOL", parent_id=fund.id, school_urns=[SCHOOL], name="school")
    await world.allocate(school.id, trust.id, "120")
    await world.allocate(fund.id, council.id, "350")
    for officer in (OFFICER, SECOND_OFFICER):
        await world.limit(officer, "10000")
    vired = {"budget_id": fund.id, "target_budget_id": school.id, "source_id": council.id}
    await propose(world, "Virement", amount="200", **vired)
    return trust, council


async def lived(world: World, council: Any) -> Any:
    """Spend, lose, hand back and ask through a year; return the request that nobody decided."""
    mixed = await bought(world, "100", invoiced="100")
    await credited(world, mixed.id, "40")
    await refunded(world, mixed.id, "25")
    lost = await propose(world, "WriteOff", purchase_id=mixed.id, amount="10")
    await confirm(world, lost)
    await bought(world, "60")
    await rules(world, virement_above="100", return_above="10")
    back = await propose(world, "Return", source_id=council.id, amount="30")
    await confirm(world, back)
    waiting = await world.submit("5")
    return await world.step(OFFICER, "QueryPurchase", waiting.id, reason="which size?")


async def add_up(world: World) -> None:
    """Assert that the funder report adds up to the awards, and that Beancount agrees."""
    _, rows = await report(world, "funder")
    sums: dict[str, int] = defaultdict(int)
    for source, *_, amount in rows:
        sums[source] += int(amount.replace(".", ""))
    assert sums == {"Trust": 12_000, "Council": 40_000}
    _, lines = await report(world, "beancount")
    await beans.check(world, [line[0] for line in lines])


async def test_a_year_from_award_to_hard_close_adds_up_by_source(world: World) -> None:
    trust, council = await awarded(world)
    queried = await lived(world, council)
    world.clock.set(datetime(2027, 4, 6, 9, 0, tzinfo=UTC))
    await soft_close(world)
    for _ in range(2):
        for step in STEPS:
            await run(world, step)
        await add_up(world)
    await close(world)

    listed = (await world.call(OFFICER, "ListSources", sources.ListSourcesRequest())).sources
    after = {each.id: each for each in listed}
    for source in (trust, council):
        now = after[source.id]
        parts = (now.unallocated, now.allocated, now.returned)
        assert pence(now.banked) == sum(pence(part) for part in parts)
    assert pence(after[trust.id].returned) > 0
    assert pence(after[council.id].returned) == 3_000
    assert await balance(world, "year:financial_year 2026:carried") == 0
    assert await balance(world, f"source:{council.id}:unallocated") == 2_000
    await finished(world, queried.id)
    await add_up(world)


async def finished(world: World, purchase_id: str) -> None:
    """Decide and pay in the new year what was asked in the old one."""
    await world.step(PRACTITIONER, "AnswerPurchase", purchase_id, reason="five")
    await world.step(OFFICER, "ApprovePurchase", purchase_id)
    await world.step(OFFICER, "OrderPurchase", purchase_id)
    paper = {"invoice_number": "new year", "net": pounds("5")}
    paid = await world.step(OFFICER, "RecordInvoice", purchase_id, **paper)
    assert pence(paid.money.spent) == 500
    assert {fact.action for fact in paid.timeline} >= {"queried", "carried", "answered", "invoiced"}


async def test_a_balance_is_known_for_every_moment_and_day(world: World) -> None:
    budget = await world.money("100")
    pot = (await world.budget_now(budget.id)).pots[0]
    before = world.clock.now()
    world.clock.advance(days=3)
    await world.submit("30")
    account = f"pot:{pot.id}:reserved"

    assert await balance(world, account) == 3_000
    assert await balance(world, account, as_of_time=before) == 0
    assert (
        await balance(world, account, effective_date={"year": 2026, "month": 11, "day": 5}) == 3000
    )
    assert await balance(world, account, effective_date={"year": 2026, "month": 11, "day": 4}) == 0
    assert await balance(world, "pot:none:reserved") == 0
    assert await balance(world, "external:council") == -10_000


async def test_no_more_is_written_off_than_is_lost(fund: World) -> None:
    await awarded(fund)
    asked = await bought(fund, "50", invoiced="50")
    await credited(fund, asked.id, "10")
    within = await propose(fund, "WriteOff", purchase_id=asked.id, amount="10")
    await refunded(fund, asked.id, "5")

    above = propose(fund, "WriteOff", purchase_id=asked.id, amount="10.01")
    assert await refusal(above) == "WRITE_OFF_ABOVE_LOSS"
    assert await refusal(confirm(fund, within)) == "WRITE_OFF_ABOVE_LOSS"
    missing = propose(fund, "WriteOff", purchase_id=rid(), amount="1")
    assert await refusal(missing) == "PURCHASE_NOT_FOUND"


async def test_money_back_for_a_closed_year_goes_to_its_source(world: World) -> None:
    source = await world.source("Council", "100", carry_forward_rule=KEEP)
    fund = await world.budget()
    await world.allocate(fund.id, source.id, "100")
    await world.limit()
    asked = await bought(world, "50", invoiced="50")
    await soft_close(world)
    for step in STEPS:
        await run(world, step)
    await close(world)
    assert await refusal(refunded(world, asked.id, "20")) == "PERIOD_CLOSED"
    world.clock.set(datetime(2027, 5, 6, 9, 0, tzinfo=UTC))

    await refunded(world, asked.id, "20")
    again = refunded(world, asked.id, "1", reference="R 1")
    assert await refusal(again) == "REFUND_ALREADY_RECORDED"
    above = refunded(world, asked.id, "30.01", reference="R 2")
    assert await refusal(above) == "CREDIT_ABOVE_INVOICED"
    await refunded(world, asked.id, "30", reference="R 3")

    assert await balance(world, f"source:{source.id}:unallocated") == 5_000
    assert pence((await world.budget_now(fund.id)).figures.spent) == 5_000


async def test_a_virement_that_leaves_little_is_told_as_a_threshold(fund: World) -> None:
    _, council = await awarded(fund)
    held = await fund.submit("280")
    await propose(
        fund,
        "Virement",
        budget_id=held.budget_id,
        target_budget_id=(await fund.budget(name="other")).id,
        source_id=council.id,
        amount="20",
    )

    told = [each for each in await fund.events() if each.startswith("budget.")]
    assert told[-2:] == ["budget.vired", "budget.threshold_crossed"]
