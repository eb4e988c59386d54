"""Suppliers as purchases name them, and their payee details."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.payee import HOLD, PayeeChange
from services.fund.errors.papers import PayeeChangeNotFound, SupplierNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables import purchases
from services.fund.storage.tables.payees import payee_changes, payee_decisions, payee_stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A supplier; its name as it was first written."""

    id: str
    name: str


def supplier(connection: Connection, tenant: str, supplier_id: str) -> Supplier:
    """Return a supplier.

    Raises:
        SupplierNotFound: Nobody of the authority has asked for it (NOT_FOUND).
    """
    columns = purchases.c
    query = select(columns.supplier_name).where(
        columns.tenant == tenant, columns.supplier_id == supplier_id
    )
    name = connection.execute(query.order_by(columns.id).limit(1)).scalar_one_or_none()
    if name is None:
        raise SupplierNotFound("there is no such supplier", supplier_id=supplier_id)
    return Supplier(id=supplier_id, name=name)


def suppliers_page(connection: Connection, tenant: str, cut: Cut) -> list[Supplier]:
    """Return a page of suppliers, by id."""
    columns = purchases.c
    query = (
        select(columns.supplier_id, func.min(columns.supplier_name).label("name"))
        .where(columns.tenant == tenant, columns.supplier_id > cut.after)
        .group_by(columns.supplier_id)
        .order_by(columns.supplier_id)
        .limit(cut.size)
    )
    return [Supplier(id=row.supplier_id, name=row.name) for row in connection.execute(query)]


def propose(work: UnitOfWork, change: PayeeChange) -> None:
    """Insert a change that waits for a second officer."""
    work.connection.execute(
        insert(payee_changes).values(
            id=change.id,
            tenant=change.tenant,
            supplier_id=change.supplier_id,
            sealed=change.sealed,
            ending=change.ending,
            reason=change.reason,
            proposed_by=change.proposed_by,
            proposed_at=change.proposed_at,
        )
    )


def decide(work: UnitOfWork, change: PayeeChange, *, confirmed: bool) -> None:
    """Insert a decision; the table refuses the proposer's confirmation and a shorter hold."""
    work.connection.execute(
        insert(payee_decisions).values(
            change_id=change.id,
            tenant=change.tenant,
            confirmed="yes" if confirmed else "no",
            proposed_by=change.proposed_by,
            decided_by=work.caller.subject,
            decided_at=work.at,
            hold_s=int(HOLD.total_seconds()) if confirmed else 0,
        )
    )


def stop(work: UnitOfWork, change: PayeeChange, reason: str) -> None:
    """Insert that a confirmed change was stopped on hold."""
    work.connection.execute(
        insert(payee_stops).values(
            change_id=change.id,
            tenant=change.tenant,
            reason=reason,
            stopped_by=work.caller.subject,
            stopped_at=work.at,
        )
    )


def change(connection: Connection, tenant: str, change_id: str) -> PayeeChange:
    """Return a change.

    Raises:
        PayeeChangeNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    query = _changes().where(payee_changes.c.tenant == tenant, payee_changes.c.id == change_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise PayeeChangeNotFound("there is no such change", payee_change_id=change_id)
    return _change(row)


def changes_of(connection: Connection, tenant: str, supplier_id: str) -> list[PayeeChange]:
    """Return all changes of a supplier, newest first."""
    query = _changes().where(
        payee_changes.c.tenant == tenant, payee_changes.c.supplier_id == supplier_id
    )
    return [_change(row) for row in connection.execute(query.order_by(payee_changes.c.id.desc()))]


def changes_page(
    connection: Connection, tenant: str, cut: Cut, *, supplier_id: str
) -> list[PayeeChange]:
    """Return a page of changes, newest first; only a supplier's when one is named."""
    query = _changes().where(payee_changes.c.tenant == tenant)
    if supplier_id:
        query = query.where(payee_changes.c.supplier_id == supplier_id)
    if cut.after:
        query = query.where(payee_changes.c.id < cut.after)
    rows = connection.execute(query.order_by(payee_changes.c.id.desc()).limit(cut.size))
    return [_change(row) for row in rows]


def changes_by_supplier(
    connection: Connection, tenant: str, supplier_ids: Iterable[str]
) -> dict[str, list[PayeeChange]]:
    """Return all changes of these suppliers."""
    found: dict[str, list[PayeeChange]] = defaultdict(list)
    wanted = payee_changes.c.supplier_id.in_(sorted(set(supplier_ids)))
    query = _changes().where(payee_changes.c.tenant == tenant, wanted)
    for row in connection.execute(query):
        found[row.supplier_id].append(_change(row))
    return found


def _changes() -> Any:
    decided, stopped = payee_decisions.c, payee_stops.c
    joined = payee_changes.outerjoin(
        payee_decisions, decided.change_id == payee_changes.c.id
    ).outerjoin(payee_stops, stopped.change_id == payee_changes.c.id)
    return select(
        payee_changes,
        decided.confirmed,
        decided.decided_by,
        decided.decided_at,
        decided.hold_s,
        stopped.stopped_at,
    ).select_from(joined)


def _change(row: Any) -> PayeeChange:
    confirmed = row.confirmed == "yes"
    return PayeeChange(
        id=row.id,
        tenant=row.tenant,
        supplier_id=row.supplier_id,
        sealed=row.sealed,
        ending=row.ending,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by or "",
        decided_at=row.decided_at,
        in_force_at=row.decided_at + timedelta(seconds=row.hold_s) if confirmed else None,
        stopped=row.confirmed == "no" or row.stopped_at is not None,
    )
