"""Closing a year, step by step, each of which may be run again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import periods_service_pb2 as pb
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import sources_service_pb2 as sources

from services.chassis.clock import london_date
from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.closing import settle_some
from services.fund.domain.periods import year_of
from tests.fund.closing_world import (
    STEPS,
    YEAR,
    answered,
    close,
    confirm,
    propose,
    run,
    soft_close,
)
from tests.fund.test_refusals import refusal
from tests.fund.world import OFFICER, PRACTITIONER, World, pence, pounds

KEEP, RETURN = sources.CARRY_FORWARD_RULE_KEEP, sources.CARRY_FORWARD_RULE_RETURN
NEXT = budgets.Period(kind=budgets.PERIOD_KIND_FINANCIAL_YEAR, start_year=2027)
SPRING = datetime(2027, 4, 3, 9, 0, tzinfo=UTC)


async def filled(world: World, rule: Any = KEEP, amount: str = "100") -> Any:
    source = await world.source(f"Source {rule}", banked=amount, carry_forward_rule=rule)
    fund = await world.budget(name=f"Fund {rule}")
    await world.limit()
    return await world.allocate(fund.id, source.id, amount)


async def ordered(world: World, cost: str = "40") -> Any:
    asked = await world.submit(cost)
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    return await world.step(OFFICER, "OrderPurchase", asked.id)


async def year_end(world: World) -> dict[str, Any]:
    return {step: await run(world, step) for step in STEPS}


async def following(world: World) -> Any:
    request = budgets.ListBudgetsRequest(page_size=200)
    listed = (await world.call(OFFICER, "ListBudgets", request)).budgets
    (budget,) = [each for each in listed if each.period.start_year == 2027]
    return budget


async def test_a_soft_closed_year_takes_no_new_promise_and_finishes_old_ones(world: World) -> None:
    await filled(world)
    asked = await ordered(world)

    await soft_close(world)
    await soft_close(world)

    assert await refusal(world.submit()) == "PERIOD_SOFT_CLOSED"
    delivered = await world.step(PRACTITIONER, "RecordDelivery", asked.id)
    assert delivered.state == types.PURCHASE_STATE_DELIVERED


async def test_commitments_and_what_is_left_go_on_in_the_next_year(world: World) -> None:
    fund = await filled(world)
    asked = await ordered(world)
    held = await world.submit("10")
    world.clock.set(SPRING)
    await soft_close(world)

    done = await year_end(world)
    again = await year_end(world)

    assert [done[step].settled for step in STEPS] == [1, 1, 0, 1, 1]
    assert [again[step].settled for step in STEPS] == [0, 0, 0, 0, 0]
    assert (await world.get(held.id)).state == types.PURCHASE_STATE_SUBMITTED
    new = await following(world)
    figures = (new.figures.committed, new.figures.reserved, new.figures.available)
    assert [pence(each) for each in figures] == [4000, 1000, 5000]
    assert pence((await world.budget_now(fund.id)).figures.allocated) == 0
    await world.step(PRACTITIONER, "RecordDelivery", asked.id)
    paper = {"invoice_number": "1", "net": pounds("40")}
    await world.step(OFFICER, "RecordInvoice", asked.id, **paper)
    assert pence((await following(world)).figures.spent) == 4000


async def test_what_was_received_is_charged_to_the_year_and_its_invoice_charges_nothing(
    world: World,
) -> None:
    fund = await filled(world)
    asked = await ordered(world)
    await world.step(PRACTITIONER, "RecordDelivery", asked.id)
    await soft_close(world)

    done = await year_end(world)
    await close(world)

    assert pence(done["ACCRUE"].amount) == 4000
    assert pence((await world.budget_now(fund.id)).figures.spent) == 4000
    paper = {"invoice_number": "1", "net": pounds("40")}
    invoiced = await world.step(OFFICER, "RecordInvoice", asked.id, **paper)
    assert pence(invoiced.money.spent) == 4000
    paper = {"invoice_number": "2", "net": pounds("1")}
    second = await world.step(OFFICER, "RecordInvoice", asked.id, **paper)
    assert second.invoices[1].state == types.INVOICE_STATE_DISPUTED


async def test_what_a_source_does_not_keep_lapses_and_goes_back(world: World) -> None:
    await filled(world, RETURN)
    asked = await ordered(world)
    await soft_close(world)

    done = await year_end(world)

    assert (await world.get(asked.id)).state == types.PURCHASE_STATE_CANCELLED
    assert pence(done["SETTLE_AVAILABLE"].amount) == 10_000
    listed = await world.call(OFFICER, "ListSources", sources.ListSourcesRequest())
    assert pence(listed.sources[0].returned) == 10_000


async def test_a_funder_that_must_be_asked_is_waited_for(world: World) -> None:
    fund = await filled(world, sources.CARRY_FORWARD_RULE_ASK)
    await ordered(world)
    await soft_close(world)

    waiting = await year_end(world)
    assert waiting["CARRY_COMMITMENTS"].remaining == 1
    assert list(waiting["SETTLE_AVAILABLE"].undecided_source_ids) == [fund.pots[0].source_id]
    assert await refusal(close(world)) == "PERIOD_NOT_EMPTY"

    await answered(world, fund.pots[0].source_id, "RETURN")
    await answered(world, fund.pots[0].source_id, "KEEP")
    await year_end(world)
    closed = await close(world)
    assert closed.state == pb.PERIOD_STATE_CLOSED


async def test_a_closed_year_takes_nothing_until_two_officers_reopen_it(world: World) -> None:
    await filled(world)
    assert await refusal(close(world)) == "WRONG_PERIOD_STATE"
    assert await refusal(run(world, "ACCRUE")) == "WRONG_PERIOD_STATE"
    await soft_close(world)
    await year_end(world)
    await close(world)
    await close(world)
    source = (await world.call(OFFICER, "ListSources", sources.ListSourcesRequest())).sources[0]

    late = world.bank(source.id, "5", reference="late")
    assert await refusal(late) == "PERIOD_CLOSED"
    assert await refusal(soft_close(world)) == "WRONG_PERIOD_STATE"
    asked = await propose(world, "Reopening", period=YEAR)
    assert await refusal(confirm(world, asked, OFFICER)) == "PROPOSER_MAY_NOT_CONFIRM"
    await confirm(world, asked)
    await world.bank(source.id, "5", reference="late")
    assert (await soft_close(world)).state == pb.PERIOD_STATE_SOFT_CLOSED
    assert await refusal(propose(world, "Reopening", period=YEAR)) == "WRONG_PERIOD_STATE"


def test_what_waits_for_a_funder_stops_nothing_after_it() -> None:
    seen: list[int] = []

    def even(number: int) -> bool:
        seen.append(number)
        return number % 2 == 0

    assert settle_some([1, 3, 2, 4, 6], even, most=2) == 3
    assert seen == [1, 3, 2, 4]
    assert settle_some([1, 2], even, most=2) == 1


async def test_without_a_budget_to_carry_into_nothing_moves(fund: World) -> None:
    await filled(fund)
    await soft_close(fund)

    assert await refusal(run(fund, "SETTLE_AVAILABLE")) == "NEXT_BUDGET_MISSING"


async def test_what_waits_for_goods_or_an_invoice_is_listed(fund: World) -> None:
    await filled(fund)
    asked = await ordered(fund)
    await fund.step(PRACTITIONER, "RecordDelivery", asked.id, amount=pounds("15"))
    await fund.submit("10")

    request = pb.ListReceiptChaseRequest(period=YEAR)
    (item,) = (await fund.call(OFFICER, "ListReceiptChase", request)).items
    listed = await fund.call(OFFICER, "ListPeriods", pb.ListPeriodsRequest())

    assert (item.purchase_id, pence(item.committed), pence(item.received)) == (asked.id, 2500, 1500)
    assert [pence(each.figures.allocated) for each in listed.periods] == [10_000]


@pytest.mark.parametrize(
    ("moment", "start_year"),
    [
        pytest.param(datetime(2027, 3, 31, 22, 59, 59, tzinfo=UTC), 2026, id="23:59:59 in London"),
        pytest.param(datetime(2027, 3, 31, 23, 30, tzinfo=UTC), 2027, id="already April there"),
        pytest.param(datetime(2027, 4, 1, 0, 0, tzinfo=UTC), 2027, id="April"),
    ],
)
def test_the_year_of_a_moment_is_chosen_in_london(moment: datetime, start_year: int) -> None:
    assert year_of(london_date(moment)) == Period(PeriodKind.FINANCIAL_YEAR, start_year)
