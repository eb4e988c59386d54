"""Numbers of suppliers' papers, and invoices above their order until somebody resolves them.

Credit notes for a part of an invoice in dispute are kept beside it: it stays as it came.

A number is used once for a supplier and kind of paper, whether the paper was charged, is in
dispute or went back. All rows are only ever added.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Index, String, Table, Text

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, pence, tenant

paper_numbers = Table(
    "paper_numbers",
    metadata,
    Column("tenant", String(9), primary_key=True),
    identifier("supplier_id", primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("number_key", String(150), primary_key=True),
    identifier("purchase_id"),
    CheckConstraint("kind IN ('invoice', 'credit_note')", name="paper_numbers_kind"),
)

disputed_invoices = Table(
    "disputed_invoices",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("number", String(60), nullable=False),
    pence("net"),
    pence("vat"),
    Column("recovery", String(10), nullable=False),
    pence("cost"),
    pence("live"),
    Column("invoice_on", Date, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("disputed_invoices_by_purchase", "purchase_id"),
    CheckConstraint("cost > live", name="disputed_invoices_above_order"),
)

dispute_credits = Table(
    "dispute_credits",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    identifier("invoice_id"),
    Column("number", String(60), nullable=False),
    pence("net"),
    pence("vat"),
    pence("cost"),
    Column("credit_on", Date, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("dispute_credits_by_invoice", "invoice_id"),
    CheckConstraint("net > 0 AND vat >= 0", name="dispute_credits_take_something"),
)

dispute_ends = Table(
    "dispute_ends",
    metadata,
    identifier("invoice_id", primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("outcome", String(10), nullable=False),
    Column("credit_note_number", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", String(120), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    CheckConstraint("outcome IN ('accepted', 'returned', 'credited')", name="dispute_ends_outcome"),
    CheckConstraint(
        "(outcome = 'credited') = (credit_note_number <> '')", name="dispute_ends_credit_note"
    ),
)

APPEND_ONLY = (paper_numbers, disputed_invoices, dispute_credits, dispute_ends)
"""Tables of this module that are only ever added to: all of them."""
