"""What comes back for a closed year goes to its source, and an accrual gives its rest back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from localresponse.fund.v1 import sources_service_pb2 as sources
from sqlalchemy import Connection, update

from services.fund.storage.tables.returning import credit_notes
from services.fund.verification import verify
from tests.fund.approving import refusal
from tests.fund.closing_world import STEPS, balance, close, run, soft_close
from tests.fund.test_returning import credit, refund
from tests.fund.world import OFFICER, PRACTITIONER, World, pence, pounds

SPRING = datetime(2027, 4, 20, 10, tzinfo=UTC)


async def ordered(world: World, cost: str = "40") -> tuple[Any, Any]:
    """Return a fund of £100 and a purchase of it that is on order."""
    keep = sources.CARRY_FORWARD_RULE_KEEP
    source = await world.source(banked="100", carry_forward_rule=keep)
    budget = await world.budget(name="fund")
    await world.allocate(budget.id, source.id, "100")
    await world.limit()
    asked = await world.submit(cost)
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    await world.step(OFFICER, "OrderPurchase", asked.id)
    return source, asked


async def year_ends(world: World, *, hard: bool = True) -> None:
    world.clock.set(SPRING)
    await soft_close(world)
    for step in STEPS:
        await run(world, step)
    if hard:
        await close(world)


async def unallocated(world: World, source: Any) -> int:
    return await balance(world, f"source:{source.id}:unallocated")


async def invoice(world: World, purchase: Any, net: str, number: str = "1") -> Any:
    paper = {"invoice_number": number, "net": pounds(net)}
    return await world.step(OFFICER, "RecordInvoice", purchase.id, **paper)


async def test_a_credit_note_for_a_closed_year_is_kept_and_its_money_goes_to_the_source(
    world: World,
) -> None:
    source, asked = await ordered(world)
    await invoice(world, asked, "40")
    await world.step(OFFICER, "ClosePurchase", asked.id)
    await year_ends(world)
    before = await unallocated(world, source)

    noted = await credit(world, asked.id, "15")
    assert await refusal(credit(world, asked.id, "25.01")) == "CREDIT_ABOVE_INVOICED"
    refunded = await refund(world, asked.id, "15")

    assert (pence(noted.money.spent), pence(noted.money.refund_due)) == (4000, 0)
    assert noted.timeline[-1].action == "credited"
    assert pence(refunded.money.spent) == 4000
    assert await unallocated(world, source) == before + 1500


async def test_a_credit_note_takes_from_open_years_first(world: World) -> None:
    _, asked = await ordered(world)
    await invoice(world, asked, "25")
    await year_ends(world)
    await invoice(world, asked, "15", "2")

    noted = await credit(world, asked.id, "20")

    assert (pence(noted.money.spent), pence(noted.money.refund_due)) == (2500, 1500)
    assert await refusal(credit(world, asked.id, "20.01")) == "CREDIT_ABOVE_INVOICED"


async def accrued(world: World) -> tuple[Any, Any]:
    """Return a source and a purchase that was received and not invoiced."""
    source, asked = await ordered(world)
    await world.step(PRACTITIONER, "RecordDelivery", asked.id)
    return source, asked


async def test_an_accrual_above_its_invoice_goes_back_to_a_pot_that_is_open(
    world: World,
) -> None:
    _, asked = await accrued(world)
    await year_ends(world, hard=False)

    now = await invoice(world, asked, "30")
    assert pence(now.money.spent) == 4000
    closed = await world.step(OFFICER, "ClosePurchase", asked.id)

    assert (pence(closed.money.spent), pence(closed.money.released)) == (3000, 1000)
    assert "release_accrual" in [each.kind for each in await world.journals(asked.id)]
    for step in STEPS:
        await run(world, step)
    await close(world)


async def test_an_accrual_above_its_invoice_goes_to_the_source_of_a_closed_year(
    world: World,
) -> None:
    source, asked = await accrued(world)
    await year_ends(world)
    before = await unallocated(world, source)

    await invoice(world, asked, "30")
    closed = await world.step(OFFICER, "ClosePurchase", asked.id)

    assert (pence(closed.money.spent), pence(closed.money.released)) == (4000, 0)
    assert await unallocated(world, source) == before + 1000
    assert (await world.journals(asked.id))[-1].kind == "prior_year"
    assert await refusal(refund(world, asked.id, "30.01")) == "CREDIT_ABOVE_INVOICED"
    await refund(world, asked.id, "30")


async def test_an_accrual_that_its_invoices_use_up_gives_nothing_back(fund: World) -> None:
    source, asked = await accrued(fund)
    await year_ends(fund)
    before = await unallocated(fund, source)

    await invoice(fund, asked, "30")
    await invoice(fund, asked, "10", "2")
    closed = await fund.step(OFFICER, "ClosePurchase", asked.id)

    assert pence(closed.money.spent) == 4000
    assert await unallocated(fund, source) == before


async def test_verify_names_a_credit_note_above_what_its_year_charged(fund: World) -> None:
    _, asked = await ordered(fund)
    await invoice(fund, asked, "40")
    await year_ends(fund)
    await credit(fund, asked.id, "15")
    found: list[Any] = []

    def forge(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TRIGGER credit_notes_no_update")
        connection.execute(update(credit_notes).values(prior_year=5000, cost=5000, net=5000))
        found.extend(verify(connection))
        connection.rollback()

    await fund.database.write(forge)
    assert (8, f"purchases {asked.id}") in {(each.invariant, each.row) for each in found}
