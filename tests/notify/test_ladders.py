"""Nobody waits unseen: a chain of people is told, step by step, until somebody acts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.fund.v1 import money_events_pb2 as money
from localresponse.fund.v1 import purchase_types_pb2 as purchases

from services.chassis.database import Database
from services.notify.app import bank_holidays
from services.notify.channels.in_app import InApp
from services.notify.domain.deciding import Policy
from services.notify.domain.hours import WorkingCalendar
from services.notify.domain.words import Channel
from tests.notify.house import (
    MANAGER,
    OFFICER,
    REQUESTER,
    House,
    event,
    purchase_event,
    who,
)
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


async def late(house: House, due: datetime, purchase: str = "purchase-1") -> None:
    """Say what the fund says when a decision is late."""
    house.clock.set(due)
    overdue = fund.ApprovalOverdue(purchase_id=purchase, reference="LR-2026-0042")
    overdue.decide_by_time.FromDatetime(due.replace(tzinfo=None))
    await house.take(event(overdue, resource=f"overdue-{purchase}"))


CLOSING = datetime(2026, 11, 5, 17, 0, tzinfo=UTC)


async def test_a_decision_that_nobody_takes_goes_up_the_chain_once_a_step(house: House) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)

    before = [
        len(await at(house, datetime(2026, 11, day, hour, 0, tzinfo=UTC)))
        for day, hour in ((3, 12), (4, 18), (5, 16))
    ]
    await late(house, CLOSING)
    after = [
        len(await at(house, datetime(2026, 11, day, hour, 0, tzinfo=UTC)))
        for day, hour in ((5, 18), (6, 18), (20, 18))
    ]

    assert (before, after) == ([0, 2, 2], [4, 7, 7])
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
    await submit(house, purchases.URGENCY_SAME_DAY)
    await late(house, datetime(2026, 11, 2, 17, 0, tzinfo=UTC))
    await house.take(purchase_event(kind, sequence=2))

    assert await at(house, datetime(2026, 12, 1, 12, 0, tzinfo=UTC)) == []


async def test_a_late_word_of_what_was_decided_tells_nobody(house: House) -> None:
    await submit(house, purchases.URGENCY_SAME_DAY)
    await house.take(purchase_event(fund.PurchaseApproved, sequence=2))

    await late(house, CLOSING)

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


async def test_a_late_decision_that_was_queried_waits_for_the_answer(house: House) -> None:
    await submit(house, purchases.URGENCY_SAME_DAY)
    await house.take(purchase_event(fund.PurchaseQueried, sequence=2))
    await late(house, datetime(2026, 11, 2, 17, 0, tzinfo=UTC))

    waiting = await at(house, datetime(2026, 11, 3, 9, 0, tzinfo=UTC))
    await house.take(purchase_event(fund.PurchaseAnswered, sequence=3, actor="p-1"))
    answered = await at(house, datetime(2026, 11, 3, 9, 1, tzinfo=UTC))

    assert waiting == []
    assert ("decision_overdue", "f-1") in answered


async def test_a_change_after_approval_begins_the_chain_anew(house: House) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)
    await house.take(purchase_event(fund.PurchaseApproved, sequence=2))
    house.clock.set(datetime(2026, 11, 9, 9, 30, tzinfo=UTC))
    await house.take(purchase_event(fund.PurchaseAmended, sequence=3, actor="p-1"))

    assert await at(house, datetime(2026, 11, 11, 18, 0, tzinfo=UTC)) == [
        ("decision_due", "d-1"),
        ("decision_due", "f-1"),
    ]


async def test_weekends_and_bank_holidays_do_not_count(house: House) -> None:
    house.clock.set(datetime(2026, 12, 23, 9, 30, tzinfo=UTC))
    await submit(house, purchases.URGENCY_THREE_DAYS)

    assert await at(house, datetime(2026, 12, 29, 16, 0, tzinfo=UTC)) == []
    assert len(await at(house, datetime(2026, 12, 29, 17, 0, tzinfo=UTC))) == 2


async def test_looking_twice_tells_once(house: House) -> None:
    await submit(house, purchases.URGENCY_THREE_DAYS)
    moment = datetime(2026, 11, 4, 18, 0, tzinfo=UTC)

    first = await at(house, moment)
    second = await at(house, moment)

    assert len(first) == 2
    assert first == second


async def test_a_source_that_ends_presses_its_managers_until_it_is_handed_back(
    house: House,
) -> None:
    for sequence, days in ((1, 90), (2, 30)):
        expiring = money.SourceExpiring(source_id="source-1", days_before=days)
        expiring.spend_by_date.year, expiring.spend_by_date.month = 2027, 3
        expiring.spend_by_date.day = 31
        await house.take(event(expiring, resource="source-1", sequence=sequence))

    first = await at(house, datetime(2027, 3, 16, 18, 0, tzinfo=UTC))
    returned = money.SourceReturned(source_id="source-1")
    await house.take(event(returned, resource="source-1", sequence=3))
    last = await at(house, datetime(2027, 3, 31, 18, 0, tzinfo=UTC))

    assert first == [("source_expiring", "m-1")]
    assert last == first
