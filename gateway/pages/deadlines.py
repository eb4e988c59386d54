"""When a decision is due: working days of England after the request was sent.

Shown beside a request so that an officer sees what comes first; nothing is refused by it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from govuk_bank_holidays.bank_holidays import BankHolidays
from localresponse.fund.v1 import purchase_types_pb2

from gateway.pages.vocabulary import Urgency
from services.chassis.clock import london_date

WORKING_DAYS = {
    Urgency.URGENCY_SAME_DAY: 0,
    Urgency.URGENCY_THREE_DAYS: 3,
    Urgency.URGENCY_TEN_DAYS: 10,
}

# The list that the package brings along; nothing is fetched while a page is made.
_HOLIDAYS = BankHolidays(use_cached_holidays=True)


def decide_by(purchase: purchase_types_pb2.Purchase) -> date:
    """Return the last day on which a decision is in time."""
    sent = purchase.submit_time.ToDatetime(tzinfo=UTC)
    return working_days_after(london_date(sent), WORKING_DAYS.get(purchase.urgency, 10))


def working_days_after(start: date, days: int) -> date:
    """Return the working day so many working days after `start`; 0 is the first from it on."""
    day = start
    while not _works(day):
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
        while not _works(day):
            day += timedelta(days=1)
    return day


def is_open(purchase: purchase_types_pb2.Purchase) -> bool:
    """Whether a decision is still to be made, so that its day matters."""
    return purchase.state in {
        purchase_types_pb2.PURCHASE_STATE_SUBMITTED,
        purchase_types_pb2.PURCHASE_STATE_QUERIED,
    }


def is_late(purchase: purchase_types_pb2.Purchase, now: datetime) -> bool:
    """Whether the day has passed; while a question waits for the school, the clock stands."""
    waits = purchase.state == purchase_types_pb2.PURCHASE_STATE_SUBMITTED
    return waits and london_date(now) > decide_by(purchase)


def _works(day: date) -> bool:
    return bool(_HOLIDAYS.is_work_day(day, division=BankHolidays.ENGLAND_AND_WALES))
