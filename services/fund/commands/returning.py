"""Credit notes, refunds and vouchers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import booking, invoicing, prior_year, reclaiming
from services.fund.commands.steps import Target, day_of, fact_of, load, record
from services.fund.domain import returning, steps
from services.fund.domain.apportionment import Share
from services.fund.domain.disputes import Resolution, Resolved, check_resolving, left_after
from services.fund.domain.figures import Bucket, Figures
from services.fund.domain.ledger import (
    TAX_CONTROL,
    TAX_RECOVERABLE,
    Entry,
    Kind,
    pot_account,
    source_account,
    transfer,
)
from services.fund.domain.lines import VatRecovery, cost_to_fund
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.returning import Voucher
from services.fund.domain.steps import Step
from services.fund.errors import DateOutOfRange
from services.fund.queries.views import PurchaseView
from services.fund.storage import book, pots, source_changes
from services.fund.storage import returning as storage
from services.fund.storage.purchases import CreditNote, disputes


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """A credit note, amounts in pence; no date: today.

    Attributes:
        invoice_id: The invoice in dispute that it is for; empty: it is for what was charged.
    """

    number: str
    net: int
    vat: int
    recovery: VatRecovery
    on: date | None
    invoice_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """Money that came back, in pence; no date: today."""

    reference: str
    amount: int
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVoucher:
    """A voucher to hand out, in pence."""

    number: str
    amount: int
    expires_on: date


def credit(work: UnitOfWork, target: Target, paper: Credited) -> PurchaseView:
    """Record a credit note; what closed years were charged stays there until the money comes.

    Raises:
        ServiceError: As `steps.load`; DateOutOfRange, VatNotClaimedBack, VatDoesNotAddUp
            (INVALID_ARGUMENT); InvoiceNotFound (NOT_FOUND); CreditNoteAlreadyRecorded
            (ALREADY_EXISTS); WrongState, InvoiceNotInDispute, CreditAboveInvoiced
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.credit")
    on = day_of(work, purchase, paper.on, "credit_date")
    storage.check_credit_number(work, purchase, paper.number)
    if paper.invoice_id:
        return _credit_in_dispute(work, target, purchase, replace(paper, on=on))
    reclaiming.check(work, purchase, paper.recovery, paper.vat)
    cost = cost_to_fund(paper.net, paper.vat, paper.recovery)
    step, prior = returning.credit(purchase, cost, prior_year.spent(work, purchase))
    note = CreditNote(
        id=new_id(),
        number=paper.number,
        net=paper.net,
        vat=paper.vat,
        recovery=paper.recovery,
        credit_on=on,
        prior_year=prior,
    )
    disputes.take_number(work, purchase, disputes.CREDIT_NOTE, note.number)
    storage.add_credit_note(work, purchase, note)
    if note.recovery is VatRecovery.YES and note.vat:
        tax = transfer(TAX_RECOVERABLE, TAX_CONTROL, note.vat)
        booking.write(work, Kind.RECOVER_TAX, tax, owner=purchase.id)
    details = {
        "credit_note_id": note.id,
        "amount_minor": step.amount,
        "prior_year_minor": prior,
    }
    return record(work, step, fact=fact_of(work, target, step), details=details)


def _credit_in_dispute(
    work: UnitOfWork, target: Target, purchase: Purchase, paper: Credited
) -> PurchaseView:
    """Take a part of an invoice in dispute back: less is charged when it is accepted."""
    found = disputes.disputed(work.connection, purchase, paper.invoice_id)
    resolved = Resolved(
        invoice_id=found.id,
        resolution=Resolution.CREDITED,
        credit_note_number=paper.number,
    )
    check_resolving(found.id, found.state, resolved)
    left = left_after(purchase, (found.net, found.vat), (paper.net, paper.vat))
    if not any(left):
        return invoicing.take_back(work, target, purchase, found=found, resolved=resolved)
    note = CreditNote(
        id=new_id(),
        number=paper.number,
        net=paper.net,
        vat=paper.vat,
        recovery=found.recovery,
        credit_on=paper.on or london_date(work.at),
    )
    step = replace(steps.plain(purchase, Action.CREDITED), amount=note.cost)
    disputes.take_number(work, purchase, disputes.CREDIT_NOTE, note.number)
    disputes.add_credit(work, purchase, found, note)
    details = {"credit_note_id": note.id, "amount_minor": note.cost, "invoice_id": found.id}
    return record(work, step, fact=fact_of(work, target, step), details=details)


