"""Ordering, receiving and finishing: what happens to an approved purchase besides its papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.fund.commands import accruing
from services.fund.commands.steps import Target, day_of, fact_of, load, record
from services.fund.domain import steps
from services.fund.domain.disputes import check_none_open
from services.fund.domain.purchase import Action
from services.fund.queries.views import PurchaseView
from services.fund.storage import purchases
from services.fund.storage.series import next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came: pence (None: all that is on order) on a day (None: today)."""

    amount: int | None
    on: date | None


def order(work: UnitOfWork, target: Target, order_number: str) -> PurchaseView:
    """Record that the order went out; no number: the authority's next, in a series without gaps.

    Raises:
        ServiceError: As `steps.load`; WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.order")
    steps.plain(purchase, Action.ORDERED)
    number = order_number or f"PO-{next_number(work, 'order'):06d}"
    step = steps.plain(purchase, Action.ORDERED, order_number=number)
    return record(work, step, fact=fact_of(work, target, step))


def deliver(work: UnitOfWork, target: Target, came: Delivered) -> PurchaseView:
    """Record goods or a service received.

    Raises:
        ServiceError: As `steps.load`; DateOutOfRange (INVALID_ARGUMENT); WrongState,
            DeliveryAboveCommitment (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.deliver")
    on = day_of(work, purchase, came.on, "delivered_date")
    step = steps.deliver(purchase, came.amount, on)
    delivery_id = new_id()
    purchases.add_delivery(work, purchase, delivery_id=delivery_id, on=on, pence=step.amount)
    details = {
        "delivery_id": delivery_id,
        "delivered_date": date_to_proto(on),
        "amount_minor": step.amount,
        "complete": step.after.money.committed == 0,
    }
    fact = fact_of(work, target, step, effective_on=on)
    return record(work, step, fact=fact, details=details)


def close(work: UnitOfWork, target: Target) -> PurchaseView:
    """Finish a purchase; what is still on order, or was accrued and never came, goes back.

    Raises:
        ServiceError: As `steps.load`; WrongState, ReceivedNotInvoiced, InvoiceInDispute
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.close")
    step = steps.close(purchase)
    check_none_open(purchases.open_disputes(work.connection, purchase.id))
    step, released = accruing.released(work, step)
    details = {"accrual_released_minor": released}
    return record(work, step, fact=fact_of(work, target, step), details=details)


def cancel(work: UnitOfWork, target: Target) -> PurchaseView:
    """Give an approved purchase up.

    Raises:
        ServiceError: As `steps.load`; WrongState, MoneyAlreadyUsed, InvoiceInDispute
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.cancel")
    step = steps.cancel(purchase)
    check_none_open(purchases.open_disputes(work.connection, purchase.id))
    return record(work, step, fact=fact_of(work, target, step))
