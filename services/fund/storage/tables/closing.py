"""What year end decided and charged: funders' answers, and accruals until they are invoiced."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, pence, tenant

carry_decisions = Table(
    "carry_decisions",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("source_id"),
    identifier("period_id"),
    Column("rule", String(10), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("recorded_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("carry_decisions_by_period", "period_id", "source_id", "id"),
)

accruals = Table(
    "accruals",
    metadata,
    identifier("purchase_id", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    tenant(),
    identifier("period_id", nullable=True),
    pence("amount"),
    identifier("settled_by", nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("amount <> 0", name="accruals_amount_not_zero"),
)

accrual_releases = Table(
    "accrual_releases",
    metadata,
    identifier("purchase_id", primary_key=True),
    tenant(),
    pence("amount"),
    Column("released_by", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("amount > 0", name="accrual_releases_amount_positive"),
)

APPEND_ONLY = (carry_decisions, accruals, accrual_releases)
"""Tables of this module whose rows no statement may change or delete.

An accrual is a row above zero; the invoice that settles it is a row below zero, and so is what
its own pots took back. What a closed year's sources took back is a release of its own.
"""
