"""Budgets that were proposed, where the authority's rules ask for two officers."""

from __future__ import annotations

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import budgets
from services.fund.commands.budgets import NewBudget
from services.fund.domain.budget import Period, PeriodKind, Scope
from services.fund.domain.proposal import Proposal


def of(proposal: Proposal) -> NewBudget:
    """Return the budget that a proposal asks for."""
    start = int(proposal.content["start_year"] or 0)
    return NewBudget(
        parent_id=proposal.of("parent_id"),
        scope=Scope(proposal.of("scope")),
        name=proposal.of("name"),
        schools=frozenset(proposal.of("school_urns").split()),
        period=Period(PeriodKind(proposal.of("period_kind")), start),
    )


def check(work: UnitOfWork, proposal: Proposal) -> None:
    """Check what a new budget would be refused for, but the name, which may become free.

    Raises:
        ServiceError: As `commands.budgets.create`.
    """
    budgets.check_new(work, of(proposal))


def found(work: UnitOfWork, proposal: Proposal) -> str:
    """Create the budget; no journal is written.

    Raises:
        ServiceError: As `commands.budgets.create`.
    """
    budgets.found(work, of(proposal), proposal.of("budget_id"))
    return ""
