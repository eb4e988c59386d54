"""Invoices in dispute against what was charged, and the numbers of suppliers' papers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from services.fund.domain.purchase import State
from services.fund.storage.tables import invoices, purchases
from services.fund.storage.tables.disputes import dispute_credits, dispute_ends, disputed_invoices
from services.fund.verification.finding import Finding


def charged_once_accepted(connection: Connection) -> Iterator[Finding]:
    """Find disputes that were charged without being accepted, or accepted and not charged."""
    credits_ = dispute_credits.c
    taken = (
        select(credits_.invoice_id, func.sum(credits_.cost).label("taken"))
        .group_by(credits_.invoice_id)
        .subquery()
    )
    query = (
        select(
            func.coalesce(taken.c.taken, 0).label("taken"),
            *(disputed_invoices.c.id, disputed_invoices.c.tenant, disputed_invoices.c.cost),
            *(dispute_ends.c.outcome, invoices.c.cost.label("charged")),
        )
        .join(dispute_ends, dispute_ends.c.invoice_id == disputed_invoices.c.id, isouter=True)
        .join(invoices, invoices.c.id == disputed_invoices.c.id, isouter=True)
        .join(taken, taken.c.invoice_id == disputed_invoices.c.id, isouter=True)
    )
    for row in connection.execute(query):
        cost = row.cost - int(row.taken)
        due = cost if row.outcome == "accepted" else None
        if row.charged != due:
            text = f"it is {row.outcome or 'open'}, costs {cost} and charged {row.charged}"
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
