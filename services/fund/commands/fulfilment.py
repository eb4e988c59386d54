"""Ordering, receiving, paying and finishing: all that happens to an approved purchase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.chassis.clock import london_date
from services.chassis.errors import FailedPrecondition
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.fund.commands import booking, changing, reclaiming
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.domain import steps
from services.fund.domain.ledger import TAX_CONTROL, TAX_RECOVERABLE, Kind, transfer
from services.fund.domain.lines import VatRecovery, check_vat
from services.fund.domain.purchase import Action, Purchase
from services.fund.queries.views import PurchaseView
from services.fund.storage import closing, purchases
from services.fund.storage.series import next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came: pence (None: all that is on order) on a day (None: today)."""

    amount: int | None
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoiced:
    """An invoice, amounts in pence; no date: today."""

    number: str
    net: int
    vat: int
    recovery: VatRecovery
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
    on = _day(work, purchase, came.on, "delivered_date")
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


def invoice(work: UnitOfWork, target: Target, paper: Invoiced) -> PurchaseView:
    """Charge an invoice to the funders; what is within tolerance above the order is added to it.

    Raises:
        ServiceError: As `steps.load`; DateOutOfRange, VatDoesNotAddUp, VatNotClaimedBack
            (INVALID_ARGUMENT); InvoiceAlreadyRecorded (ALREADY_EXISTS); WrongState,
            InvoiceAboveCommitment (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.invoice")
    on = _day(work, purchase, paper.on, "invoice_date")
    recorded = purchases.Invoice(
        id=new_id(),
        number=paper.number,
        net=paper.net,
        vat=paper.vat,
        recovery=paper.recovery,
        invoice_on=on,
        created_at=work.at,
    )
    purchases.check_invoice_number(work, purchase, paper.number)
    check_vat(purchase.lines, net=paper.net, vat=paper.vat)
    reclaiming.check(work, purchase, paper.recovery, paper.vat)
    charged = min(recorded.cost, closing.accrued(work.connection, purchase.id))
    purchase = _raised(work, purchase, recorded.cost - charged)
    step = steps.invoice(purchase, recorded.cost, charged=charged)
    details = {
        "invoice_id": recorded.id,
        "invoice_date": date_to_proto(on),
        "cost_minor": step.amount,
    }
    purchases.add_invoice(work, purchase, recorded)
    if charged:
        closing.settle(work, purchase.id, charged, invoice_id=recorded.id)
    _book_tax(work, purchase, recorded)
    return record(work, step, fact=fact_of(work, target, step), details=details)


def close(work: UnitOfWork, target: Target) -> PurchaseView:
    """Finish a purchase; what is still on order goes back.

    Raises:
        ServiceError: As `steps.load`; WrongState, ReceivedNotInvoiced (FAILED_PRECONDITION).
    """
    step = steps.close(load(work, target, "purchase.close"))
    return record(work, step, fact=fact_of(work, target, step))


def cancel(work: UnitOfWork, target: Target) -> PurchaseView:
    """Give an approved purchase up.

    Raises:
        ServiceError: As `steps.load`; WrongState, MoneyAlreadyUsed (FAILED_PRECONDITION).
    """
    step = steps.cancel(load(work, target, "purchase.cancel"))
    return record(work, step, fact=fact_of(work, target, step))


def _raised(work: UnitOfWork, purchase: Purchase, cost: int) -> Purchase:
    """Return the purchase with so much more on order as an invoice needs, if that is tolerated."""
    more = cost - purchase.money.received - purchase.money.committed
    if more <= 0 or not changing.tolerated(work, purchase, more):
        return purchase
    target = Target(purchase.id, "", "an invoice above the order, within tolerance")
    try:
        changing.uplift(work, target, changing.Uplift(more))
    except FailedPrecondition:
        # Nothing was written: the pots cannot give it, so the invoice is above the order.
        return purchase
    return purchases.get(work.connection, work.tenant, purchase.id, lock=True)


def _book_tax(work: UnitOfWork, purchase: Purchase, paper: purchases.Invoice) -> None:
    """Book VAT that comes back outside the pots: it is no cost to any funder."""
    if paper.recovery is VatRecovery.YES and paper.vat:
        tax = transfer(TAX_CONTROL, TAX_RECOVERABLE, paper.vat)
        booking.write(work, Kind.RECOVER_TAX, tax, owner=purchase.id)


def _day(work: UnitOfWork, purchase: Purchase, given: date | None, field: str) -> date:
    today = london_date(work.at)
    first = london_date(purchase.submitted_at)
    return steps.check_day(given or today, today=today, not_before=first, field=field)
