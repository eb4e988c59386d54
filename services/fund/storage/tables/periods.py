"""Years that are being closed, how they came there, and what year end did."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Text

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, tenant

periods = Table(
    "periods",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("kind", String(20), nullable=False),
    Column("start_year", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('open', 'soft_closed', 'closed')", name="periods_state_known"),
)

period_facts = Table(
    "period_facts",
    metadata,
    identifier("period_id", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("action", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("second", String(120), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    CheckConstraint("second <> actor", name="period_facts_two_people"),
    CheckConstraint("action <> 'reopened' OR second <> ''", name="period_facts_reopened_by_two"),
)
