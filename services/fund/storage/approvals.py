"""Delegated limits, decisions, and what counts towards a limit."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.approval import Counted, Decision, Limit
from services.fund.domain.approving import each_place
from services.fund.domain.policy import Policy
from services.fund.domain.purchase import Purchase, State
from services.fund.storage.paging import Cut
from services.fund.storage.tables import (
    decisions,
    delegated_limits,
    purchase_children,
    purchases,
)
from services.fund.storage.tables.discussion import attachments


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


def counted(connection: Connection, purchase: Purchase, policy: Policy, *, at: datetime) -> Counted:
    """Return what was approved in the policy's windows before `at`, without the purchase itself."""
    approved = (
        purchases.c.tenant == purchase.tenant,
        purchases.c.approved_at > at - timedelta(days=policy.window_days),
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
        supplier_and_school=int(connection.execute(supplier).scalar_one()),
        child_and_category=int(connection.execute(child).scalar_one_or_none() or 0),
        quotes=_quotes(connection, purchase),
        duplicate=_duplicate(connection, purchase, policy, at),
        **_given(connection, purchase, policy, at),
    )


def _quotes(connection: Connection, purchase: Purchase) -> int:
    kept = attachments.c
    query = select(func.count(func.distinct(kept.sha256))).where(
        kept.purchase_id == purchase.id, kept.kind == "quote"
    )
    return int(connection.execute(query).scalar_one())


def _of_the_children(purchase: Purchase, since: datetime) -> tuple[Any, ...]:
    """Return the conditions of other approved purchases for one of the children."""
    return (
        purchases.c.tenant == purchase.tenant,
        purchases.c.approved_at > since,
        purchases.c.state != State.CANCELLED,
        purchases.c.id != purchase.id,
        purchase_children.c.child_id.in_(purchase.child_ids),
    )


def _duplicate(connection: Connection, purchase: Purchase, policy: Policy, at: datetime) -> str:
    if not policy.duplicate_weeks:
        return ""
    since = at - timedelta(weeks=policy.duplicate_weeks)
    query = (
        select(purchases.c.id)
        .join(purchase_children, purchase_children.c.purchase_id == purchases.c.id)
        .where(*_of_the_children(purchase, since), purchases.c.category == purchase.category)
        .order_by(purchases.c.approved_at.desc())
        .limit(1)
    )
    return str(connection.execute(query).scalar_one_or_none() or "")


def _given(
    connection: Connection, purchase: Purchase, policy: Policy, at: datetime
) -> dict[str, int]:
    """Return the most that one child was given in the caps' window; nothing without caps."""
    if policy.child_cap is None and purchase.category not in policy.category_caps:
        return {}
    query = (
        select(
            purchase_children.c.child_id,
            purchases.c.category,
            purchases.c.approved,
            purchases.c.places,
        )
        .join(purchase_children, purchase_children.c.purchase_id == purchases.c.id)
        .where(*_of_the_children(purchase, at - timedelta(days=policy.cap_days)))
    )
    given: dict[str, int] = defaultdict(int)
    same: dict[str, int] = defaultdict(int)
    for row in connection.execute(query):
        part = each_place(row.approved, row.places)
        given[row.child_id] += part
        same[row.child_id] += part if row.category == purchase.category else 0
    return {
        "child": max(given.values(), default=0),
        "child_in_category": max(same.values(), default=0),
    }


def add_decision(work: UnitOfWork, decision: Decision) -> None:
    """Insert a decision; the table itself refuses a requester and an amount over the limit."""
    work.connection.execute(
        insert(decisions).values(
            id=decision.id,
            tenant=decision.tenant,
            purchase_id=decision.purchase_id,
            purchase_version=decision.purchase_version,
            revision=decision.revision,
            outcome=decision.outcome,
            decider=decision.decider,
            on_behalf_of=decision.on_behalf_of,
            requester=decision.requester,
            approver_number=decision.approver_number,
            approvers_needed=decision.approvers_needed,
            overridden=",".join(decision.overridden),
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
