"""Reports: they add up to the penny, say nothing that is personal, and other programs read them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest
from beancount import loader
from localresponse.fund.v1 import reports_service_pb2 as pb
from sqlalchemy import Connection, select

from services.chassis.auth import Principal, acting_as
from services.fund.errors import PurchaseNotFound
from services.fund.reports.ledger import account_name, period_of
from services.fund.reports.published import REDACTED, beneficiary
from services.fund.storage.tables import entries
from tests.fund.values import TODAY
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
    second = await world.source("Charity", "600", categories=["uniform"])
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
    directives, errors, _ = loader.load_string("\n".join(row[0] for row in rows))

    theirs: dict[str, int] = defaultdict(int)
    for directive in directives:
        for posting in getattr(directive, "postings", ()):
            theirs[posting.account] += int(posting.units.number * 100)

    def balances(connection: Connection) -> dict[str, int]:
        sums: dict[str, int] = defaultdict(int)
        for row in connection.execute(select(entries)):
            sums[account_name(row.account)] += row.amount
        return sums

    assert errors == []
    assert theirs == await busy.database.read(balances)


async def test_the_finance_journal_balances_and_names_its_period(busy: World) -> None:
    columns, rows = await report(busy, "journal")

    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert sum(pence(each["debit"]) for each in found) == sum(
        pence(each["credit"]) for each in found
    )
    assert {each["cost_centre"] for each in found} == {"LRF"}
    assert all(re.fullmatch(r"\d{4}-\d{2}/\d{2}", each["period"]) for each in found)
    assert period_of(TODAY) == "2026-27/08"


async def test_publication_names_organisations_and_redacts_the_rest(busy: World) -> None:
    await bought(busy, "520", supplier_name="Mary Smith")

    columns, rows = await report(busy, "transparency")

    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [each["beneficiary"] for each in found] == ["Clarks Ltd", REDACTED]
    assert {each["purpose"] for each in found} == {"Uniform and clothing"}
    assert [each["amount"] for each in found] == ["599.00", "519.00"]


@pytest.mark.parametrize("name", ["Mary Smith", "Smith's Shoes", "M. Limitedson"])
def test_a_name_that_may_be_a_persons_is_redacted(name: str) -> None:
    assert beneficiary(name) == REDACTED


async def test_an_auditor_sees_everything_of_one_purchase(busy: World) -> None:
    purchase = await bought(busy, "10")

    _, rows = await report(busy, "purchase_audit", purchase_id=purchase.id)

    records = {row[0] for row in rows}
    assert records >= {"purchases", "purchase_facts", "decisions", "invoices", "journals"}
    with pytest.raises(PurchaseNotFound):
        await report(busy, "purchase_audit", FOREIGNER, purchase_id=purchase.id)


async def test_another_authority_reads_nothing(busy: World) -> None:
    for name in ("funder", "budget_monitoring", "journal", "accruals", "transparency"):
        _, rows = await report(busy, name, FOREIGNER)
        assert rows == []
