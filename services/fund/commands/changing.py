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
from services.fund.domain.budget import named_budget
from services.fund.domain.purchase import Purchase
from services.fund.domain.working_time import due
from services.fund.queries.views import PurchaseView
from services.fund.storage import (
    budgets,
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
    payers = payers_of(work, purchase)
    edited = _edited(work, purchase, asked, payers)
    step = amending.amend(purchase, edited, planned(work, edited, payers))
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


def payers_of(work: UnitOfWork, purchase: Purchase) -> tuple[Payer, ...]:
    """Return the pots of the purchase's budget, if it may pay today.

    Raises:
        ServiceError: As `named_budget` (FAILED_PRECONDITION).
    """
    budget = budgets.get(work.connection, work.tenant, purchase.budget_id)
    named_budget(budget, purchase.school_urn, london_date(work.at))
    return tuple(budgets.payers(work, budget))


def planned(work: UnitOfWork, purchase: Purchase, payers: tuple[Payer, ...]) -> Planned:
    """Return what a new plan for a purchase is made from."""
    return Planned(payers, need_of(purchase, london_date(work.at)))
