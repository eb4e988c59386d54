"""Nobody waits unseen: a chain of people is told, step by step, until somebody acts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.fund.v1 import purchase_types_pb2 as purchases

from services.chassis.database import Database
from services.notify.app import bank_holidays
from services.notify.channels.in_app import InApp
from services.notify.domain.deciding import Policy
from services.notify.domain.hours import WorkingCalendar
from services.notify.domain.words import Channel
from tests.notify.house import MANAGER, OFFICER, REQUESTER, House, purchase_event, who
from tests.support.clock import FakeClock


@pytest.fixture
async def house(notify_database: Database, clock: FakeClock) -> AsyncIterator[House]:
    policy = Policy(calendar=WorkingCalendar(bank_holidays()))
    house = House(notify_database, clock, {Channel.IN_APP: InApp()}, policy=policy)
    await house.know(REQUESTER)
    await house.know(OFFICER, deputy="d-1")
    await house.know(MANAGER)
    await house.know(who("finance_officer", "d-1"))
    yield house
    await house.delivery.close()


async def told(house: House) -> list[tuple[str, str]]:
    """Return who was told by a ladder, in order."""
    return sorted(
        (each.template_id, each.recipient)
        for each in await house.messages()
        if each.cause.producer == "notify"
    )


async def submit(house: House, urgency: purchases.Urgency.ValueType) -> None:
    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1", urgency=urgency))


async def at(house: House, moment: datetime) -> list[tuple[str, str]]:
    house.clock.set(moment)
    await house.job("climb-ladders")
    return await told(house)


async def test_a_decision_that_nobody_takes_goes_up_the_chain_once_a_step(house: House) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)

    steps = [
        len(await at(house, datetime(2026, 11, day, hour, 0, tzinfo=UTC)))
        for day, hour in ((3, 12), (4, 18), (5, 16), (5, 18), (6, 18), (20, 18))
    ]

    assert steps == [0, 2, 2, 4, 7, 7]
    assert await told(house) == [
        ("decision_due", "d-1"),
        ("decision_due", "f-1"),
        ("decision_escalated", "d-1"),
        ("decision_escalated", "m-1"),
        ("decision_late", "p-1"),
        ("decision_overdue", "d-1"),
        ("decision_overdue", "f-1"),
    ]


@pytest.mark.parametrize(
    "kind", [fund.PurchaseApproved, fund.PurchaseDeclined, fund.PurchaseWithdrawn]
)
async def test_the_chain_stops_when_somebody_acts(house: House, kind: type) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)
    await house.take(purchase_event(kind, sequence=2))

    assert await at(house, datetime(2026, 12, 1, 12, 0, tzinfo=UTC)) == []


async def test_a_query_stops_the_clock_and_asks_the_requester_instead(house: House) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)
    house.clock.set(datetime(2026, 11, 3, 9, 30, tzinfo=UTC))
    await house.take(purchase_event(fund.PurchaseQueried, sequence=2))

    overdue = await at(house, datetime(2026, 11, 6, 18, 0, tzinfo=UTC))
    house.clock.set(datetime(2026, 11, 10, 9, 30, tzinfo=UTC))
    await house.take(purchase_event(fund.PurchaseAnswered, sequence=3, actor="p-1"))
    before = await at(house, datetime(2026, 11, 10, 16, 0, tzinfo=UTC))
    after = await at(house, datetime(2026, 11, 11, 18, 0, tzinfo=UTC))

    assert overdue == [("answer_overdue", "p-1")]
    assert before == overdue
    assert after == [("answer_overdue", "p-1"), ("decision_due", "d-1"), ("decision_due", "f-1")]


async def test_a_same_day_request_is_due_at_closing_and_has_no_reminder_the_day_before(
    house: House,
) -> None:
    await submit(house, purchases.URGENCY_SAME_DAY)

    assert await at(house, datetime(2026, 11, 2, 16, 59, tzinfo=UTC)) == []
    assert await at(house, datetime(2026, 11, 2, 17, 0, tzinfo=UTC)) == [
        ("decision_overdue", "d-1"),
        ("decision_overdue", "f-1"),
    ]


async def test_weekends_and_bank_holidays_do_not_count(house: House) -> None:
    house.clock.set(datetime(2026, 12, 23, 9, 30, tzinfo=UTC))
    await submit(house, purchases.URGENCY_THREE_DAYS)

    assert await at(house, datetime(2026, 12, 29, 16, 0, tzinfo=UTC)) == []
    assert len(await at(house, datetime(2026, 12, 29, 17, 0, tzinfo=UTC))) == 2
    assert len(await at(house, datetime(2026, 12, 30, 17, 0, tzinfo=UTC))) == 4


async def test_after_an_outage_nobody_is_reminded_of_what_is_overdue(house: House) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)

    found = await at(house, datetime(2026, 11, 20, 12, 0, tzinfo=UTC))

    assert "decision_due" not in {template for template, _ in found}
    assert ("decision_overdue", "f-1") in found


async def test_looking_twice_tells_once(house: House) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)
    moment = datetime(2026, 11, 5, 18, 0, tzinfo=UTC)

    first = await at(house, moment)
    second = await at(house, moment)

    assert first == second
