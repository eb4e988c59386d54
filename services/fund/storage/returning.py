"""Credit notes, refunds and vouchers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.amounts import name_key
from services.fund.domain.purchase import Purchase
from services.fund.domain.returning import Voucher
from services.fund.errors import StaleEtag
from services.fund.errors.approvals import (
    CreditNoteAlreadyRecorded,
    RefundAlreadyRecorded,
    VoucherNotFound,
)
from services.fund.storage.paging import Cut
from services.fund.storage.purchases.disputes import CREDIT_NOTE, number_known
from services.fund.storage.purchases.papers import CreditNote
from services.fund.storage.tables.returning import credit_notes, refunds, vouchers


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that came back; in pence."""

    id: str
    reference: str
    amount: int
    received_on: date


def check_credit_number(work: UnitOfWork, purchase: Purchase, number: str) -> None:
    """Check that the supplier's number is new in the authority.

    Raises:
        CreditNoteAlreadyRecorded: It was recorded before (ALREADY_EXISTS).
    """
    if number_known(work, purchase, CREDIT_NOTE, number):
        raise CreditNoteAlreadyRecorded(
            f"credit note {number} of this supplier has been recorded",
            field="credit_note_number",
            credit_note_number=number,
        )


def add_credit_note(work: UnitOfWork, purchase: Purchase, note: CreditNote) -> None:
    """Insert a credit note."""
    work.connection.execute(
        insert(credit_notes).values(
            id=note.id,
            tenant=purchase.tenant,
            purchase_id=purchase.id,
            supplier_id=purchase.supplier_id,
            number=note.number,
            number_key=name_key(note.number),
            net=note.net,
            vat=note.vat,
            recovery=note.recovery,
            cost=note.cost,
            prior_year=note.prior_year,
            credit_on=note.credit_on,
            recorded_by=work.caller.subject,
            created_at=work.at,
        )
    )


def credited_for_closed_years(connection: Connection, purchase_id: str) -> int:
    """Return the pence that credit notes give back of what closed years were charged."""
    query = select(func.coalesce(func.sum(credit_notes.c.prior_year), 0)).where(
        credit_notes.c.purchase_id == purchase_id
    )
    return int(connection.execute(query).scalar_one())


def check_refund_reference(work: UnitOfWork, reference: str) -> None:
    """Check that the bank's reference is new in the authority.

    Raises:
        RefundAlreadyRecorded: It was recorded before (ALREADY_EXISTS).
    """
    query = select(refunds.c.id).where(
        refunds.c.tenant == work.tenant, refunds.c.reference_key == name_key(reference)
    )
    if work.connection.execute(query).first() is not None:
        raise RefundAlreadyRecorded(
            f"refund {reference} has been recorded", field="reference", reference=reference
        )


def add_refund(work: UnitOfWork, purchase: Purchase, refund: Refund) -> None:
    """Insert a refund."""
    work.connection.execute(
        insert(refunds).values(
            id=refund.id,
            tenant=purchase.tenant,
            purchase_id=purchase.id,
            reference=refund.reference,
            reference_key=name_key(refund.reference),
            amount=refund.amount,
            received_on=refund.received_on,
            recorded_by=work.caller.subject,
            created_at=work.at,
        )
    )


def add_voucher(work: UnitOfWork, voucher: Voucher) -> None:
    """Insert a voucher."""
    work.connection.execute(
        insert(vouchers).values(
            id=voucher.id,
            tenant=voucher.tenant,
            purchase_id=voucher.purchase_id,
            number=voucher.number,
            amount=voucher.amount,
            redeemed=0,
            expires_on=voucher.expires_on,
            issued_by=work.caller.subject,
            created_at=work.at,
        )
    )


def voucher(connection: Connection, purchase: Purchase, voucher_id: str) -> Voucher:
    """Return a voucher of a purchase.

    Raises:
        VoucherNotFound: It has no such voucher (NOT_FOUND).
    """
    row = connection.execute(
        select(vouchers).where(vouchers.c.purchase_id == purchase.id, vouchers.c.id == voucher_id)
    ).one_or_none()
    if row is None:
        raise VoucherNotFound("the purchase has no such voucher", voucher_id=voucher_id)
    return _voucher(row)


def save_voucher(work: UnitOfWork, before: Voucher, after: Voucher) -> None:
    """Write what was redeemed of a voucher, or that it lapsed.

    Raises:
        StaleEtag: Somebody changed it since it was read (ABORTED).
    """
    written = work.connection.execute(
        update(vouchers)
        .where(vouchers.c.id == before.id, vouchers.c.redeemed == before.redeemed)
        .where(vouchers.c.lapsed_at.is_(None))
        .values(redeemed=after.redeemed, lapsed_at=after.lapsed_at)
    )
    if written.rowcount != 1:
        raise StaleEtag("the voucher has changed; read it again", etag=str(before.redeemed))


def vouchers_page(connection: Connection, purchase_id: str, cut: Cut) -> list[Voucher]:
    """Return a page of a purchase's vouchers, oldest first."""
    query = select(vouchers).where(vouchers.c.purchase_id == purchase_id, vouchers.c.id > cut.after)
    return [
        _voucher(row) for row in connection.execute(query.order_by(vouchers.c.id).limit(cut.size))
    ]


def ended_vouchers(connection: Connection, today: date, size: int) -> list[Voucher]:
    """Return vouchers whose last day has passed and that have not lapsed, oldest first."""
    query = select(vouchers).where(
        vouchers.c.expires_on < today,
        vouchers.c.lapsed_at.is_(None),
        vouchers.c.redeemed < vouchers.c.amount,
    )
    return [_voucher(row) for row in connection.execute(query.order_by(vouchers.c.id).limit(size))]


def _voucher(row: Any) -> Voucher:
    return Voucher(
        id=row.id,
        tenant=row.tenant,
        purchase_id=row.purchase_id,
        number=row.number,
        amount=row.amount,
        expires_on=row.expires_on,
        redeemed=row.redeemed,
        lapsed_at=row.lapsed_at,
    )
