"""Events of sources, budgets, the ledger and closing years: ids and pence only."""

from __future__ import annotations

from localresponse.fund.v1 import money_events_pb2 as pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.fund.domain.budget import Budget
from services.fund.domain.payee import PayeeChange
from services.fund.domain.proposal import Proposal
from services.fund.domain.source import Source
from services.fund.storage.periods import Year


def source_expiring(source: Source, days: int, *, available: int) -> pb.SourceExpiring:
    """Return the event of terms that end in so many days; the pence are in its budgets."""
    assert source.terms.spend_by is not None, "only terms with an end expire"
    return pb.SourceExpiring(
        source_id=source.id,
        spend_by_date=date_to_proto(source.terms.spend_by),
        days_before=days,
        unallocated_minor=source.unallocated,
        available_minor=available,
    )


def source_terms_changed(source: Source) -> pb.SourceTermsChanged:
    """Return the event of other terms; the source is as it stands after it."""
    return pb.SourceTermsChanged(source_id=source.id, terms_version=source.terms.version)


def source_returned(source_id: str, pot_id: str, pence: int, *, total: int) -> pb.SourceReturned:
    """Return the event of money that went back to its funder; the total is all so far."""
    return pb.SourceReturned(
        source_id=source_id, pot_id=pot_id, amount_minor=pence, returned_minor=total
    )


def budget_vired(proposal: Proposal, officer: str) -> pb.BudgetVired:
    """Return the event of a virement that the officer does now."""
    return pb.BudgetVired(
        budget_id=proposal.of("budget_id"),
        target_budget_id=proposal.of("target_budget_id"),
        source_id=proposal.of("source_id"),
        amount_minor=proposal.amount,
        officer_id=proposal.proposer,
        second_officer_id=officer if officer != proposal.proposer else "",
    )


def budget_switched(budget: Budget) -> pb.BudgetFrozen | pb.BudgetUnfrozen:
    """Return the event of a freeze, or of its end, as the budget now stands."""
    return (pb.BudgetFrozen if budget.frozen else pb.BudgetUnfrozen)(budget_id=budget.id)


def budget_carried(origin: str, target: str, source_id: str, *, pence: int) -> pb.BudgetCarried:
    """Return the event of unspent money that went to the next year's budget."""
    return pb.BudgetCarried(
        budget_id=origin, target_budget_id=target, source_id=source_id, amount_minor=pence
    )


def ledger_reversed(journal_id: str, reversal_id: str) -> pb.LedgerReversed:
    """Return the event of a journal that was undone."""
    return pb.LedgerReversed(journal_id=journal_id, reversal_id=reversal_id)


def period_moved(year: Year) -> pb.PeriodMoved:
    """Return the event of a year as it now stands."""
    return pb.PeriodMoved(
        period_id=year.id,
        kind=year.period.kind,
        start_year=year.period.start_year,
        state=year.state,
    )


def payee_proposed(change: PayeeChange) -> pb.PayeeProposed:
    """Return the event of new payee details that wait for a second officer."""
    return pb.PayeeProposed(
        payee_change_id=change.id, supplier_id=change.supplier_id, officer_id=change.proposed_by
    )


def payee_confirmed(change: PayeeChange) -> pb.PayeeConfirmed:
    """Return the event of payee details that are confirmed and on hold."""
    assert change.in_force_at is not None, "what is confirmed has a moment from which it holds"
    return pb.PayeeConfirmed(
        payee_change_id=change.id,
        supplier_id=change.supplier_id,
        officer_id=change.decided_by,
        in_force_time=timestamp_to_proto(change.in_force_at),
    )


def payee_rejected(change: PayeeChange, officer: str) -> pb.PayeeRejected:
    """Return the event of payee details that were rejected, or stopped on hold."""
    return pb.PayeeRejected(
        payee_change_id=change.id, supplier_id=change.supplier_id, officer_id=officer
    )
