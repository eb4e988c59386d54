"""Asking for a purchase: the hot path, where money is held.

A batch of requests on one pot costs one look-up of the budget, one locking read of its pots and
one update of them, whatever its size; everything else is inserted with the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.database.together import Asked
from services.chassis.ids import derived_id, new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund import metrics
from services.fund.access import ACTIONS
from services.fund.commands import booking
from services.fund.commands.budgets import own_figures
from services.fund.domain.amounts import name_key
from services.fund.domain.apportionment import Payer, plan_lines, reserving
from services.fund.domain.budget import Budget, named_budget, paying_budget, threshold_reached
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import Kind
from services.fund.domain.lines import Line
from services.fund.domain.periods import check_accepting
from services.fund.domain.purchase import (
    Action,
    ExpectedChange,
    Purchase,
    State,
    Urgency,
    reference_of,
)
from services.fund.domain.terms import UNSTATED, Circumstances, Need
from services.fund.domain.working_time import due
from services.fund.errors import DateOutOfRange
from services.fund.queries.views import PurchaseView
from services.fund.storage import budgets, funding, periods, purchases, school_facts
from services.fund.storage.book import book_of
from services.fund.wire import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is asked for. No budget named: empty."""

    school_urn: str
    child_ids: tuple[str, ...]
    need: str
    category: str
    expected: ExpectedChange
    urgency: Urgency
    supplier_name: str
    lines: tuple[Line, ...]
    budget_id: str
    places: int = 1
    circumstances: Circumstances = UNSTATED


def ahead(tenant: str, asked: Submission, at: datetime) -> tuple[Asked, ...]:
    """Return what `submit` will look up, for the batch to ask for with all the rest.

    What it looks up besides, or on another day, it asks for when it comes to it.
    """
    years = periods.asking(tenant)
    if asked.budget_id:
        return (years,)
    return (years, *funding.asking(tenant, asked.school_urn, london_date(at)))


def submit(work: UnitOfWork, asked: Submission) -> PurchaseView:
    """Hold the money for a purchase, or refuse it whole.

    Raises:
        DateOutOfRange: Its review day has passed (INVALID_ARGUMENT).
        BudgetNotFound: The budget that it names is unknown (NOT_FOUND).
        NoBudgetForSchool, BudgetDoesNotCoverSchool, OutsidePeriod, BudgetFrozen: No budget
            may pay (FAILED_PRECONDITION).
        NoEligibleSource, PotExhausted: The budget's money may not, or does not suffice
            (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "purchase.submit", Resource(work.tenant, asked.school_urn))
    today = london_date(work.at)
    check_review(asked.expected.review_on, today)
    budget = _budget(work, asked, today)
    check_accepting(periods.shut(work), (budget.period,))
    payers = funding.payers(work, budget)
    known = school_facts.with_facts(work, asked.circumstances, asked.school_urn, payers)
    need = Need(asked.school_urn, asked.category, today, len(asked.child_ids), known)
    costed = plan_lines(payers, need, asked.lines, budget_id=budget.id)
    purchase_id = new_id()
    purchase = Purchase(
        id=purchase_id,
        tenant=work.tenant,
        reference=reference_of(purchase_id),
        state=State.SUBMITTED,
        school_urn=asked.school_urn,
        child_ids=asked.child_ids,
        need=asked.need,
        category=asked.category,
        expected=asked.expected,
        urgency=asked.urgency,
        supplier_id=derived_id("supplier", work.tenant, name_key(asked.supplier_name)),
        supplier_name=asked.supplier_name,
        lines=costed.lines,
        budget_id=budget.id,
        requester=work.caller.subject,
        shares=costed.shares,
        submitted_at=work.at,
        places=asked.places,
        decide_by=due(work.at, asked.urgency.working_days),
        circumstances=known,
    )
    return _record(work, purchase, budget, payers, today=today)


def _record(
    work: UnitOfWork, purchase: Purchase, budget: Budget, payers: list[Payer], *, today: date
) -> PurchaseView:
    cost = purchase.cost
    _cross_threshold(work, budget, payers, cost)
    purchases.add(work, purchase)
    moves = reserving(purchase.shares)
    booking.move(work, Kind.RESERVE, moves, effective_on=today, purchase_id=purchase.id)
    fact = purchases.Fact(effective_on=today, amount=cost)
    recorded = purchases.first_fact(work, purchase, fact, Action.SUBMITTED)
    event = events.purchase_event(Action.SUBMITTED, purchase, work.caller.subject, {})
    work.emit(event, resource=purchase.id, sequence=purchase.sequence)
    metrics.note(work, Action.SUBMITTED, purchase)
    return PurchaseView(purchase, (recorded,))


def _budget(work: UnitOfWork, asked: Submission, today: date) -> Budget:
    book = book_of(work)
    if asked.budget_id:
        named = book.once(
            ("budget", work.tenant, asked.budget_id),
            lambda: budgets.get(work.connection, work.tenant, asked.budget_id),
        )
        return named_budget(named, asked.school_urn, today)
    candidates = book.once(
        ("covering", work.tenant, asked.school_urn, today),
        lambda: funding.covering(work, asked.school_urn, today),
    )
    return paying_budget(candidates, asked.school_urn, today)


def _cross_threshold(work: UnitOfWork, budget: Budget, payers: list[Payer], cost: int) -> None:
    """Announce the highest threshold that this request crosses, once."""
    after = own_figures(payers).moved(Bucket.AVAILABLE, Bucket.RESERVED, cost)
    percent = threshold_reached(after)
    if percent <= budget.threshold_percent:
        return
    sequence = budgets.cross(work, budget, percent)
    if sequence is not None:
        event = events.threshold_crossed(budget, percent, after)
        work.emit(event, resource=budget.id, sequence=sequence)


def check_review(review_on: date, today: date) -> None:
    """Check the day on which the change is looked at.

    Raises:
        DateOutOfRange: It has passed (INVALID_ARGUMENT).
    """
    if review_on < today:
        raise DateOutOfRange(
            f"expected_change.review_date: {review_on} is past",
            field="expected_change.review_date",
            date=review_on.isoformat(),
        )
