"""What people say about a purchase and the papers they attach; the bytes are kept elsewhere."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, String, Table, Text

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, tenant

purchase_comments = Table(
    "purchase_comments",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("internal", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", String(120), nullable=False),
    Column("author_role", String(30), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("purchase_comments_in_order", "purchase_id", "id"),
)

attachments = Table(
    "attachments",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("purchase_id"),
    Column("kind", String(10), nullable=False),
    Column("name", String(120), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    identifier("duplicate_of", nullable=True),
    Column("added_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("attachments_in_order", "purchase_id", "id"),
    Index("attachments_by_hash", "tenant", "sha256"),
    CheckConstraint("size > 0 AND size <= 10485760", name="attachments_size_allowed"),
)

drafts = Table(
    "drafts",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("owner", String(120), nullable=False),
    Column("school_urn", String(6), nullable=False),
    Column("content", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("drafts_by_owner", "tenant", "owner", "id"),
)

APPEND_ONLY = (purchase_comments, attachments)
"""Tables of this module that are only ever added to."""
