"""What year end charged for goods whose invoice came to less: it goes back when they are finished.

Where the year still takes postings, its pots take it back; a closed year keeps what it charged,
and the money goes to its sources as new money.
"""

from __future__ import annotations

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import prior_year
from services.fund.domain import returning
from services.fund.domain.steps import Step
from services.fund.storage import accruals, closing


def released(work: UnitOfWork, step: Step) -> tuple[Step, int]:
    """Return the closing of a purchase with what was accrued too much, and its pence.

    Raises:
        PeriodClosed: Today's year is closed too (FAILED_PRECONDITION).
    """
    purchase = step.before
    left = closing.accrued(work.connection, purchase.id)
    if not left:
        return step, 0
    charged = accruals.pots_of(work.connection, purchase)
    shut = closing.closed(work.connection, charged)
    step, here = returning.release_accrual(step, left, charged - shut)
    if here:
        accruals.release(work, purchase.id, here)
    there = min(left - here, accruals.not_come_back(work.connection, purchase, shut))
    if there:
        prior_year.give_back(work, purchase, there)
        accruals.release_to_sources(work, purchase.id, there)
    return step, here + there
