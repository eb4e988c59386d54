"""Payment files, payments and what the finance system answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, insert, select, update

from services.chassis.clock import london_date
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.duties import Duties
from services.fund.domain.payee import PayeeChange
from services.fund.domain.paying import Due, FileState, Outcome, Paid, PaymentFile
from services.fund.errors.paying import PaymentFileNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables import invoices, purchases
from services.fund.storage.tables.payees import payee_changes
from services.fund.storage.tables.paying import (
    payment_files,
    payment_lines,
    payments,
    reconciliation_lines,
)

_DUE = (
    invoices.c.id,
    invoices.c.purchase_id,
    invoices.c.supplier_id,
    purchases.c.supplier_name,
    invoices.c.number,
    (invoices.c.net + invoices.c.vat).label("amount"),
    invoices.c.created_at,
    invoices.c.recorded_by,
    payments.c.paid_on,
)


def waiting(connection: Connection, tenant: str) -> list[Due]:
    """Return the invoices that wait for payment and are in no live file, the oldest first."""
    rows = connection.execute(_waiting(tenant).order_by(invoices.c.created_at, invoices.c.id))
    return [_due(row) for row in rows]


def waiting_page(connection: Connection, tenant: str, cut: Cut) -> list[Due]:
    """Return a page of the invoices that wait for payment, by id."""
    query = _waiting(tenant).where(invoices.c.id > cut.after)
    return [_due(row) for row in connection.execute(query.order_by(invoices.c.id).limit(cut.size))]


def _waiting(tenant: str) -> Select[Any]:
    live = exists().where(
        payment_lines.c.invoice_id == invoices.c.id, payment_lines.c.live.is_(True)
    )
    return _dues().where(invoices.c.tenant == tenant, payments.c.paid_on.is_(None), ~live)


def add(
    work: UnitOfWork, file: PaymentFile, payees: Mapping[str, PayeeChange], duties: Duties
) -> None:
    """Insert a file with its lines at once: an index keeps an invoice out of two live files.

    The table itself refuses a line whose payer had a duty that the policy keeps apart.
    """
    work.connection.execute(
        insert(payment_files).values(
            id=file.id,
            tenant=file.tenant,
            number=file.number,
            state=file.state,
            line_count=file.line_count,
            total=file.total,
            created_by=file.created_by,
            created_at=file.created_at,
        )
    )
    rows = [
        {
            "file_id": file.id,
            "position": due.position,
            "tenant": file.tenant,
            "invoice_id": due.invoice_id,
            "purchase_id": due.purchase_id,
            "amount": due.amount,
            "live": True,
            "payee_change_id": due.payee_change_id,
            "paid_by": file.created_by,
            "recorded_by": due.recorded_by,
            "payee_proposed_by": payees[due.payee_change_id].proposed_by,
            "payee_confirmed_by": payees[due.payee_change_id].decided_by,
            "recorder_may_pay": duties.recorder_may_pay,
            "payee_officers_may_pay": duties.payee_officers_may_pay,
            "approver_pays_up_to": duties.approver_pays_up_to,
        }
        for due in file.lines
    ]
    work.connection.execute(insert(payment_lines), rows)


def get(connection: Connection, tenant: str, file_id: str, *, lock: bool = False) -> PaymentFile:
    """Return a file with its lines.

    Raises:
        PaymentFileNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    query = select(payment_files).where(
        payment_files.c.tenant == tenant, payment_files.c.id == file_id
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise PaymentFileNotFound("there is no such payment file", payment_file_id=file_id)
    lines = _dues().add_columns(
        payment_lines.c.position, payment_lines.c.payee_change_id, payee_changes.c.ending
    )
    lines = lines.join(payment_lines, payment_lines.c.invoice_id == invoices.c.id)
    lines = lines.join(payee_changes, payee_changes.c.id == payment_lines.c.payee_change_id)
    lines = lines.where(payment_lines.c.file_id == file_id).order_by(payment_lines.c.position)
    return replace(_file(row), lines=tuple(_line(each) for each in connection.execute(lines)))


def page(connection: Connection, tenant: str, cut: Cut) -> list[PaymentFile]:
    """Return a page of files without their lines, newest first."""
    query = select(payment_files).where(payment_files.c.tenant == tenant)
    if cut.after:
        query = query.where(payment_files.c.id < cut.after)
    rows = connection.execute(query.order_by(payment_files.c.id.desc()).limit(cut.size))
    return [_file(row) for row in rows]


def set_state(work: UnitOfWork, file: PaymentFile, state: FileState) -> PaymentFile:
    """Write where a file stands; one that is taken back lets its invoices go."""
    work.connection.execute(
        update(payment_files).where(payment_files.c.id == file.id).values(state=state)
    )
    if state is FileState.CANCELLED:
        work.connection.execute(
            update(payment_lines).where(payment_lines.c.file_id == file.id).values(live=False)
        )
    return replace(file, state=state)


def pay(work: UnitOfWork, file: PaymentFile, due: Due, paid: Paid) -> None:
    """Insert the payment of an invoice; its key allows one."""
    work.connection.execute(
        insert(payments).values(
            invoice_id=due.invoice_id,
            tenant=file.tenant,
            purchase_id=due.purchase_id,
            file_id=file.id,
            amount=paid.amount,
            paid_on=paid.paid_on,
            bank_reference=paid.bank_reference,
            recorded_by=work.caller.subject,
            created_at=work.at,
        )
    )


def add_answer(
    work: UnitOfWork,
    file: PaymentFile,
    reconciliation_id: str,
    lines: Iterable[tuple[Paid, Outcome, Due | None]],
) -> None:
    """Insert what became of each line of an answer."""
    rows = [
        {
            "reconciliation_id": reconciliation_id,
            "line": paid.line,
            "tenant": file.tenant,
            "file_id": file.id,
            "outcome": outcome,
            "reference": paid.reference,
            "invoice_id": due.invoice_id if due else None,
            "amount": paid.amount,
            "recorded_by": work.caller.subject,
            "created_at": work.at,
        }
        for paid, outcome, due in lines
    ]
    if rows:
        work.connection.execute(insert(reconciliation_lines), rows)


def paid_between(connection: Connection, tenant: str, first: date, last: date) -> list[Due]:
    """Return the invoices that were paid in a period."""
    query = _dues().where(
        invoices.c.tenant == tenant, payments.c.paid_on >= first, payments.c.paid_on <= last
    )
    return [_due(row) for row in connection.execute(query)]


def unpaid(connection: Connection, tenant: str) -> list[Due]:
    """Return the invoices that are not paid, in a file or not."""
    query = _dues().where(invoices.c.tenant == tenant, payments.c.paid_on.is_(None))
    return [_due(row) for row in connection.execute(query)]


def _dues() -> Select[Any]:
    return (
        select(*_DUE)
        .join(purchases, purchases.c.id == invoices.c.purchase_id)
        .outerjoin(payments, and_(payments.c.invoice_id == invoices.c.id))
    )


def _line(row: Any) -> Due:
    return replace(
        _due(row),
        position=row.position,
        payee_change_id=row.payee_change_id,
        account_ending=row.ending,
    )


def _due(row: Any) -> Due:
    return Due(
        invoice_id=row.id,
        purchase_id=row.purchase_id,
        supplier_id=row.supplier_id,
        supplier_name=row.supplier_name,
        invoice_number=row.number,
        amount=row.amount,
        received_on=london_date(row.created_at),
        recorded_by=row.recorded_by,
        paid_on=row.paid_on,
    )


def _file(row: Any) -> PaymentFile:
    return PaymentFile(
        id=row.id,
        tenant=row.tenant,
        number=row.number,
        state=FileState(row.state),
        line_count=row.line_count,
        total=row.total,
        created_by=row.created_by,
        created_at=row.created_at,
    )
