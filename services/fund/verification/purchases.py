"""Purchases against their journals, their papers and the terms they were reserved under."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from services.fund.domain.figures import NOTHING, Bucket, Figures
from services.fund.domain.ledger import pot_account
from services.fund.domain.purchase import UNDECIDED, State
from services.fund.storage.tables import (
    closing,
    entries,
    invoices,
    journals,
    purchase_shares,
    purchases,
    returning,
)
from services.fund.storage.tables.columns import BUCKETS
from services.fund.verification.finding import Finding

_OVER = {State.DECLINED, State.WITHDRAWN, State.EXPIRED, State.CANCELLED}


def shares(connection: Connection) -> Iterator[Finding]:
    """Find purchases whose money is not where their journals put it."""
    booked = _booked(connection)
    held: dict[tuple[str, str], Figures] = defaultdict(Figures)
    tenants: dict[str, str] = {}
    for row in connection.execute(select(purchase_shares)):
        held[row.purchase_id, row.pot_id] += _figures(row)
        tenants[row.purchase_id] = row.tenant
    for (purchase_id, pot_id), figures in sorted(held.items()):
        for bucket in list(Bucket)[1:]:
            sum_ = booked.pop((purchase_id, pot_account(pot_id, bucket)), 0)
            if figures.of(bucket) != sum_:
                text = f"{bucket} is {figures.of(bucket)} pence and its entries sum to {sum_}"
                yield Finding(8, tenants[purchase_id], f"purchase_shares {purchase_id}", text)
    for (purchase_id, account), pence in sorted(booked.items()):
        if pence and account.startswith("pot:") and not account.endswith(":available"):
            text = f"it has {pence} pence in {account} that no share holds"
            yield Finding(8, tenants.get(purchase_id, ""), f"purchases {purchase_id}", text)


def _booked(connection: Connection) -> dict[tuple[str, str], int]:
    query = (
        select(journals.c.purchase_id, entries.c.account, func.sum(entries.c.amount).label("pence"))
        .join(entries, entries.c.journal_id == journals.c.id)
        .where(journals.c.purchase_id.is_not(None))
        .group_by(journals.c.purchase_id, entries.c.account)
    )
    return {(row.purchase_id, row.account): int(row.pence) for row in connection.execute(query)}


def papers(connection: Connection) -> Iterator[Finding]:
    """Find purchases that charged something else than their papers say."""
    charged: dict[str, int] = defaultdict(int)
    for table, column, sign in (
        (invoices, invoices.c.cost, 1),
        (closing.accruals, closing.accruals.c.amount, 1),
        (returning.vouchers, returning.vouchers.c.redeemed, 1),
        (returning.credit_notes, returning.credit_notes.c.cost, -1),
        (returning.credit_notes, returning.credit_notes.c.prior_year, 1),
    ):
        query = select(table.c.purchase_id, func.sum(column).label("pence"))
        for row in connection.execute(query.group_by(table.c.purchase_id)):
            charged[row.purchase_id] += sign * int(row.pence)
    spent = select(
        purchase_shares.c.purchase_id,
        purchase_shares.c.tenant,
        func.sum(purchase_shares.c.spent).label("pence"),
    ).group_by(purchase_shares.c.purchase_id, purchase_shares.c.tenant)
    for sum_ in connection.execute(spent):
        if int(sum_.pence) != charged[sum_.purchase_id]:
            text = (
                f"{int(sum_.pence)} pence are spent and its papers say {charged[sum_.purchase_id]}"
            )
            yield Finding(8, sum_.tenant, f"purchases {sum_.purchase_id}", text)


def states(connection: Connection) -> Iterator[Finding]:
    """Find purchases whose money does not fit their state."""
    for row, figures in _with_money(connection):
        state = State(row.state)
        ordered = figures.committed + figures.received + figures.issued
        wrong = (
            (state in UNDECIDED and (ordered or figures.reserved != row.cost))
            or (state not in UNDECIDED and figures.reserved)
            or (state in _OVER | {State.CLOSED} and ordered)
            or (state in _OVER and figures.refund_due)
        )
        if wrong:
            text = f"it is {state} and holds {figures}"
            yield Finding(13, row.tenant, f"purchases {row.id}", text)


def whole(connection: Connection) -> Iterator[Finding]:
    """Find shares that do not add up."""
    for row in connection.execute(select(purchase_shares)):
        figures = _figures(row)
        if row.held != figures.total or min(getattr(row, name) for name in BUCKETS) < 0:
            text = f"it took {row.held} pence and holds {figures}"
            where = f"purchase_shares {row.purchase_id} {row.position}"
            yield Finding(14, row.tenant, where, text)


def _with_money(connection: Connection) -> Iterator[tuple[Any, Figures]]:
    held: dict[str, Figures] = defaultdict(Figures)
    for row in connection.execute(select(purchase_shares)):
        held[row.purchase_id] += _figures(row)
    columns = (purchases.c.id, purchases.c.tenant, purchases.c.state, purchases.c.cost)
    for row in connection.execute(select(*columns)):
        yield row, held.get(row.id, NOTHING)


def _figures(row: Any) -> Figures:
    return Figures(*(getattr(row, name) for name in BUCKETS))
