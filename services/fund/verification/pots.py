"""Pots against their entries, and budgets against their pots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, select

from services.fund.domain.figures import NOTHING, Bucket, Figures
from services.fund.domain.ledger import pot_account
from services.fund.storage import totals as storage
from services.fund.storage.tables import budgets, pots
from services.fund.storage.tables.columns import BUCKETS
from services.fund.verification.balances import by_account
from services.fund.verification.finding import Finding

MAY_BE_NEGATIVE = ("external:", "vat:control")
"""How the accounts begin that may be below zero."""


def cached(connection: Connection) -> Iterator[Finding]:
    """Find pots whose states are not the sums of their entries, and entries without a pot."""
    left = by_account(connection, pots=True)
    for row in connection.execute(select(pots)):
        for bucket in Bucket:
            booked = left.pop(pot_account(row.id, bucket), 0)
            stored = getattr(row, bucket.value)
            if stored != booked:
                text = f"{bucket} is {stored} pence and its entries sum to {booked}"
                yield Finding(3, row.tenant, f"pots {row.id}", text)
    for account, pence in sorted(left.items()):
        yield Finding(3, "", f"entries of {account}", f"{pence} pence belong to no pot")


def totals(connection: Connection) -> Iterator[Finding]:
    """Find budgets whose figures are not the sum of the pots in and below them."""
    below: dict[str, Figures] = defaultdict(Figures)
    query = select(pots, budgets.c.path).join(budgets, budgets.c.id == pots.c.budget_id)
    for row in connection.execute(query):
        figures = Figures(*(getattr(row, name) for name in BUCKETS))
        for budget_id in row.path.strip("/").split("/"):
            below[budget_id] += figures
    for budget in connection.execute(select(budgets.c.id, budgets.c.tenant)).all():
        stored = storage.read(connection, [budget.id]).get(budget.id, NOTHING)
        if stored != below[budget.id]:
            text = f"it counts {stored} and its pots hold {below[budget.id]}"
            yield Finding(3, budget.tenant, f"budget_totals {budget.id}", text)


def guarded(connection: Connection) -> Iterator[Finding]:
    """Find accounts below zero that may not be."""
    for inside in (True, False):
        for account, pence in sorted(by_account(connection, pots=inside).items()):
            if pence < 0 and not account.startswith(MAY_BE_NEGATIVE):
                yield Finding(4, "", f"entries of {account}", f"it holds {pence} pence")


def identity(connection: Connection) -> Iterator[Finding]:
    """Find pots whose states do not add up to what they were given."""
    for row in connection.execute(select(pots)):
        states = sum(getattr(row, name) for name in BUCKETS)
        if row.allocated != states:
            text = f"it was given {row.allocated} pence and holds {states}"
            yield Finding(5, row.tenant, f"pots {row.id}", text)
