"""Where suppliers are paid. Rows are only ever added: proposed, decided, stopped on hold.

Accounts are sealed; see `storage.payee_vault`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, String, Table, Text

from services.chassis.tables import UtcDateTime
from services.fund.storage.tables.columns import identifier, metadata, tenant

payee_changes = Table(
    "payee_changes",
    metadata,
    identifier(primary_key=True),
    tenant(),
    identifier("supplier_id"),
    Column("sealed", LargeBinary, nullable=False),
    Column("ending", String(4), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", String(120), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Index("payee_changes_by_supplier", "tenant", "supplier_id", "id"),
)

payee_decisions = Table(
    "payee_decisions",
    metadata,
    identifier("change_id", primary_key=True),
    tenant(),
    Column("confirmed", String(3), nullable=False),
    Column("proposed_by", String(120), nullable=False),
    Column("decided_by", String(120), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("hold_s", BigInteger, nullable=False),
    CheckConstraint("confirmed IN ('yes', 'no')", name="payee_decisions_yes_or_no"),
    CheckConstraint(
        "confirmed = 'no' OR decided_by <> proposed_by", name="payee_decisions_two_officers"
    ),
    CheckConstraint("confirmed = 'no' OR hold_s >= 86400", name="payee_decisions_held_a_day"),
)

payee_stops = Table(
    "payee_stops",
    metadata,
    identifier("change_id", primary_key=True),
    tenant(),
    Column("reason", Text, nullable=False),
    Column("stopped_by", String(120), nullable=False),
    Column("stopped_at", UtcDateTime, nullable=False),
)

APPEND_ONLY = (payee_changes, payee_decisions, payee_stops)
"""Tables of this module that are only ever added to: all of them."""