def refund(work: UnitOfWork, target: Target, came: Refunded) -> PurchaseView:
    """Record money that came back: to the pots it is due to, or their sources after their year.

    Raises:
        ServiceError: As `steps.load`; DateOutOfRange (INVALID_ARGUMENT);
            RefundAlreadyRecorded (ALREADY_EXISTS); WrongState, RefundAboveCredit
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.refund")
    on = day_of(work, purchase, came.on, "received_date")
    storage.check_refund_reference(work, came.reference)
    kept = storage.Refund(id=new_id(), reference=came.reference, amount=came.amount, received_on=on)
    if prior_year.applies(work, purchase):
        storage.add_refund(work, purchase, kept)
        return prior_year.refund(work, target, purchase, refund_id=kept.id, pence=came.amount)
    owed = [share.pot_id for share in purchase.shares if share.figures.refund_due]
    late = pots.outside(work.connection, owed, london_date(work.at))
    step = returning.refund(purchase, came.amount, late=late)
    storage.add_refund(work, purchase, kept)
    parts = _of_late(step, late)
    details = {"refund_id": kept.id, "amount_minor": step.amount, "to_source": bool(parts)}
    seen = record(work, step, fact=fact_of(work, target, step), details=details)
    if parts:
        _to_sources(work, step, parts)
    return seen


def _of_late(step: Step, late: Collection[str]) -> list[tuple[Share, int]]:
    """Return the shares of years that are over, with the pence that came back for each."""
    return [
        (new, old.figures.refund_due - new.figures.refund_due)
        for old, new in zip(step.before.shares, step.after.shares, strict=True)
        if old.figures.refund_due != new.figures.refund_due and new.pot_id in late
    ]


def _to_sources(work: UnitOfWork, step: Step, parts: list[tuple[Share, int]]) -> None:
    """Take what came back out of the pots of a year that is over, into their sources."""
    entries: list[Entry] = []
    for share, pence in parts:
        account = pot_account(share.pot_id, Bucket.REFUND_DUE)
        entries.append(Entry(account, -pence, share.pot_id, share.source_id))
        unallocated = source_account(share.source_id, "unallocated")
        entries.append(Entry(unallocated, pence, source_id=share.source_id))
        source_changes.shift(work, share.source_id, unallocated=pence, allocated=-pence)
    booking.write(work, Kind.REFUND, tuple(entries), owner=step.after.id)
    for share, pence in parts:
        book.change(work, share.pot_id, Figures(refund_due=-pence))


def issue(work: UnitOfWork, target: Target, new: NewVoucher) -> Voucher:
    """Hand out a voucher for committed money.

    Raises:
        ServiceError: As `steps.load`; DateOutOfRange (INVALID_ARGUMENT); WrongState,
            VoucherAboveCommitment (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.voucher")
    if new.expires_on < london_date(work.at):
        raise DateOutOfRange(
            f"expiry_date: {new.expires_on} is past",
            field="expiry_date",
            date=new.expires_on.isoformat(),
        )
    step = returning.issue(purchase, new.amount)
    voucher = Voucher(
        id=new_id(),
        tenant=work.tenant,
        purchase_id=purchase.id,
        number=new.number,
        amount=new.amount,
        expires_on=new.expires_on,
    )
    storage.add_voucher(work, voucher)
    _record(work, target, step, voucher)
    return voucher


def redeem(work: UnitOfWork, target: Target, voucher_id: str, pence: int) -> Voucher:
    """Charge what was redeemed of a voucher.

    Raises:
        ServiceError: As `steps.load`; VoucherNotFound (NOT_FOUND); WrongState, VoucherEnded,
            VoucherOverdrawn (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.voucher")
    found = storage.voucher(work.connection, purchase, voucher_id)
    step = returning.redeem(purchase, found, pence, today=london_date(work.at))
    after = replace(found, redeemed=found.redeemed + pence)
    storage.save_voucher(work, found, after)
    _record(work, target, step, after)
    return after


def _record(work: UnitOfWork, target: Target, step: Step, voucher: Voucher) -> None:
    details = {"voucher_id": voucher.id, "amount_minor": step.amount}
    record(work, step, fact=fact_of(work, target, step), details=details)
