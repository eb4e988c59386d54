"""What came back, or is to come back, for closed years against what those years were charged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from services.fund.domain.ledger import Kind
from services.fund.storage.tables import entries, journals, pots, purchase_shares
from services.fund.storage.tables.closing import accrual_releases
from services.fund.storage.tables.returning import credit_notes
from services.fund.verification.finding import Finding


def within_charged(connection: Connection) -> Iterator[Finding]:
    """Find purchases whose credit notes or refunds for closed years exceed what was charged."""
    charged: dict[str, int] = defaultdict(int)
    query = select(purchase_shares.c.purchase_id, func.sum(purchase_shares.c.spent).label("pence"))
    shut = query.join(pots, pots.c.id == purchase_shares.c.pot_id)
    for row in connection.execute(shut.group_by(purchase_shares.c.purchase_id)):
        charged[row.purchase_id] = int(row.pence)
    notes = select(
        credit_notes.c.purchase_id.label("owner"),
        credit_notes.c.tenant,
        func.sum(credit_notes.c.prior_year).label("pence"),
    ).group_by(credit_notes.c.purchase_id, credit_notes.c.tenant)
    came = (
        select(
            journals.c.purchase_id.label("owner"),
            journals.c.tenant,
            func.sum(entries.c.amount).label("pence"),
        )
        .join(entries, entries.c.journal_id == journals.c.id)
        .where(journals.c.kind == Kind.PRIOR_YEAR, entries.c.amount > 0)
        .group_by(journals.c.purchase_id, journals.c.tenant)
    )
    for what, found in (("credited", notes), ("came back", came)):
        for back in connection.execute(found):
            if back.pence > charged[back.owner]:
                text = f"{int(back.pence)} pence {what} and {charged[back.owner]} were charged"
                yield Finding(8, back.tenant, f"purchases {back.owner}", text)


def released_once_booked(connection: Connection) -> Iterator[Finding]:
    """Find accruals that went to sources without a journal that put them there."""
    came = (
        select(journals.c.purchase_id, func.sum(entries.c.amount).label("pence"))
        .join(entries, entries.c.journal_id == journals.c.id)
        .where(journals.c.kind == Kind.PRIOR_YEAR, entries.c.amount > 0)
        .group_by(journals.c.purchase_id)
    )
    booked = {row.purchase_id: int(row.pence) for row in connection.execute(came)}
    for row in connection.execute(select(accrual_releases)):
        if row.amount > booked.get(row.purchase_id, 0):
            text = f"{row.amount} pence went to sources and no journal says so"
            yield Finding(8, row.tenant, f"accrual_releases {row.purchase_id}", text)
