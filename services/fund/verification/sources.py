"""Sources against their entries and their pots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from services.fund.domain.ledger import source_account
from services.fund.storage.tables import entries, pots, sources
from services.fund.verification.balances import by_account
from services.fund.verification.finding import Finding


def cached(connection: Connection) -> Iterator[Finding]:
    """Find sources whose figures are not the sums of their entries."""
    booked = by_account(connection, pots=False)
    for row in connection.execute(select(sources)):
        for state in ("pledged", "unallocated"):
            stored, sum_ = getattr(row, state), booked.get(source_account(row.id, state), 0)
            if stored != sum_:
                text = f"{state} is {stored} pence and its entries sum to {sum_}"
                yield Finding(3, row.tenant, f"sources {row.id}", text)


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
