"""What is on order, what was received and not invoiced, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, select

from services.chassis.clock import london_date
from services.fund.domain.csv_cells import pounds
from services.fund.domain.purchase import UNDECIDED
from services.fund.reports.report import Asked, Report, Row, read
from services.fund.storage.tables import purchase_shares, purchases, sources

_COLUMNS = (
    *("reference", "state", "school_urn", "category", "supplier", "order_number", "source"),
    *("amount", "submitted_on", "age_days"),
)


def _live(connection: Connection, asked: Asked, *, bucket: str) -> Iterator[Row]:
    amount = purchase_shares.c[bucket]
    query = _query(amount).where(purchases.c.tenant == asked.tenant, amount > 0)
    return _rows(connection, asked, query)


def _aged(connection: Connection, asked: Asked) -> Iterator[Row]:
    query = _query(purchase_shares.c.reserved).where(
        purchases.c.tenant == asked.tenant, purchases.c.state.in_(sorted(UNDECIDED))
    )
    return _rows(connection, asked, query)


def _query(amount: Any) -> Select[Any]:
    return (
        select(purchases, sources.c.name.label("source"), amount.label("amount"))
        .join(purchase_shares, purchase_shares.c.purchase_id == purchases.c.id)
        .join(sources, sources.c.id == purchase_shares.c.source_id)
        .order_by(purchases.c.id, purchase_shares.c.position)
    )


def _rows(connection: Connection, asked: Asked, query: Select[Any]) -> Iterator[Row]:
    for row in read(connection, query):
        day = london_date(row.submitted_at)
        yield (
            *(row.reference, row.state, row.school_urn, row.category, row.supplier_name),
            *(row.order_number, row.source, pounds(row.amount), day, (asked.today - day).days),
        )


COMMITMENTS = Report("commitments", _COLUMNS, partial(_live, bucket="committed"))
ACCRUALS = Report("accruals", _COLUMNS, partial(_live, bucket="received"))
AGED = Report("aged_requests", _COLUMNS, _aged)
