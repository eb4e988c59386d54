"""Sources against their entries and their pots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from services.fund.domain.ledger import Kind, source_account
from services.fund.storage.tables import entries, journals, pots, sources
from services.fund.verification.balances import by_account
from services.fund.verification.finding import Finding


def cached(connection: Connection) -> Iterator[Finding]:
    """Find sources whose figures are not the sums of their entries."""
    booked = by_account(connection, pots=False)
    returned = _returned(connection)
    for row in connection.execute(select(sources)):
        for state in ("pledged", "unallocated"):
            stored, sum_ = getattr(row, state), booked.get(source_account(row.id, state), 0)
            if stored != sum_:
                text = f"{state} is {stored} pence and its entries sum to {sum_}"
                yield Finding(3, row.tenant, f"sources {row.id}", text)
        if row.returned != returned.get(row.id, 0):
            text = f"{row.returned} pence are returned and journals say {returned.get(row.id, 0)}"
            yield Finding(3, row.tenant, f"sources {row.id}", text)


def _returned(connection: Connection) -> dict[str, int]:
    """Return the pence that journals handed back, by source."""
    query = (
        select(entries.c.source_id, func.sum(entries.c.amount).label("pence"))
        .join(journals, journals.c.id == entries.c.journal_id)
        .where(journals.c.kind == Kind.RETURN, entries.c.amount > 0)
        .group_by(entries.c.source_id)
    )
    return {row.source_id: int(row.pence) for row in connection.execute(query)}


def apart(connection: Connection) -> Iterator[Finding]:
    """Find sources whose money is not all in their own pots, and journals that mix two."""
    held: dict[str, int] = defaultdict(int)
    totals = select(pots.c.source_id, func.sum(pots.c.allocated).label("pence"))
    for row in connection.execute(totals.group_by(pots.c.source_id)):
        held[row.source_id] = int(row.pence)
    for row in connection.execute(select(sources)):
        parts = row.unallocated + held[row.id] + row.returned
        if row.banked != parts:
            text = f"{row.banked} pence were banked and {parts} can be found"
            yield Finding(6, row.tenant, f"sources {row.id}", text)
    mixing = (
        select(entries.c.journal_id, entries.c.tenant, entries.c.source_id)
        .where(entries.c.source_id.is_not(None))
        .group_by(entries.c.journal_id, entries.c.tenant, entries.c.source_id)
        .having(func.sum(entries.c.amount) != 0)
    )
    for part in connection.execute(mixing):
        text = f"the entries of source {part.source_id} do not sum to zero"
        yield Finding(6, part.tenant, f"journals {part.journal_id}", text)
