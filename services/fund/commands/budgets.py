"""Budgets, and the money that goes into them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.chassis.auth import Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.commands import alone, booking
from services.fund.domain.apportionment import Payer
from services.fund.domain.budget import (
    Budget,
    Period,
    Scope,
    check_shape,
    threshold_reached,
    unfrozen,
)
from services.fund.domain.figures import NOTHING, Bucket, Figures
from services.fund.domain.ledger import Entry, Kind, pot_account, source_account
from services.fund.domain.proposal import Proposal, ProposalKind, ProposalState
from services.fund.domain.source import Source
from services.fund.errors import SecondOfficerNeeded, SourceTermsBroken
from services.fund.queries.budgets import BudgetView, view
from services.fund.storage import book, budgets, funding, proposals, school_facts, sources
from services.fund.wire import events


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBudget:
    """What a new budget is; no parent: empty."""

    parent_id: str
    scope: Scope
    name: str
    schools: frozenset[str]
    period: Period


@dataclass(frozen=True, slots=True)
class Allocation:
    """Pence of a source that go into a budget."""

    budget_id: str
    source_id: str
    amount: int

    @property
    def content(self) -> dict[str, str | int | None]:
        """What a proposal of it is about."""
        return {"budget_id": self.budget_id, "source_id": self.source_id}


def create(work: UnitOfWork, new: NewBudget) -> BudgetView:
    """Create a budget without money.

    Raises:
        BudgetNotFound: There is no such parent (NOT_FOUND).
        BudgetScopeInvalid: Its parts do not fit together (INVALID_ARGUMENT).
        NameTaken: The authority has one of this name in this year (ALREADY_EXISTS).
        SecondOfficerNeeded: The authority's rules ask for two (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "budget.create", Resource(work.tenant))
    if proposals.rules(work.connection, work.tenant).budget_by_two:
        raise SecondOfficerNeeded(
            "a new budget is proposed and confirmed by another officer", rule="budget_by_two"
        )
    return found(work, new, new_id())


def check_new(work: UnitOfWork, new: NewBudget) -> Budget | None:
    """Return the budget above a new one; None when there is none.

    Raises:
        BudgetNotFound, BudgetScopeInvalid: As `create`.
    """
    parent = budgets.get(work.connection, work.tenant, new.parent_id) if new.parent_id else None
    check_shape(new.scope, new.schools, parent, new.period)
    return parent


def found(work: UnitOfWork, new: NewBudget, budget_id: str) -> BudgetView:
    """Create a budget whoever had to agree to it.

    Raises:
        ServiceError: As `create`, but for the second officer.
    """
    parent = check_new(work, new)
    budget = Budget(
        id=budget_id,
        tenant=work.tenant,
        parent_id=new.parent_id,
        path=f"{parent.path if parent else '/'}{budget_id}/",
        scope=new.scope,
        name=new.name,
        schools=new.schools,
        period=new.period,
        created_at=work.at,
    )
    budgets.add(work, budget)
    return BudgetView(budget)


def allocate(work: UnitOfWork, allocation: Allocation) -> BudgetView:
    """Move banked money of a source into the budget's pot for it.

    Raises:
        BudgetNotFound, SourceNotFound: There is no such one (NOT_FOUND).
        SecondOfficerNeeded: The authority's rules ask for two (FAILED_PRECONDITION).
        BudgetFrozen: Nothing goes in while it is frozen (FAILED_PRECONDITION).
        SourceTermsBroken: The source's terms forbid it (FAILED_PRECONDITION).
        SourceExhausted: Less is banked and unallocated (FAILED_PRECONDITION).
        PeriodClosed, PeriodSoftClosed: Its year takes nothing new (FAILED_PRECONDITION).
    """
    rules = proposals.rules(work.connection, work.tenant)
    kind, content = ProposalKind.ALLOCATION, allocation.content
    counted = alone.counted(work, kind, allocation.amount, content)
    if rules.second_needed(kind, counted):
        raise SecondOfficerNeeded(
            "an allocation of this sum is proposed and confirmed by another officer",
            rule="allocation_above",
            asked_minor=allocation.amount,
            counted_minor=counted,
            limit_minor=rules.allocation_above or 0,
        )
    after, journal_id = put_in(work, allocation)
    proposals.add(
        work,
        Proposal(
            id=new_id(),
            tenant=work.tenant,
            kind=kind,
            second_needed=False,
            amount=allocation.amount,
            content=content,
            reason="",
            proposer=work.caller.subject,
            proposed_at=work.at,
            state=ProposalState.DONE,
            decided_at=work.at,
            journal_id=journal_id,
        ),
    )
    return after


def put_in(work: UnitOfWork, allocation: Allocation) -> tuple[BudgetView, str]:
    """Allocate whatever the sum, and return the journal's id too.

    Raises:
        ServiceError: As `allocate`, but for the second officer.
    """
    budget = budgets.get(work.connection, work.tenant, allocation.budget_id)
    source = sources.get(work.connection, work.tenant, allocation.source_id, lock=True)
    require(ACTIONS, work.caller, "budget.allocate", Resource(budget.tenant))
    check_terms(work, source, unfrozen(budget))
    sources.allocate(work, source, allocation.amount)
    pot_id = budgets.pot_for(work, budget, source)
    entries = (
        Entry(source_account(source.id, "unallocated"), -allocation.amount, source_id=source.id),
        Entry(
            pot_account(pot_id, Bucket.AVAILABLE), allocation.amount, pot_id, source_id=source.id
        ),
    )
    journal = booking.write(work, Kind.ALLOCATE, entries)
    book.put_in(work, pot_id, allocation.amount)
    own = own_figures(funding.payers(work, budget))
    percent = threshold_reached(own)
    sequence = budgets.lift(work, budget, percent)
    event = events.budget_allocated(budget, source, allocation.amount, pot_id=pot_id, figures=own)
    work.emit(event, resource=budget.id, sequence=sequence)
    after = replace(budget, threshold_percent=percent)
    return view(work.connection, after, book.book_of(work)), journal.id


def own_figures(payers: list[Payer]) -> Figures:
    """Return the money of a budget's own pots together."""
    return sum((payer.pot.figures for payer in payers), start=NOTHING)


def check_terms(work: UnitOfWork, source: Source, budget: Budget) -> None:
    """Check that money of the source may go into the budget.

    Raises:
        SourceTermsBroken: Its terms forbid it (FAILED_PRECONDITION).
    """
    schools = school_facts.of(work.connection, work.tenant, budget.schools).values()
    rule = source.terms.broken_by_budget(schools, budget.period.starts_on)
    if rule:
        raise SourceTermsBroken(
            f"the terms of {source.name} do not allow money for {budget.name} ({rule})",
            source_id=source.id,
            budget_id=budget.id,
            rule=rule,
        )
