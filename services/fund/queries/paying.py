"""How fast suppliers are paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from services.fund.domain.paying import TERM, Due
from services.fund.storage import paying


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts of invoices, their sum in pence, and the mean in hundredths of a day.

    Source: Procurement Act 2023, s. 69; the Procurement Regulations 2024.
    """

    paid: int
    total: int
    mean_hundredths: int
    within_30: int
    within_60: int
    later: int
    waiting: int
    overdue: int


def statistics(
    connection: Connection, tenant: str, period: tuple[date, date], *, today: date
) -> Statistics:
    """Return how fast the invoices of a period were paid, and what waits today."""
    paid = paying.paid_between(connection, tenant, *period)
    unpaid = paying.unpaid(connection, tenant)
    days = [_days(due) for due in paid]
    return Statistics(
        paid=len(days),
        total=sum(due.amount for due in paid),
        mean_hundredths=(100 * sum(days) + len(days) // 2) // len(days) if days else 0,
        within_30=sum(each <= TERM.days for each in days),
        within_60=sum(TERM.days < each <= 2 * TERM.days for each in days),
        later=sum(each > 2 * TERM.days for each in days),
        waiting=len(unpaid),
        overdue=sum(due.due_on < today for due in unpaid),
    )


def _days(due: Due) -> int:
    assert due.paid_on is not None, "only what was paid is asked for"
    return max(0, (due.paid_on - due.received_on).days)
