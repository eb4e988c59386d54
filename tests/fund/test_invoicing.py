"""Orders with numbers without gaps, and invoices that add up or are refused."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import purchase_types_pb2 as types

from services.fund.errors import WrongState
from services.fund.errors.paying import VatDoesNotAddUp
from tests.fund.world import OFFICER, World, pence, pounds


async def ordered(world: World, cost: str = "50", **line: Any) -> Any:
    """Have a purchase ordered; its one line may have VAT."""
    lines = [types.PurchaseLine(description="shoes", quantity=1, unit_price=pounds(cost), **line)]
    asked = await world.submit(lines=lines)
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    return await world.step(OFFICER, "OrderPurchase", asked.id)


async def ready(world: World, left: str = "1000") -> Any:
    await world.limit()
    return await world.money(left)


async def invoice(world: World, purchase_id: str, net: str, **fields: Any) -> Any:
    values = {"invoice_number": "A 1", "net": pounds(net), **fields}
    return await world.step(OFFICER, "RecordInvoice", purchase_id, **values)


async def test_order_numbers_have_no_gap_although_an_order_was_refused(world: World) -> None:
    await ready(world)

    first = await ordered(world)
    with pytest.raises(WrongState):
        await world.step(OFFICER, "OrderPurchase", first.id)
    second = await ordered(world)

    assert [first.order_number, second.order_number] == ["PO-000001", "PO-000002"]


async def test_an_invoice_within_tolerance_adds_to_the_order_first(world: World) -> None:
    budget = await ready(world)
    purchase = await ordered(world)

    seen = await invoice(world, purchase.id, "52.50")
    after = await world.budget_now(budget.id)

    assert pence(seen.money.spent) == 5250
    assert pence(after.figures.available) == 94750
    assert [fact.action for fact in seen.timeline][-2:] == ["uplifted", "invoiced"]


async def test_vat_that_the_rates_do_not_give_is_refused(fund: World) -> None:
    await ready(fund)
    purchase = await ordered(fund, vat_rate_basis_points=2000)

    with pytest.raises(VatDoesNotAddUp):
        await invoice(fund, purchase.id, "50", vat=pounds("10.02"))
    seen = await invoice(fund, purchase.id, "50", vat=pounds("10"))

    assert pence(seen.money.spent) == 6000


async def test_vat_that_comes_back_is_no_cost_to_the_fund(fund: World) -> None:
    await ready(fund)
    line: dict[str, Any] = {"vat_rate_basis_points": 2000, "vat_recovery": types.VAT_RECOVERY_YES}
    purchase = await ordered(fund, **line)

    seen = await invoice(
        fund, purchase.id, "50", vat=pounds("10"), vat_recovery=types.VAT_RECOVERY_YES
    )

    assert pence(seen.money.spent) == 5000
    kinds = [journal.kind for journal in await fund.journals(purchase.id)]
    assert "recover_tax" in kinds
