"""What an account holds, now or at a moment, from its entries: they are the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, select

from services.fund.storage.tables import entries, journals


@dataclass(frozen=True, slots=True)
class Balance:
    """Pence in an account, and how many entries make them up."""

    account: str
    pence: int
    entries: int


def at(
    connection: Connection, tenant: str, account: str, *, booked: datetime | None, on: date | None
) -> Balance:
    """Return an account's balance.

    Args:
        connection: A reader.
        tenant: The authority.
        account: Such as `pot:{id}:reserved`; one without entries has zero.
        booked: Only what was booked by this moment, aware UTC; None: all.
        on: Only what counts for this London day or before; None: all.
    """
    query = (
        select(func.coalesce(func.sum(entries.c.amount), 0), func.count())
        .join(journals, journals.c.id == entries.c.journal_id)
        .where(entries.c.tenant == tenant, entries.c.account == account, _owner(account))
    )
    if booked is not None:
        query = query.where(journals.c.booked_at <= booked)
    if on is not None:
        query = query.where(journals.c.effective_on <= on)
    pence, count = connection.execute(query).one()
    return Balance(account, int(pence), count)


def _owner(account: str) -> ColumnElement[bool]:
    """Return the condition that lets an index find the account's entries."""
    kind, _, rest = account.partition(":")
    match kind:
        case "pot":
            return entries.c.pot_id == rest.partition(":")[0]
        case "source":
            return entries.c.source_id == rest.partition(":")[0]
        case "vat":
            return entries.c.source_id.is_(None)
        case _:
            return entries.c.account == account
