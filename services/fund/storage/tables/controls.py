"""What needs two officers, the rules for it, and versions of how budgets are shared."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, pence, tenant

proposals = Table(
    "proposals",
    metadata,
    identifier(primary_key=True),
    tenant(),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("second_needed", Boolean, nullable=False),
    pence("amount"),
    Column("content", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposer", String(120), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("decider", String(120), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("journal_id", String(36), nullable=False),
    Column("version", Integer, nullable=False),
    Index("proposals_in_order", "tenant", "id"),
    CheckConstraint(
        "state <> 'done' OR NOT second_needed OR (decider <> '' AND decider <> proposer)",
        name="proposals_done_by_two",
    ),
)

money_rules = Table(
    "money_rules",
    metadata,
    Column("tenant", String(9), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    pence("virement_above"),
    Column("allocation_above", BigInteger),
    pence("return_above"),
    Column("budget_by_two", Boolean, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("confirmed_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("confirmed_by <> set_by", name="money_rules_by_two"),
)

budget_apportionments = Table(
    "budget_apportionments",
    metadata,
    identifier("budget_id", primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("content", JSON, nullable=False),
    Column("set_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

budget_facts = Table(
    "budget_facts",
    metadata,
    identifier("budget_id", primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("action", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

source_notices = Table(
    "source_notices",
    metadata,
    identifier("source_id", primary_key=True),
    Column("spend_by", Date, primary_key=True),
    Column("days_before", Integer, primary_key=True, autoincrement=False),
    tenant(),
    Column("created_at", UtcDateTime, nullable=False),
)

APPEND_ONLY = (money_rules, budget_apportionments, budget_facts, source_notices)
"""Tables of this module whose rows no statement may change or delete."""
