"""Spending over £500 as the Local Government Transparency Code asks for it, redacted.

Who is not surely an organisation is redacted: a sole trader's name is personal data. The purpose
is the category's name, never what somebody wrote. Source: Local Government Transparency Code
2015, paras 28 to 30.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, literal, select

from services.fund.domain.category import DEFAULT_CATEGORIES
from services.fund.domain.csv_cells import pounds
from services.fund.domain.lines import VatRecovery
from services.fund.reports.report import Asked, Report, Row, read
from services.fund.storage.tables import invoices, purchases
from services.fund.storage.tables.returning import credit_notes

ABOVE = 500_00
"""Pence, without VAT that comes back."""

REDACTED = "REDACTED PERSONAL DATA"

_ORGANISATION = re.compile(
    r"\b(ltd|limited|plc|llp|cic|cio|council|school|academy|college|university|nhs|trust|"
    r"charity|foundation|co-?operative|society|association|church|company)\b\.?",
    re.IGNORECASE,
)


def _rows(connection: Connection, asked: Asked) -> Iterator[Row]:
    yield from _published(connection, _query(invoices, "invoice_on", asked), 1)
    yield from _published(connection, _query(credit_notes, "credit_on", asked), -1)


def _query(papers: Any, day: str, asked: Asked) -> Select[Any]:
    return (
        select(
            papers.c[day].label("on"),
            papers.c.vat,
            papers.c.recovery,
            papers.c.cost,
            purchases.c.supplier_name,
            purchases.c.category,
            purchases.c.reference,
            literal("fund").label("department"),
        )
        .join(purchases, purchases.c.id == papers.c.purchase_id)
        .where(papers.c.tenant == asked.tenant, papers.c.cost > ABOVE)
        .order_by(papers.c[day], papers.c.id)
    )


def _published(connection: Connection, query: Select[Any], sign: int) -> Iterator[Row]:
    for row in read(connection, query):
        lost = 0 if row.recovery == VatRecovery.YES else row.vat
        yield (
            *(row.on, "Local response fund", beneficiary(row.supplier_name)),
            *(DEFAULT_CATEGORIES.get(row.category, "Other"), pounds(sign * row.cost)),
            *(pounds(sign * lost), row.reference),
        )


def beneficiary(supplier: str) -> str:
    """Return the supplier's name, or that it is redacted."""
    return supplier if _ORGANISATION.search(supplier) else REDACTED


TRANSPARENCY = Report(
    "transparency",
    (
        *("date", "department", "beneficiary", "purpose", "amount", "irrecoverable_vat"),
        "reference",
    ),
    _rows,
)
