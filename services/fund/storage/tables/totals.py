"""What each budget and all that is below it hold: a cache of pots, in slots.

Every process writes into a slot of its own, so that the row of a whole fund is never what two
replicas wait for; a budget's money is the sum of its few slots. A slot alone may be below zero.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from services.fund.storage.tables.columns import buckets, metadata, tenant

budget_totals = Table(
    "budget_totals",
    metadata,
    Column("budget_id", String(36), ForeignKey("budgets.id"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    tenant(),
    *buckets(),
)
