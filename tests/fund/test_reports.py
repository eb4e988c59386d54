"""Reports: they add up to the penny, say nothing that is personal, and other programs read them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from localresponse.fund.v1 import reports_service_pb2 as pb

from services.chassis.auth import Principal, acting_as
from services.fund.errors import PurchaseNotFound
from services.fund.reports.catalogue import REPORTS
from tests.fund import beans
from tests.fund.world import FOREIGNER, OFFICER, PRACTITIONER, World, pounds


async def bought(world: World, cost: str, **fields: Any) -> Any:
    """Have a purchase delivered and invoiced in part."""
    asked = await world.submit(cost, **fields)
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    await world.step(OFFICER, "OrderPurchase", asked.id)
    await world.step(PRACTITIONER, "RecordDelivery", asked.id)
    number = asked.reference
    net = pounds(str(int(cost) - 1))
    return await world.step(OFFICER, "RecordInvoice", asked.id, invoice_number=number, net=net)


@pytest.fixture
async def busy(world: World) -> World:
    """Return a fund of two sources with purchases in many states."""
    first = await world.source("Council", "700")
    second = await world.source(
        "Charity", "600", categories=["uniform"], reporting_label="Belonging"
    )
    fund = await world.budget()
    await world.allocate(fund.id, first.id, "650")
    await world.allocate(fund.id, second.id, "550.01")
    await world.limit(amount="2000")
    await bought(world, "600", supplier_name="Clarks Ltd")
    await world.submit("33")
    return world


async def report(world: World, name: str, who: Principal = OFFICER, **asked: str) -> Any:
    """Return the columns and the rows of a report that came whole."""
    request = pb.StreamReportRequest(report=name, **asked)
    with acting_as(who):
        parts = [part async for part in world._methods["StreamReport"](request, None)]
    assert parts[-1].progress.complete
    rows = [tuple(part.row.cells) for part in parts if part.HasField("row")]
    assert parts[-1].progress.row_count == len(rows)
    return list(parts[0].columns.columns), rows


def pence(text: str) -> int:
    return int(text.replace(".", ""))


async def test_the_funder_report_adds_up_to_the_awards_to_the_penny(busy: World) -> None:
    _, rows = await report(busy, "funder")

    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[0]] += pence(row[-1])
    assert sums == {"Council": 70000, "Charity": 60000}
    assert {(row[0], row[1]) for row in rows} == {("Council", ""), ("Charity", "Belonging")}


async def test_budget_monitoring_shows_every_state_of_every_pot(busy: World) -> None:
    columns, rows = await report(busy, "budget_monitoring")

    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [each["allocated"] for each in found] == ["550.01", "650.00"]
    assert sum(pence(each["spent"]) for each in found) == 59900
    assert sum(pence(each["reserved"]) for each in found) == 3300


async def test_what_is_received_and_what_waits_is_listed(busy: World) -> None:
    _, accruals = await report(busy, "accruals")
    _, waiting = await report(busy, "aged_requests")
    _, commitments = await report(busy, "commitments")

    assert sum(pence(row[7]) for row in accruals) == 100
    assert sum(pence(row[7]) for row in waiting) == 3300
    assert commitments == []


async def test_beancount_reads_the_ledger_and_has_the_same_balances(busy: World) -> None:
    _, rows = await report(busy, "beancount")

    await beans.check(busy, [row[0] for row in rows])


async def test_an_auditor_sees_everything_of_one_purchase(busy: World) -> None:
    purchase = await bought(busy, "10")

    _, rows = await report(busy, "purchase_audit", purchase_id=purchase.id)

    records = {row[0] for row in rows}
    assert records >= {"purchases", "purchase_facts", "decisions", "invoices", "journals"}
    with pytest.raises(PurchaseNotFound):
        await report(busy, "purchase_audit", FOREIGNER, purchase_id=purchase.id)


async def test_another_authority_reads_empty_reports_that_are_whole(busy: World) -> None:
    for name in sorted(set(REPORTS) - {"purchase_audit"}):
        columns, rows = await report(busy, name, FOREIGNER)
        assert columns == list(REPORTS[name].columns)
        assert rows == ([('option "operating_currency" "GBP"',)] if name == "beancount" else [])
