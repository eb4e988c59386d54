"""When what begins to wait is due, and whose it is, as the fund's event says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.chassis.wire import timestamp_from_proto
from services.notify.domain.hours import CLOSING_TIME, WorkingCalendar, local_moment
from services.notify.rules.matters import ANSWER_DAYS, DECISION_DAYS

_LAST_CALL_DAYS = 30
"""The fund tells of a source's end 90 and 30 days before; people are pressed from the second."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What begins to wait.

    Attributes:
        resource: What it is.
        due: Until when it may wait.
        reference: Its number for people, where it has one.
        requester: Who asked for it, where somebody did.
    """

    ladder: str
    resource: str
    due: datetime
    link: str
    reference: str = ""
    requester: str = ""


def begins(ladder: str, message: Any, now: datetime, calendar: WorkingCalendar) -> Beginning | None:
    """Return what an event begins on a ladder; None when it is too early to press anybody."""
    match ladder:
        case "decision" | "answer":
            return _of_a_purchase(ladder, message.purchase, now, calendar)
        case "overdue":
            return Beginning(
                ladder,
                message.purchase_id,
                timestamp_from_proto(message.decide_by_time),
                f"/purchases/{message.purchase_id}",
                message.reference,
            )
        case _:
            return _of_a_source(ladder, message)


def _of_a_purchase(
    ladder: str, purchase: Any, now: datetime, calendar: WorkingCalendar
) -> Beginning:
    days = ANSWER_DAYS if ladder == "answer" else DECISION_DAYS.get(purchase.urgency, 3)
    return Beginning(
        ladder,
        purchase.purchase_id,
        calendar.end_of_day(now, days),
        f"/purchases/{purchase.purchase_id}",
        purchase.reference,
        purchase.requester_id,
    )


def _of_a_source(ladder: str, message: Any) -> Beginning | None:
    if message.days_before > _LAST_CALL_DAYS:
        return None
    last = message.spend_by_date
    due = local_moment(date(last.year, last.month, last.day), CLOSING_TIME)
    return Beginning(ladder, message.source_id, due, f"/sources/{message.source_id}")
