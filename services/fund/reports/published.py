"""Spending over £500 as the Local Government Transparency Code asks for it, redacted.

The purpose is the category's name, never what somebody wrote. Source: Local Government
Transparency Code 2015, paras 28 to 30.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, select

from services.fund.domain.category import DEFAULT_CATEGORIES
from services.fund.domain.csv_cells import pounds
from services.fund.domain.lines import VatRecovery
from services.fund.domain.publication import ABOVE, SupplierKind, published
from services.fund.errors.exports import PublicationNotReviewed
from services.fund.reports.report import Asked, Report, Row, read
from services.fund.storage import publication
from services.fund.storage.tables import invoices, purchases
from services.fund.storage.tables.returning import credit_notes


def _rows(connection: Connection, asked: Asked) -> Iterator[Row]:
    """Yield what may be published.

    Raises:
        PublicationNotReviewed: Nobody has said of every supplier what it is
            (FAILED_PRECONDITION).
    """
    waiting = publication.waiting_count(connection, asked.tenant)
    if waiting:
        raise PublicationNotReviewed(
            f"{waiting} suppliers are to be reviewed before anything is published",
            waiting=waiting,
        )
    yield from _published(connection, _query(invoices, "invoice_on", asked), 1)
    yield from _published(connection, _query(credit_notes, "credit_on", asked), -1)


def _query(papers: Any, day: str, asked: Asked) -> Select[Any]:
    review = publication.latest(asked.tenant).subquery()
    return (
        select(
            papers.c[day].label("on"),
            papers.c.vat,
            papers.c.recovery,
            papers.c.cost,
            purchases.c.supplier_name,
            purchases.c.category,
            purchases.c.reference,
            review.c.kind,
        )
        .join(purchases, purchases.c.id == papers.c.purchase_id)
        .join(review, review.c.supplier_id == purchases.c.supplier_id)
        .where(papers.c.tenant == asked.tenant, papers.c.cost > ABOVE)
        .order_by(papers.c[day], papers.c.id)
    )


def _published(connection: Connection, query: Select[Any], sign: int) -> Iterator[Row]:
    for row in read(connection, query):
        lost = 0 if row.recovery == VatRecovery.YES else row.vat
        shown = published(row.supplier_name, SupplierKind(row.kind))
        yield (
            *(row.on, "Local response fund", shown.beneficiary),
            *(DEFAULT_CATEGORIES.get(row.category, "Other"), pounds(sign * row.cost)),
            *(pounds(sign * lost), row.reference, shown.redaction),
        )


TRANSPARENCY = Report(
    "transparency",
    (
        *("date", "department", "beneficiary", "purpose", "amount", "irrecoverable_vat"),
        *("reference", "redaction"),
    ),
    _rows,
)
