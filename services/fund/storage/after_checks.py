"""Approvals by rule that were drawn for an officer's look afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.approval import Decision
from services.fund.errors.approvals import AfterCheckDone, AfterCheckNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables.approving import after_check_results, after_checks


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCheck:
    """One check; what was found is empty until somebody looks."""

    decision_id: str
    purchase_id: str
    requester: str
    decided_at: datetime
    found_right: bool = False
    reason: str = ""
    checked_by: str = ""
    checked_at: datetime | None = None


def add(work: UnitOfWork, decision: Decision) -> None:
    """Insert that a decision by rule was drawn."""
    work.connection.execute(
        insert(after_checks).values(
            decision_id=decision.id,
            tenant=decision.tenant,
            purchase_id=decision.purchase_id,
            requester=decision.requester,
            created_at=work.at,
        )
    )


def get(connection: Connection, tenant: str, decision_id: str) -> AfterCheck:
    """Return a check that nobody has done.

    Raises:
        AfterCheckNotFound: It was not drawn, or is another authority's (NOT_FOUND).
        AfterCheckDone: Somebody has (ALREADY_EXISTS).
    """
    query = _checks().where(
        after_checks.c.tenant == tenant, after_checks.c.decision_id == decision_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise AfterCheckNotFound("it was not drawn for a check", decision_id=decision_id)
    if row.checked_at is not None:
        raise AfterCheckDone("somebody has looked at it", decision_id=decision_id)
    return _check(row)


def record(work: UnitOfWork, check: AfterCheck) -> None:
    """Insert what an officer found; the table refuses the requester and a second result."""
    work.connection.execute(
        insert(after_check_results).values(
            decision_id=check.decision_id,
            tenant=work.tenant,
            found_right=check.found_right,
            reason=check.reason,
            requester=check.requester,
            checked_by=check.checked_by,
            created_at=work.at,
        )
    )


def page(connection: Connection, tenant: str, cut: Cut, *, waiting: bool) -> list[AfterCheck]:
    """Return a page of checks, oldest first; only those that wait when asked."""
    query = _checks().where(after_checks.c.tenant == tenant, after_checks.c.decision_id > cut.after)
    if waiting:
        query = query.where(after_check_results.c.created_at.is_(None))
    rows = connection.execute(query.order_by(after_checks.c.decision_id).limit(cut.size))
    return [_check(row) for row in rows]


def _checks() -> Any:
    done = after_check_results.c
    return select(
        after_checks,
        done.found_right,
        done.reason,
        done.checked_by,
        done.created_at.label("checked_at"),
    ).select_from(
        after_checks.outerjoin(after_check_results, done.decision_id == after_checks.c.decision_id)
    )


def _check(row: Any) -> AfterCheck:
    return AfterCheck(
        decision_id=row.decision_id,
        purchase_id=row.purchase_id,
        requester=row.requester,
        decided_at=row.created_at,
        found_right=bool(row.found_right),
        reason=row.reason or "",
        checked_by=row.checked_by or "",
        checked_at=row.checked_at,
    )
