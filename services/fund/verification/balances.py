"""What each account holds by its entries, summed by the database."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from services.fund.storage.tables import entries


def by_account(connection: Connection, *, pots: bool) -> dict[str, int]:
    """Return the balance of every account of pots, or of every other account."""
    inside = entries.c.pot_id.is_not(None)
    query = (
        select(entries.c.account, func.sum(entries.c.amount).label("pence"))
        .where(inside if pots else ~inside)
        .group_by(entries.c.account)
    )
    return {row.account: int(row.pence) for row in connection.execute(query)}
