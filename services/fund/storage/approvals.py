"""Delegated limits, decisions, and what counts towards a limit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.approval import WINDOW, Counted, Decision, Limit
from services.fund.domain.purchase import Purchase, State
from services.fund.storage.paging import Cut
from services.fund.storage.tables import (
    decisions,
    delegated_limits,
    purchase_children,
    purchases,
)


def add_limit(work: UnitOfWork, limit: Limit) -> None:
    """Insert a limit; it takes the place of the officer's earlier ones from its day on."""
    work.connection.execute(
        insert(delegated_limits).values(
            id=limit.id,
            tenant=limit.tenant,
            officer=limit.officer,
            amount=limit.limit_minor,
            valid_from=limit.valid_from,
            valid_to=limit.valid_to,
            set_by=limit.set_by,
            created_at=limit.created_at,
        )
    )


def limit_of(connection: Connection, tenant: str, officer: str, on: date) -> Limit | None:
    """Return the limit that holds on a day: the newest that has begun, None when it has ended."""
    columns = delegated_limits.c
    row = connection.execute(
        select(delegated_limits)
        .where(columns.tenant == tenant, columns.officer == officer, columns.valid_from <= on)
        .order_by(columns.valid_from.desc(), columns.created_at.desc(), columns.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or (row.valid_to is not None and row.valid_to < on):
        return None
    return _limit(row)


def limits_page(connection: Connection, tenant: str, cut: Cut, *, officer: str) -> list[Limit]:
    """Return a page of limits, newest first; only the officer's when one is named."""
    columns = delegated_limits.c
    query = select(delegated_limits).where(columns.tenant == tenant)
    if officer:
        query = query.where(columns.officer == officer)
    if cut.after:
        query = query.where(columns.id < cut.after)
    return [
        _limit(row) for row in connection.execute(query.order_by(columns.id.desc()).limit(cut.size))
    ]


def counted(connection: Connection, purchase: Purchase, at: datetime) -> Counted:
    """Return what was approved in the window before `at`, without the purchase itself."""
    approved = (
        purchases.c.tenant == purchase.tenant,
        purchases.c.approved_at > at - WINDOW,
        purchases.c.state != State.CANCELLED,
        purchases.c.id != purchase.id,
    )
    supplier = select(func.coalesce(func.sum(purchases.c.approved), 0)).where(
        *approved,
        purchases.c.school_urn == purchase.school_urn,
        purchases.c.supplier_id == purchase.supplier_id,
    )
    child = (
        select(func.sum(purchases.c.approved).label("total"))
        .join(purchase_children, purchase_children.c.purchase_id == purchases.c.id)
        .where(
            *approved,
            purchases.c.category == purchase.category,
            or_(*(purchase_children.c.child_id == each for each in purchase.child_ids)),
        )
        .group_by(purchase_children.c.child_id)
        .order_by(func.sum(purchases.c.approved).desc())
        .limit(1)
    )
    return Counted(
        int(connection.execute(supplier).scalar_one()),
        int(connection.execute(child).scalar_one_or_none() or 0),
    )


def add_decision(work: UnitOfWork, decision: Decision) -> None:
    """Insert a decision; the table itself refuses a requester and an amount over the limit."""
    work.connection.execute(
        insert(decisions).values(
            id=decision.id,
            tenant=decision.tenant,
            purchase_id=decision.purchase_id,
            purchase_version=decision.purchase_version,
            outcome=decision.outcome,
            decider=decision.decider,
            requester=decision.requester,
            amount=decision.amount_minor,
            limit_id=decision.limit_id or None,
            limit_amount=decision.limit_minor,
            counted=decision.counted_minor,
            policy_version=decision.policy_version,
            content_hash=decision.content_hash,
            decided_at=decision.decided_at,
        )
    )


def _limit(row: Any) -> Limit:
    return Limit(
        id=row.id,
        tenant=row.tenant,
        officer=row.officer,
        limit_minor=row.amount,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        set_by=row.set_by,
        created_at=row.created_at,
    )
