"""What exports are told: codes of the finance system, and whose names are published."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata

finance_mappings = Table(
    "finance_mappings",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content", JSON, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

publication_reviews = Table(
    "publication_reviews",
    metadata,
    Column("tenant", String(9), primary_key=True),
    identifier("supplier_id", primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("reviewed_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

APPEND_ONLY = (finance_mappings, publication_reviews)
"""Tables of this module whose rows no statement may change or delete."""
