"""A budget's freeze, apportionment and threshold: the row as it stands, and what was before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.budget import Budget
from services.fund.errors import StaleEtag
from services.fund.storage.book import book_of
from services.fund.storage.tables import budgets
from services.fund.storage.tables.controls import budget_apportionments, budget_facts


def set_frozen(work: UnitOfWork, after: Budget, reason: str) -> int:
    """Write a freeze or its end and return the number of the event that tells it.

    Raises:
        StaleEtag: Somebody changed the budget since it was read (ABORTED).
    """
    sequence = _write(work, after, frozen=after.frozen, sequence=budgets.c.sequence + 1)
    work.connection.execute(
        insert(budget_facts).values(
            budget_id=after.id,
            version=after.version,
            tenant=after.tenant,
            action="frozen" if after.frozen else "unfrozen",
            reason=reason,
            actor=work.caller.subject,
            at=work.at,
        )
    )
    return sequence


def set_shares(work: UnitOfWork, after: Budget) -> None:
    """Write how the budget's purchases are shared from now on.

    Raises:
        StaleEtag: Somebody changed the budget since it was read (ABORTED).
    """
    parts = [list(part) for part in after.shares.parts]
    content = {"parts": parts, "residual": after.shares.residual}
    _write(work, after, apportionment=content)
    work.connection.execute(
        insert(budget_apportionments).values(
            budget_id=after.id,
            version=after.version,
            tenant=after.tenant,
            content=content,
            set_by=work.caller.subject,
            created_at=work.at,
        )
    )


def settle(work: UnitOfWork, budget: Budget, percent: int) -> None:
    """Note the threshold that a budget now stands at, where nobody is told."""
    book_of(work).forget()
    work.connection.execute(
        update(budgets).where(budgets.c.id == budget.id).values(threshold_percent=percent)
    )


def _write(work: UnitOfWork, after: Budget, **values: Any) -> int:
    book_of(work).forget()
    sequence: int | None = work.connection.execute(
        update(budgets)
        .where(budgets.c.id == after.id, budgets.c.version == after.version - 1)
        .values(version=after.version, **values)
        .returning(budgets.c.sequence)
    ).scalar_one_or_none()
    if sequence is None:
        raise StaleEtag("the budget has changed; read it again", etag=str(after.version - 1))
    return sequence
