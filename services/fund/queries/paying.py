"""How fast suppliers are paid, and the file that pays them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.fund.domain.payee import Account
from services.fund.domain.paying import TERM, Due, FileState, PaymentFile
from services.fund.errors.paying import PaymentFileUsed
from services.fund.storage import payees, paying
from services.fund.storage.payee_vault import PayeeVault


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


def exported(
    connection: Connection, who: Principal, vault: PayeeVault, file_id: str
) -> tuple[PaymentFile, dict[str, Account]]:
    """Return a payment file and the account of each of its invoices.

    Raises:
        PaymentFileNotFound: Unknown, or another authority's (NOT_FOUND).
        PaymentFileUsed: It was taken back (FAILED_PRECONDITION).
    """
    file = paying.get(connection, who.tenant, file_id)
    if file.state is FileState.CANCELLED:
        raise PaymentFileUsed(f"file {file.number} was taken back", state=file.state)
    accounts = {}
    for due in file.lines:
        change = payees.change(connection, who.tenant, due.payee_change_id)
        accounts[due.invoice_id] = vault.open(change.sealed, tenant=who.tenant, change_id=change.id)
    return file, accounts


def _days(due: Due) -> int:
    assert due.paid_on is not None, "only what was paid is asked for"
    return max(0, (due.paid_on - due.received_on).days)
