"""Recording invoices: charged to the funders, or kept in dispute when above the order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from services.chassis.errors import FailedPrecondition
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.chassis.wire import date_to_proto
from services.fund.commands import booking, reclaiming, uplifting
from services.fund.commands.steps import Target, day_of, fact_of, load, record
from services.fund.domain import steps
from services.fund.domain.disputes import InvoiceState, Resolution, Resolved, check_resolving
from services.fund.domain.ledger import TAX_CONTROL, TAX_RECOVERABLE, Kind, transfer
from services.fund.domain.lines import VatRecovery, check_vat
from services.fund.domain.purchase import Action, Purchase
from services.fund.errors import InvoiceAboveCommitment
from services.fund.queries.views import PurchaseView
from services.fund.storage import closing, purchases
from services.fund.storage.purchases import disputes
from services.fund.storage.returning import check_credit_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoiced:
    """An invoice, amounts in pence; no date: today."""

    number: str
    net: int
    vat: int
    recovery: VatRecovery
    on: date | None


def invoice(work: UnitOfWork, target: Target, paper: Invoiced) -> PurchaseView:
    """Charge an invoice to the funders; what is within tolerance above the order is added to it.

    One that is above the order is kept in dispute, and nothing is posted.

    Raises:
        ServiceError: As `steps.load`; DateOutOfRange, VatDoesNotAddUp, VatNotClaimedBack
            (INVALID_ARGUMENT); InvoiceAlreadyRecorded (ALREADY_EXISTS); WrongState
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.invoice")
    recorded = purchases.Invoice(
        id=new_id(),
        number=paper.number,
        net=paper.net,
        vat=paper.vat,
        recovery=paper.recovery,
        invoice_on=day_of(work, purchase, paper.on, "invoice_date"),
        created_at=work.at,
        recorded_by=work.caller.subject,
    )
    purchases.check_invoice_number(work, purchase, paper.number)
    check_vat(purchase.lines, net=paper.net, vat=paper.vat)
    reclaiming.check(work, purchase, paper.recovery, paper.vat)
    steps.plain(purchase, Action.INVOICED)
    try:
        seen = _charge(work, target, purchase, recorded)
    except InvoiceAboveCommitment:
        # Nothing was written: the order is not raised for an invoice so far above it.
        seen = _dispute(work, target, purchase, recorded)
    disputes.take_number(work, purchase, disputes.INVOICE, paper.number)
    return seen


def resolve(work: UnitOfWork, target: Target, resolved: Resolved) -> PurchaseView:
    """End a dispute: accept and charge the invoice, send it back, or take its credit note.

    Raises:
        ServiceError: As `steps.load`; CreditNoteNumberMissing (INVALID_ARGUMENT);
            InvoiceNotFound (NOT_FOUND); CreditNoteAlreadyRecorded (ALREADY_EXISTS);
            InvoiceNotInDispute, WrongState, InvoiceAboveCommitment (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.invoice")
    found = disputes.disputed(work.connection, purchase, resolved.invoice_id)
    check_resolving(found.id, found.state, resolved)
    if resolved.resolution is Resolution.ACCEPTED:
        disputes.end_dispute(work, purchase, resolved, reason=target.reason)
        return _charge(work, target, purchase, replace(found, state=InvoiceState.CHARGED))
    return take_back(work, target, purchase, found=found, resolved=resolved)


def take_back(
    work: UnitOfWork,
    target: Target,
    purchase: Purchase,
    *,
    found: purchases.Invoice,
    resolved: Resolved,
) -> PurchaseView:
    """End a dispute without a charge: the invoice went back, or a credit note took all of it.

    Raises:
        CreditNoteAlreadyRecorded: The credit note's number is used (ALREADY_EXISTS).
        WrongState: It may not happen where the purchase stands (FAILED_PRECONDITION).
    """
    step = replace(steps.plain(purchase, Action.RETURNED), amount=found.cost)
    credited = resolved.resolution is Resolution.CREDITED
    if credited:
        number = resolved.credit_note_number
        check_credit_number(work, purchase, number)
        disputes.take_number(work, purchase, disputes.CREDIT_NOTE, number)
    disputes.end_dispute(work, purchase, resolved, reason=target.reason)
    details = {"invoice_id": found.id, "cost_minor": found.cost, "credited": credited}
    return record(work, step, fact=fact_of(work, target, step), details=details)


def _charge(
    work: UnitOfWork, target: Target, purchase: Purchase, paper: purchases.Invoice
) -> PurchaseView:
    charged = min(paper.cost, closing.accrued(work.connection, purchase.id))
    purchase = _raised(work, purchase, paper.cost - charged)
    step = steps.invoice(purchase, paper.cost, charged=charged)
    details = {
        "invoice_id": paper.id,
        "invoice_date": date_to_proto(paper.invoice_on),
        "cost_minor": step.amount,
    }
    purchases.add_invoice(work, purchase, paper)
    if charged:
        closing.settle(work, purchase.id, charged, invoice_id=paper.id)
    _book_tax(work, purchase, paper)
    return record(work, step, fact=fact_of(work, target, step), details=details)


def _dispute(
    work: UnitOfWork, target: Target, purchase: Purchase, paper: purchases.Invoice
) -> PurchaseView:
    accrued = closing.accrued(work.connection, purchase.id)
    live = accrued + purchase.money.received + purchase.money.committed
    disputes.add_dispute(work, purchase, paper, live=live)
    step = replace(steps.plain(purchase, Action.DISPUTED), amount=paper.cost)
    details = {"invoice_id": paper.id, "cost_minor": paper.cost, "live_minor": live}
    return record(work, step, fact=fact_of(work, target, step), details=details)


def _raised(work: UnitOfWork, purchase: Purchase, cost: int) -> Purchase:
    """Return the purchase with so much more on order as an invoice needs, if that is tolerated."""
    more = cost - purchase.money.received - purchase.money.committed
    if more <= 0 or not uplifting.tolerated(work, purchase, more):
        return purchase
    target = Target(purchase.id, "", "an invoice above the order, within tolerance")
    try:
        uplifting.uplift(work, target, uplifting.Uplift(pence=more))
    except FailedPrecondition:
        # Nothing was written: the pots cannot give it, so the invoice is above the order.
        return purchase
    return purchases.get(work.connection, work.tenant, purchase.id, lock=True)


def _book_tax(work: UnitOfWork, purchase: Purchase, paper: purchases.Invoice) -> None:
    """Book VAT that comes back outside the pots: it is no cost to any funder."""
    if paper.recovery is VatRecovery.YES and paper.vat:
        tax = transfer(TAX_CONTROL, TAX_RECOVERABLE, paper.vat)
        booking.write(work, Kind.RECOVER_TAX, tax, owner=purchase.id)
