"""Allocations that were proposed: what a single officer may not do above a set sum."""

from __future__ import annotations

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import budgets as commands
from services.fund.domain.budget import unfrozen
from services.fund.domain.proposal import Proposal
from services.fund.storage import budgets, sources


def check(work: UnitOfWork, proposal: Proposal) -> None:
    """Check what an allocation would be refused for but the sum, which may still arrive.

    Raises:
        ServiceError: As `commands.budgets.allocate`.
    """
    budget = budgets.get(work.connection, work.tenant, proposal.of("budget_id"))
    source = sources.get(work.connection, work.tenant, proposal.of("source_id"))
    commands.check_terms(work, source, unfrozen(budget))


def allocate(work: UnitOfWork, proposal: Proposal) -> str:
    """Move the money and return the journal's id.

    Raises:
        ServiceError: As `commands.budgets.allocate`.
    """
    wanted = commands.Allocation(
        proposal.of("budget_id"), proposal.of("source_id"), proposal.amount
    )
    _, journal_id = commands.put_in(work, wanted)
    return journal_id
