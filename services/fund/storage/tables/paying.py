"""Payment files, what was paid, what the finance system answered, and gap-free series."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, pence, tenant

series = Table(
    "series",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("last", Integer, nullable=False),
)

payment_files = Table(
    "payment_files",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("number", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("line_count", Integer, nullable=False),
    pence("total"),
    Column("created_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant", "number", name="payment_files_number_unique"),
    CheckConstraint("line_count > 0", name="payment_files_not_empty"),
)

payment_lines = Table(
    "payment_lines",
    metadata,
    identifier("file_id", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    tenant(),
    identifier("invoice_id"),
    identifier("purchase_id"),
    pence("amount"),
    Column("live", Boolean, nullable=False),
    identifier("payee_change_id"),
    Column("paid_by", String(120), nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("payee_proposed_by", String(120), nullable=False),
    Column("payee_confirmed_by", String(120), nullable=False),
    Column("recorder_may_pay", Boolean, nullable=False),
    Column("payee_officers_may_pay", Boolean, nullable=False),
    pence("approver_pays_up_to"),
    Index(
        "payment_lines_in_one_live_file",
        "invoice_id",
        unique=True,
        sqlite_where=text("live"),
        postgresql_where=text("live"),
    ),
    CheckConstraint("amount > 0", name="payment_lines_amount_positive"),
    CheckConstraint(
        "recorder_may_pay OR paid_by <> recorded_by", name="payment_lines_not_by_recorder"
    ),
    CheckConstraint(
        "payee_officers_may_pay OR paid_by NOT IN (payee_proposed_by, payee_confirmed_by)",
        name="payment_lines_not_by_payee_officers",
    ),
)

payments = Table(
    "payments",
    metadata,
    identifier("invoice_id", primary_key=True),
    tenant(),
    identifier("purchase_id"),
    identifier("file_id"),
    pence("amount"),
    Column("paid_on", Date, nullable=False),
    Column("bank_reference", String(80), nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("payments_by_day", "tenant", "paid_on"),
    CheckConstraint("amount > 0", name="payments_amount_positive"),
)

reconciliation_lines = Table(
    "reconciliation_lines",
    metadata,
    identifier("reconciliation_id", primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    tenant(),
    identifier("file_id"),
    Column("outcome", String(10), nullable=False),
    Column("reference", String(80), nullable=False),
    identifier("invoice_id", nullable=True),
    pence("amount"),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("reconciliation_lines_by_file", "file_id"),
)

card_purchases = Table(
    "card_purchases",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("card_reference", String(80), nullable=False),
    Column("reference", String(80), nullable=False),
    Column("paid_on", Date, nullable=False),
    pence("amount"),
    Column("merchant_category", String(10), nullable=False),
    Column("outcome", String(12), nullable=False),
    identifier("purchase_id", nullable=True),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant", "card_reference", name="card_purchases_once"),
    Index("card_purchases_by_purchase", "purchase_id"),
    CheckConstraint("amount > 0", name="card_purchases_amount_positive"),
)

APPEND_ONLY = (payments, reconciliation_lines, card_purchases)
"""Tables of this module that are only ever added to."""
