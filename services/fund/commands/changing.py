"""Changing what was asked for: it is planned and decided anew, so it is no way round."""

from __future__ import annotations

from dataclasses import replace

from services.chassis.clock import london_date
from services.chassis.ids import derived_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.commands.submitting import Submission, check_review
from services.fund.domain import amending
from services.fund.domain.amending import Planned, need_of
from services.fund.domain.amounts import name_key
from services.fund.domain.apportionment import Payer
from services.fund.domain.approval import content_hash
from services.fund.domain.budget import Budget, named_budget
from services.fund.domain.periods import next_year
from services.fund.domain.purchase import Purchase
from services.fund.domain.working_time import due
from services.fund.queries.views import PurchaseView
from services.fund.storage import (
    budgets,
    funding,
    purchases,
    revisions,
    school_facts,
)


def amend(work: UnitOfWork, target: Target, asked: Submission) -> PurchaseView:
    """Replace what is asked for; approvals so far are void and the new cost is held.

    Raises:
        ServiceError: As `steps.load` with NotTheRequester; WrongState; DateOutOfRange
            (INVALID_ARGUMENT); OutsidePeriod, BudgetFrozen, NoEligibleSource, PotExhausted
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.amend", requester_only=True)
    check_review(asked.expected.review_on, london_date(work.at))
    budget, payers = payers_of(work, purchase)
    edited = _edited(work, purchase, asked, payers)
    step = amending.amend(purchase, edited, planned(work, edited, budget, payers))
    revisions.keep(work, purchase, target.reason, content_hash(purchase))
    purchases.replace_content(work, step.after)
    details = {"revision": step.after.revision}
    return record(work, step, fact=fact_of(work, target, step), details=details)


def _edited(
    work: UnitOfWork, purchase: Purchase, asked: Submission, payers: tuple[Payer, ...]
) -> Purchase:
    school = purchase.school_urn
    return replace(
        purchase,
        child_ids=asked.child_ids,
        places=asked.places,
        need=asked.need,
        category=asked.category,
        expected=asked.expected,
        urgency=asked.urgency,
        supplier_id=derived_id("supplier", work.tenant, name_key(asked.supplier_name)),
        supplier_name=asked.supplier_name,
        lines=asked.lines,
        decide_by=due(work.at, asked.urgency.working_days),
        circumstances=school_facts.with_facts(work, asked.circumstances, school, payers),
    )


def payers_of(work: UnitOfWork, purchase: Purchase) -> tuple[Budget, tuple[Payer, ...]]:
    """Return the budget that pays today for more of a purchase, with its pots.

    That is the purchase's own; once its year is over, the one of the same name in today's year.

    Raises:
        ServiceError: As `named_budget` (FAILED_PRECONDITION).
    """
    today = london_date(work.at)
    budget = budgets.get(work.connection, work.tenant, purchase.budget_id)
    while budget.period.ends_on < today:
        after = next_year(budget.period)
        following = budgets.named(work.connection, work.tenant, budget, after)
        if following is None:
            break
        budget = following
    named_budget(budget, purchase.school_urn, today)
    return budget, tuple(funding.payers(work, budget))


def planned(
    work: UnitOfWork, purchase: Purchase, budget: Budget, payers: tuple[Payer, ...]
) -> Planned:
    """Return what a new plan for a purchase is made from."""
    return Planned(payers, need_of(purchase, london_date(work.at)), budget.id)
