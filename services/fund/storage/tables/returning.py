"""What a purchase was before it was amended, money that comes back, and vouchers."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, pence, tenant

purchase_revisions = Table(
    "purchase_revisions",
    metadata,
    identifier("purchase_id", primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("content", JSON, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("replaced_by", String(120), nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
)

credit_notes = Table(
    "credit_notes",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    identifier("supplier_id"),
    Column("number", String(60), nullable=False),
    Column("number_key", String(150), nullable=False),
    pence("net"),
    pence("vat"),
    Column("recovery", String(10), nullable=False),
    pence("cost"),
    pence("prior_year"),
    Column("credit_on", Date, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("credit_notes_by_purchase", "purchase_id"),
    UniqueConstraint("tenant", "supplier_id", "number_key", name="credit_notes_number_unique"),
    CheckConstraint("cost > 0", name="credit_notes_cost_positive"),
    CheckConstraint("prior_year BETWEEN 0 AND cost", name="credit_notes_prior_year_part"),
)

refunds = Table(
    "refunds",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("reference", String(80), nullable=False),
    Column("reference_key", String(200), nullable=False),
    pence("amount"),
    Column("received_on", Date, nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("refunds_by_purchase", "purchase_id"),
    UniqueConstraint("tenant", "reference_key", name="refunds_reference_unique"),
    CheckConstraint("amount > 0", name="refunds_amount_positive"),
)

vouchers = Table(
    "vouchers",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("number", String(60), nullable=False),
    pence("amount"),
    pence("redeemed"),
    Column("expires_on", Date, nullable=False),
    Column("lapsed_at", UtcDateTime),
    Column("issued_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("vouchers_by_purchase", "purchase_id", "id"),
    Index("vouchers_by_expiry", "expires_on"),
    CheckConstraint("amount > 0", name="vouchers_amount_positive"),
    CheckConstraint("redeemed >= 0 AND redeemed <= amount", name="vouchers_not_overdrawn"),
)

APPEND_ONLY = (purchase_revisions, credit_notes, refunds)
"""Tables of this module that are only ever added to."""
