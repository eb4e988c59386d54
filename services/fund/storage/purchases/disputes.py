"""Invoices above their order, how each was resolved, and the numbers of suppliers' papers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.amounts import name_key
from services.fund.domain.disputes import InvoiceState, Resolution, Resolved
from services.fund.domain.lines import VatRecovery
from services.fund.domain.purchase import Purchase
from services.fund.errors import InvoiceAlreadyRecorded
from services.fund.errors.disputes import InvoiceNotFound
from services.fund.storage.purchases.papers import CreditNote, Invoice, invoices_of
from services.fund.storage.tables.disputes import (
    dispute_credits,
    dispute_ends,
    disputed_invoices,
    paper_numbers,
)

INVOICE, CREDIT_NOTE = "invoice", "credit_note"


def number_known(work: UnitOfWork, purchase: Purchase, kind: str, number: str) -> str:
    """Return the purchase that the supplier's number was used for; empty when it is new."""
    columns = paper_numbers.c
    query = select(columns.purchase_id).where(
        columns.tenant == purchase.tenant,
        columns.supplier_id == purchase.supplier_id,
        columns.kind == kind,
        columns.number_key == name_key(number),
    )
    return work.connection.execute(query).scalar_one_or_none() or ""


def check_invoice_number(work: UnitOfWork, purchase: Purchase, number: str) -> None:
    """Check that the supplier's invoice number is new in the authority.

    Raises:
        InvoiceAlreadyRecorded: It was recorded before (ALREADY_EXISTS).
    """
    known = number_known(work, purchase, INVOICE, number)
    if known:
        raise InvoiceAlreadyRecorded(
            f"invoice {number} of this supplier has been recorded",
            field="invoice_number",
            invoice_number=number,
            purchase_id=known,
        )


def take_number(work: UnitOfWork, purchase: Purchase, kind: str, number: str) -> None:
    """Use a supplier's number up; the table refuses a second time."""
    work.connection.execute(
        insert(paper_numbers).values(
            tenant=purchase.tenant,
            supplier_id=purchase.supplier_id,
            kind=kind,
            number_key=name_key(number),
            purchase_id=purchase.id,
        )
    )


def add_dispute(work: UnitOfWork, purchase: Purchase, invoice: Invoice, *, live: int) -> None:
    """Insert an invoice above what is received and on order, in pence."""
    work.connection.execute(
        insert(disputed_invoices).values(
            id=invoice.id,
            tenant=purchase.tenant,
            purchase_id=purchase.id,
            number=invoice.number,
            net=invoice.net,
            vat=invoice.vat,
            recovery=invoice.recovery,
            cost=invoice.cost,
            live=live,
            invoice_on=invoice.invoice_on,
            recorded_by=work.caller.subject,
            created_at=invoice.created_at,
        )
    )


def disputed(connection: Connection, purchase: Purchase, invoice_id: str) -> Invoice:
    """Return an invoice that is, or was, in dispute.

    Raises:
        InvoiceNotFound: The purchase has no such invoice (NOT_FOUND).
    """
    found = [each for each in disputes_of(connection, purchase.id) if each.id == invoice_id]
    if not found:
        raise InvoiceNotFound("the purchase has no such invoice in dispute", invoice_id=invoice_id)
    return found[0]


def disputes_of(connection: Connection, purchase_id: str) -> list[Invoice]:
    """Return the invoices of a purchase that are, or were, in dispute, oldest first.

    Their sums are what credit notes have left of them.
    """
    ends = dispute_ends.c
    query = (
        select(disputed_invoices, ends.outcome)
        .join(dispute_ends, ends.invoice_id == disputed_invoices.c.id, isouter=True)
        .where(disputed_invoices.c.purchase_id == purchase_id)
        .order_by(disputed_invoices.c.created_at, disputed_invoices.c.id)
    )
    taken = _credited(connection, purchase_id)
    found = [_invoice(row) for row in connection.execute(query)]
    return [
        replace(each, net=each.net - net, vat=each.vat - vat)
        for each in found
        for net, vat in (taken.get(each.id, (0, 0)),)
    ]


def _credited(connection: Connection, purchase_id: str) -> dict[str, tuple[int, int]]:
    columns = dispute_credits.c
    query = select(
        columns.invoice_id, func.sum(columns.net).label("net"), func.sum(columns.vat).label("vat")
    ).where(columns.purchase_id == purchase_id)
    rows = connection.execute(query.group_by(columns.invoice_id))
    return {row.invoice_id: (int(row.net), int(row.vat)) for row in rows}


def open_disputes(connection: Connection, purchase_id: str) -> list[str]:
    """Return the ids of the invoices that wait to be resolved."""
    found = disputes_of(connection, purchase_id)
    return [each.id for each in found if each.state is InvoiceState.DISPUTED]


def add_credit(work: UnitOfWork, purchase: Purchase, invoice: Invoice, note: CreditNote) -> None:
    """Insert a credit note for a part of an invoice in dispute."""
    work.connection.execute(
        insert(dispute_credits).values(
            id=note.id,
            tenant=purchase.tenant,
            purchase_id=purchase.id,
            invoice_id=invoice.id,
            number=note.number,
            net=note.net,
            vat=note.vat,
            cost=note.cost,
            credit_on=note.credit_on,
            recorded_by=work.caller.subject,
            created_at=work.at,
        )
    )


def end_dispute(work: UnitOfWork, purchase: Purchase, resolved: Resolved, *, reason: str) -> None:
    """Insert how a dispute ended; only one that is credited has a credit note's number."""
    credited = resolved.resolution is Resolution.CREDITED
    work.connection.execute(
        insert(dispute_ends).values(
            invoice_id=resolved.invoice_id,
            tenant=purchase.tenant,
            purchase_id=purchase.id,
            outcome=resolved.resolution,
            credit_note_number=resolved.credit_note_number if credited else "",
            reason=reason,
            decided_by=work.caller.subject,
            decided_at=work.at,
        )
    )


def papers_of(connection: Connection, purchase_id: str) -> tuple[Invoice, ...]:
    """Return the invoices of a purchase, charged or not, oldest first."""
    others = [
        each
        for each in disputes_of(connection, purchase_id)
        if each.state is not InvoiceState.CHARGED
    ]
    charged = invoices_of(connection, purchase_id)
    return tuple(sorted((*charged, *others), key=lambda each: (each.created_at, each.id)))


def _invoice(row: Any) -> Invoice:
    invoice = Invoice(
        id=row.id,
        number=row.number,
        net=row.net,
        vat=row.vat,
        recovery=VatRecovery(row.recovery),
        invoice_on=row.invoice_on,
        created_at=row.created_at,
        recorded_by=row.recorded_by,
        state=InvoiceState.DISPUTED,
    )
    match row.outcome:
        case Resolution.ACCEPTED:
            return replace(invoice, state=InvoiceState.CHARGED)
        case None:
            return invoice
        case outcome:
            return replace(invoice, state=InvoiceState(outcome))
