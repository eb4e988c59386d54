"""What went on into the next year is raised, amended and refunded there."""

from __future__ import annotations

from typing import Any

from google.type.date_pb2 import Date
from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import purchase_types_pb2 as types
from sqlalchemy import update

from services.fund.storage.tables import purchases
from tests.fund.approving import amend, approve, refusal, uplift
from tests.fund.by_sql import answers, unexpected
from tests.fund.closing_world import STEPS, YEAR, close, run, soft_close
from tests.fund.test_prior_year import invoice
from tests.fund.test_returning import credit, refund
from tests.fund.test_year_end import SPRING, filled, following, ordered, year_end
from tests.fund.world import OFFICER, PRACTITIONER, SECOND_OFFICER, World, pence


async def carried(world: World, cost: str = "40") -> tuple[Any, Any]:
    """Return a purchase whose commitment went on, and the budget that it went to."""
    await filled(world)
    asked = await ordered(world, cost)
    world.clock.set(SPRING)
    await soft_close(world)
    await year_end(world)
    await world.limit(SECOND_OFFICER, "500")
    return await world.get(asked.id), await following(world)


async def committed(world: World) -> int:
    return pence((await following(world)).figures.committed)


async def test_a_carried_commitment_belongs_to_the_next_year_and_is_raised_there(
    world: World,
) -> None:
    asked, new = await carried(world)
    assert asked.budget_id == new.id

    await uplift(world, asked.id, "20", SECOND_OFFICER)
    await close(world)
    now = await uplift(world, asked.id, "5", SECOND_OFFICER)

    assert [pence(each.money.committed) for each in now.apportionments] == [0, 6500]
    assert await committed(world) == 6500


async def test_what_was_charged_in_march_is_dearer_in_april_out_of_the_new_year(
    world: World,
) -> None:
    await filled(world)
    asked = await ordered(world)
    await world.step(PRACTITIONER, "RecordDelivery", asked.id)
    world.clock.set(SPRING)
    await soft_close(world)
    await year_end(world)
    await close(world)

    charged = await invoice(world, asked, "42")

    assert charged.invoices[0].state == types.INVOICE_STATE_CHARGED
    assert [pence(each.money.spent) for each in charged.apportionments] == [4000, 200]
    assert charged.budget_id == (await following(world)).id


async def test_a_refund_for_the_new_year_goes_to_its_pot_and_not_to_the_source(
    world: World,
) -> None:
    asked, _ = await carried(world)
    await invoice(world, asked, "40")
    await credit(world, asked.id, "15")
    before = pence((await following(world)).figures.available)

    await refund(world, asked.id, "15")

    assert pence((await following(world)).figures.available) == before + 1500


async def test_an_approved_request_is_amended_in_the_year_it_went_to(world: World) -> None:
    await filled(world)
    asked = await world.submit("40")
    await approve(world, OFFICER, asked.id)
    world.clock.set(SPRING)
    await soft_close(world)
    await year_end(world)

    expected = types.ExpectedChange(
        measure="attendance_rate",
        direction=types.DIRECTION_INCREASE,
        review_date=Date(year=2027, month=9, day=1),
    )
    amended = await amend(world, asked.id, "30", expected_change=expected)

    new = await following(world)
    assert (amended.budget_id, amended.state) == (new.id, types.PURCHASE_STATE_SUBMITTED)
    assert (pence(new.figures.reserved), pence(new.figures.committed)) == (3000, 0)


async def test_before_year_end_has_run_new_promises_are_the_new_years(world: World) -> None:
    fund = await filled(world)
    asked = await ordered(world)
    world.clock.set(SPRING)
    assert await refusal(uplift(world, asked.id, "1")) == "OUTSIDE_PERIOD"
    new = await world.budget(
        name="Fund 1",
        period=budgets.Period(kind=YEAR.kind, start_year=2027),
    )
    late = await world.source("Late", banked="100")
    await world.allocate(new.id, late.id, "100")

    await uplift(world, asked.id, "1")
    await soft_close(world)
    for step in STEPS:
        await run(world, step)

    assert await committed(world) == 4100
    assert pence((await world.budget_now(fund.id)).figures.committed) == 0


async def test_no_other_budget_takes_a_purchase_over(world: World) -> None:
    await carried(world)
    other = await world.budget()

    answered = await answers(world, {"moved": update(purchases).values(budget_id=other.id)})

    assert unexpected(answered, {"moved": "budget of the same name"}) == {}
