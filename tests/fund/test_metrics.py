"""What operators and dashboards are told of money and requests."""

from __future__ import annotations

from services.chassis.telemetry import REGISTRY
from services.fund import metrics
from tests.fund.world import OFFICER, PRACTITIONER, TENANT, World, submission

YEAR = {"authority": TENANT, "year_kind": "financial_year", "year": "2026-27"}


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_money_is_told_in_pounds_by_year(world: World) -> None:
    await world.money("100")
    await world.limit()
    asked = await world.submit("30")
    await world.submit("20")
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    await world.step(OFFICER, "OrderPurchase", asked.id)
    await world.step(OFFICER, "RecordInvoice", asked.id, invoice_number="1", net=asked.cost)

    await world.database.read(metrics.refresh)

    told = {
        name: value(f"lrf_fund_{name}_gbp", **YEAR)
        for name in ("allocated", "remaining", "reserved", "committed", "spend")
    }
    assert told == {"allocated": 100, "remaining": 50, "reserved": 20, "committed": 0, "spend": 30}


async def test_open_requests_are_told_by_stage_and_the_oldest_by_its_moment(fund: World) -> None:
    await fund.money()
    await fund.limit()
    first = await fund.submit()
    began = fund.clock.now().timestamp()
    await fund.database.read(metrics.refresh)

    assert value("lrf_requests_open", authority=TENANT, stage="submitted") == 1
    oldest = "lrf_request_oldest_open_sent_timestamp_seconds"
    assert value(oldest, authority=TENANT) == began

    await fund.step(OFFICER, "ApprovePurchase", first.id)
    await fund.database.read(metrics.refresh)

    assert value("lrf_requests_open", authority=TENANT, stage="submitted") == 0
    assert value("lrf_requests_open", authority=TENANT, stage="approved") == 1
    assert value(oldest, authority=TENANT) is None


async def test_a_step_counts_once_however_often_it_is_sent(fund: World) -> None:
    labels = {"authority": TENANT, "outcome": "submitted"}
    await fund.money()
    before = value("lrf_requests_total", **labels) or 0
    request = submission()

    for _ in range(3):
        await fund.call(PRACTITIONER, "SubmitPurchase", request)

    assert value("lrf_requests_total", **labels) == before + 1


async def test_how_long_a_decision_took_is_measured(fund: World) -> None:
    labels = {"authority": TENANT, "category": "uniform"}
    name = "lrf_request_decision_duration_seconds_sum"
    await fund.money()
    await fund.limit()
    before = value(name, **labels) or 0
    asked = await fund.submit()
    fund.clock.advance(hours=3)

    await fund.step(OFFICER, "ApprovePurchase", asked.id)

    assert value(name, **labels) == before + 3 * 3600
