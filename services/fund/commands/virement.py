"""Virement: money that is available goes to another budget of the same year, of the same source."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import booking
from services.fund.commands.budgets import check_terms, own_figures
from services.fund.domain.budget import Budget, threshold_reached, unfrozen
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import Entry, Kind, pot_account
from services.fund.domain.proposal import Proposal
from services.fund.errors import PotExhausted, VirementInvalid
from services.fund.storage import book, budget_switches, budgets, funding, pots, sources
from services.fund.wire import money_events as events
from services.fund.wire.events import threshold_crossed


@dataclass(frozen=True, slots=True)
class Virement:
    """Pence of a source that go from one budget to another."""

    origin: str
    target: str
    source: str
    pence: int


def of(proposal: Proposal) -> Virement:
    """Return what a proposal of this kind asks for."""
    return Virement(
        proposal.of("budget_id"),
        proposal.of("target_budget_id"),
        proposal.of("source_id"),
        proposal.amount,
    )


def check(work: UnitOfWork, asked: Virement) -> tuple[Budget, Budget, str]:
    """Return both budgets and the pot that the money leaves.

    Raises:
        BudgetNotFound, SourceNotFound: There is no such one (NOT_FOUND).
        VirementInvalid: Another year's, or the same budget (INVALID_ARGUMENT).
        BudgetFrozen, SourceTermsBroken: One of them may not (FAILED_PRECONDITION).
        PotExhausted: Less is available (FAILED_PRECONDITION).
    """
    origin = budgets.get(work.connection, work.tenant, asked.origin)
    target = budgets.get(work.connection, work.tenant, asked.target)
    source = sources.get(work.connection, work.tenant, asked.source)
    if origin.id == target.id or origin.period != target.period:
        rule = "another budget" if origin.id == target.id else "the same year"
        raise VirementInvalid(
            f"target_budget_id: a virement needs {rule}", field="target_budget_id", rule=rule
        )
    unfrozen(origin)
    check_terms(work, source, unfrozen(target))
    pot = pots.of_source(work.connection, origin, source.id)
    if pot is None:
        raise PotExhausted(
            f"{origin.name} has no money of {source.name}",
            budget_id=origin.id,
            asked_minor=asked.pence,
            available_minor=0,
        )
    pots.available(work, pot.id, asked.pence)
    return origin, target, pot.id


def move(work: UnitOfWork, proposal: Proposal) -> str:
    """Move the money and return the journal's id.

    Raises:
        ServiceError: As `check`; PeriodClosed, PeriodSoftClosed (FAILED_PRECONDITION).
    """
    asked = of(proposal)
    origin, target, from_pot = check(work, asked)
    source = sources.get(work.connection, work.tenant, asked.source)
    to_pot = budgets.pot_for(work, target, source)
    entries = (
        Entry(pot_account(from_pot, Bucket.AVAILABLE), -asked.pence, from_pot, source.id),
        Entry(pot_account(to_pot, Bucket.AVAILABLE), asked.pence, to_pot, source.id),
    )
    journal = booking.write(work, Kind.VIRE, entries)
    book.put_in(work, from_pot, -asked.pence)
    book.put_in(work, to_pot, asked.pence)
    reached = threshold_reached(own_figures(funding.payers(work, target)))
    budget_switches.settle(work, target, reached)
    left = own_figures(funding.payers(work, origin))
    percent = threshold_reached(left)
    sequence = budgets.lift(work, origin, percent)
    event = events.budget_vired(proposal, work.caller.subject)
    work.emit(event, resource=origin.id, sequence=sequence)
    if percent > origin.threshold_percent:
        crossed = threshold_crossed(origin, percent, left)
        work.emit(crossed, resource=origin.id, sequence=budgets.next_sequence(work, origin.id))
    return journal.id
