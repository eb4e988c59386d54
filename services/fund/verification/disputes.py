"""Invoices in dispute against what was charged, and the numbers of suppliers' papers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from services.fund.domain.purchase import State
from services.fund.storage.tables import invoices, purchases
from services.fund.storage.tables.disputes import dispute_ends, disputed_invoices
from services.fund.verification.finding import Finding


def charged_once_accepted(connection: Connection) -> Iterator[Finding]:
    """Find disputes that were charged without being accepted, or accepted and not charged."""
    query = (
        select(
            *(disputed_invoices.c.id, disputed_invoices.c.tenant, disputed_invoices.c.cost),
            *(dispute_ends.c.outcome, invoices.c.cost.label("charged")),
        )
        .join(dispute_ends, dispute_ends.c.invoice_id == disputed_invoices.c.id, isouter=True)
        .join(invoices, invoices.c.id == disputed_invoices.c.id, isouter=True)
    )
    for row in connection.execute(query):
        due = row.cost if row.outcome == "accepted" else None
        if row.charged != due:
            text = f"it is {row.outcome or 'open'}, costs {row.cost} and charged {row.charged}"
            yield Finding(8, row.tenant, f"disputed_invoices {row.id}", text)


def none_left_open(connection: Connection) -> Iterator[Finding]:
    """Find closed purchases with an invoice that nobody resolved."""
    query = (
        select(disputed_invoices.c.id, disputed_invoices.c.tenant)
        .join(purchases, purchases.c.id == disputed_invoices.c.purchase_id)
        .join(dispute_ends, dispute_ends.c.invoice_id == disputed_invoices.c.id, isouter=True)
        .where(purchases.c.state == State.CLOSED, dispute_ends.c.outcome.is_(None))
    )
    for row in connection.execute(query):
        text = "its purchase is closed and nobody resolved it"
        yield Finding(13, row.tenant, f"disputed_invoices {row.id}", text)
