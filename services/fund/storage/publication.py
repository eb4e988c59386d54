"""Suppliers with spending over £500, and what was decided about their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, select, union_all

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.publication import ABOVE, SupplierKind
from services.fund.storage.paging import Cut
from services.fund.storage.tables import invoices, purchases
from services.fund.storage.tables.exports import publication_reviews
from services.fund.storage.tables.returning import credit_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """A supplier that is in the file.

    Attributes:
        name: Personal where it is a person's.
        items: How many invoices and credit notes of it are published.
        kind: What somebody decided that it is; None: nobody has.
        version: How many times somebody decided.
    """

    supplier_id: str
    name: str
    items: int
    kind: SupplierKind | None = None
    version: int = 0


def page(connection: Connection, tenant: str, cut: Cut, *, waiting: bool) -> list[Beneficiary]:
    """Return a page of suppliers by id; only those that nobody has reviewed, if so asked."""
    found = _suppliers(tenant).subquery()
    review = latest(tenant).subquery()
    query = (
        select(found, review.c.kind, review.c.version)
        .join(review, review.c.supplier_id == found.c.supplier_id, isouter=True)
        .where(found.c.supplier_id > cut.after)
        .order_by(found.c.supplier_id)
        .limit(cut.size)
    )
    if waiting:
        query = query.where(review.c.kind.is_(None))
    return [_beneficiary(row) for row in connection.execute(query)]


def get(connection: Connection, tenant: str, supplier_id: str) -> Beneficiary | None:
    """Return a supplier that is in the file; None when nothing of it is."""
    found = _suppliers(tenant).subquery()
    review = latest(tenant).subquery()
    query = (
        select(found, review.c.kind, review.c.version)
        .join(review, review.c.supplier_id == found.c.supplier_id, isouter=True)
        .where(found.c.supplier_id == supplier_id)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _beneficiary(row)


def waiting_count(connection: Connection, tenant: str) -> int:
    """Return how many suppliers in the file nobody has reviewed."""
    found = _suppliers(tenant).subquery()
    review = latest(tenant).subquery()
    query = (
        select(func.count())
        .select_from(found)
        .join(review, review.c.supplier_id == found.c.supplier_id, isouter=True)
        .where(review.c.kind.is_(None))
    )
    return int(connection.execute(query).scalar_one())


def latest(tenant: str) -> Select[Any]:
    """Return the query of what was last decided of each supplier."""
    columns = publication_reviews.c
    last = (
        select(columns.supplier_id, func.max(columns.version).label("version"))
        .where(columns.tenant == tenant)
        .group_by(columns.supplier_id)
        .subquery()
    )
    newest = and_(columns.supplier_id == last.c.supplier_id, columns.version == last.c.version)
    return (
        select(columns.supplier_id, columns.kind, columns.version)
        .join(last, newest)
        .where(columns.tenant == tenant)
    )


def add(work: UnitOfWork, decided: Beneficiary) -> None:
    """Insert what somebody decided."""
    work.connection.execute(
        insert(publication_reviews).values(
            tenant=work.tenant,
            supplier_id=decided.supplier_id,
            version=decided.version,
            kind=decided.kind,
            reviewed_by=work.caller.subject,
            created_at=work.at,
        )
    )


def _suppliers(tenant: str) -> Select[Any]:
    papers = union_all(
        *(
            select(paper.c.purchase_id).where(paper.c.tenant == tenant, paper.c.cost > ABOVE)
            for paper in (invoices, credit_notes)
        )
    ).subquery()
    return (
        select(
            purchases.c.supplier_id,
            func.max(purchases.c.supplier_name).label("name"),
            func.count().label("items"),
        )
        .join(papers, papers.c.purchase_id == purchases.c.id)
        .group_by(purchases.c.supplier_id)
    )


def _beneficiary(row: Any) -> Beneficiary:
    return Beneficiary(
        supplier_id=row.supplier_id,
        name=row.name,
        items=row.items,
        kind=SupplierKind(row.kind) if row.kind else None,
        version=row.version or 0,
    )
