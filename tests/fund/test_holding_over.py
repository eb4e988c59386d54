"""What becomes of a request that nobody decided before its year ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from google.type.date_pb2 import Date
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import sources_service_pb2 as sources
from localresponse.fund.v1.fund_events_pb2 import PurchaseExpired
from sqlalchemy import Connection, select

from services.fund.storage import tables
from tests.fund.closing_world import answered, close, run, soft_close
from tests.fund.test_refusals import refusal
from tests.fund.test_year_end import KEEP, RETURN, SPRING, filled, following
from tests.fund.world import OFFICER, PRACTITIONER, SECOND_OFFICER, World, pence

QUERIED, SUBMITTED = types.PURCHASE_STATE_QUERIED, types.PURCHASE_STATE_SUBMITTED


async def released(world: World) -> Any:
    """Soft-close the year in spring and settle its undecided requests, twice."""
    world.clock.set(SPRING)
    await soft_close(world)
    await run(world, "OPEN_NEXT")
    done = await run(world, "RELEASE_UNAPPROVED")
    again = await run(world, "RELEASE_UNAPPROVED")
    assert (again.settled, again.remaining) == (0, done.remaining)
    return done


def at_year_end(connection: Connection) -> list[bool]:
    """Return what each event of a request that expired says about its year."""
    outbox = tables.metadata.tables["outbox"].c
    sent = connection.execute(select(outbox.data).where(outbox.type.contains("purchase.expired")))
    return [PurchaseExpired.FromString(row.data).at_year_end for row in sent]


def shares(purchase: Any) -> list[tuple[str, int]]:
    held = ((each.source_name, pence(each.money.reserved)) for each in purchase.apportionments)
    return [(name, amount) for name, amount in held if amount]


async def test_a_queried_request_goes_on_in_the_next_year_with_what_is_kept(world: World) -> None:
    await filled(world)
    asked = await world.submit("40")
    await world.step(OFFICER, "QueryPurchase", asked.id, reason="which size?")

    done = await released(world)
    now = await world.get(asked.id)

    assert (done.settled, pence(done.amount)) == (1, 4000)
    assert (now.state, now.revision) == (QUERIED, 2)
    new = await following(world)
    assert (now.budget_id, pence(new.figures.reserved)) == (new.id, 4000)
    assert [fact.action for fact in now.timeline] == ["submitted", "queried", "carried"]
    await run(world, "SETTLE_AVAILABLE")
    await close(world)
    await world.step(PRACTITIONER, "AnswerPurchase", asked.id, reason="five")
    approved = await world.step(OFFICER, "ApprovePurchase", asked.id)
    assert pence(approved.money.committed) == 4000


async def test_what_is_not_kept_is_reserved_anew_from_the_next_years_money(world: World) -> None:
    fund = await filled(world, RETURN)
    world.clock.set(SPRING)
    trust = await world.source("Trust", "25", carry_forward_rule=KEEP, categories=["uniform"])
    world.clock.set(datetime(2027, 3, 1, 9, 0, tzinfo=UTC))
    asked = await world.submit("40", expected_change=review())
    await soft_close(world)
    await run(world, "OPEN_NEXT")
    new = await following(world)
    await world.allocate(new.id, trust.id, "25")
    council = (await world.bank(fund.pots[0].source_id, "50", reference="more")).id
    await world.allocate(new.id, council, "50")

    await released(world)

    now = await world.get(asked.id)
    assert shares(now) == [("Trust", 2500), (fund.pots[0].source_name, 1500)]
    assert pence((await following(world)).figures.reserved) == 4000
    assert pence((await world.budget_now(fund.id)).figures.available) == 10_000
    await run(world, "SETTLE_AVAILABLE")
    await close(world)
    withdrawn = await world.step(PRACTITIONER, "WithdrawPurchase", asked.id)
    assert pence(withdrawn.money.reserved) == 0


def review() -> types.ExpectedChange:
    return types.ExpectedChange(
        measure="attendance_rate",
        direction=types.DIRECTION_INCREASE,
        review_date=Date(year=2027, month=9, day=1),
    )


async def test_what_the_next_year_cannot_hold_expires_and_says_why(world: World) -> None:
    await filled(world, RETURN)
    asked = await world.submit("40")

    done = await released(world)
    now = await world.get(asked.id)

    assert (done.settled, done.remaining) == (1, 0)
    assert now.state == types.PURCHASE_STATE_EXPIRED
    assert "NO_ELIGIBLE_SOURCE" in now.timeline[-1].reason
    assert (await world.events())[-1] == "purchase.expired"
    assert await world.database.read(at_year_end) == [True]


async def test_a_funder_is_asked_before_a_request_goes_on(world: World) -> None:
    fund = await filled(world, sources.CARRY_FORWARD_RULE_ASK)
    asked = await world.submit("40")

    waiting = await released(world)
    assert (waiting.settled, waiting.remaining) == (0, 1)
    assert list(waiting.undecided_source_ids) == [fund.pots[0].source_id]
    assert await refusal(close(world)) == "PERIOD_NOT_EMPTY"

    await answered(world, fund.pots[0].source_id, "KEEP")
    await run(world, "RELEASE_UNAPPROVED")
    assert (await world.get(asked.id)).budget_id == (await following(world)).id


async def test_money_whose_time_is_over_does_not_go_along(world: World) -> None:
    last = Date(year=2027, month=3, day=31)
    ended = await world.source("Ended", "30", carry_forward_rule=KEEP, spend_by_date=last)
    council = await world.source("Council", "100", carry_forward_rule=KEEP)
    fund = await world.budget(name="Fund")
    await world.allocate(fund.id, ended.id, "30")
    await world.allocate(fund.id, council.id, "60")
    for officer in (OFFICER, SECOND_OFFICER):
        await world.limit(officer)
    asked = await world.submit("50")
    assert shares(asked) == [("Ended", 3000), ("Council", 2000)]
    world.clock.set(SPRING)
    await soft_close(world)
    await run(world, "OPEN_NEXT")
    await world.allocate((await following(world)).id, council.id, "35")

    await released(world)

    assert shares(await world.get(asked.id)) == [("Council", 5000)]
