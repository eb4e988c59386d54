"""All that is known of one purchase, for an auditor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, select

from services.fund.domain.csv_cells import pounds
from services.fund.reports.report import Asked, Report, Row
from services.fund.storage import purchases as storage
from services.fund.storage.tables import (
    decisions,
    deliveries,
    entries,
    invoices,
    journals,
    purchase_facts,
    purchase_shares,
    purchases,
)
from services.fund.storage.tables.disputes import dispute_credits, dispute_ends, disputed_invoices
from services.fund.storage.tables.paying import payments
from services.fund.storage.tables.returning import (
    credit_notes,
    purchase_revisions,
    refunds,
    vouchers,
)

_PENCE = {"amount", "live", "net", "vat", "cost", "held", "limit_amount", "counted", "redeemed"}
_PARTS: tuple[Table, ...] = (
    purchase_facts,
    purchase_revisions,
    decisions,
    purchase_shares,
    deliveries,
    invoices,
    disputed_invoices,
    dispute_credits,
    dispute_ends,
    payments,
    credit_notes,
    refunds,
    vouchers,
)


def _rows(connection: Connection, asked: Asked) -> Iterator[Row]:
    """Yield every field of every row of the purchase.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    storage.get(connection, asked.tenant, asked.purchase_id)
    yield from _table(connection, purchases, purchases.c.id == asked.purchase_id)
    for part in _PARTS:
        yield from _table(connection, part, part.c.purchase_id == asked.purchase_id)
    mine = journals.c.purchase_id == asked.purchase_id
    yield from _table(connection, journals, mine)
    within = entries.c.journal_id.in_(select(journals.c.id).where(mine))
    yield from _table(connection, entries, within)


def _table(connection: Connection, table: Table, condition: Any) -> Iterator[Row]:
    query = select(table).where(condition).order_by(*table.primary_key.columns)
    for number, row in enumerate(connection.execute(query).mappings(), start=1):
        for name, value in row.items():
            yield table.name, number, name, _shown(name, value)


def _shown(name: str, value: Any) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return pounds(value) if name in _PENCE and value is not None else value


AUDIT = Report("purchase_audit", ("record", "number", "field", "value"), _rows)
