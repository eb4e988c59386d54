"""Changing what was asked for, and committing more: both plan again, and neither is a way round."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.chassis.clock import london_date
from services.chassis.ids import derived_id, new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.commands.submitting import Submission, check_review
from services.fund.domain import amending
from services.fund.domain.amending import Planned, need_of
from services.fund.domain.amounts import name_key
from services.fund.domain.apportionment import Payer
from services.fund.domain.approval import Decision, check_decider, check_limit, content_hash
from services.fund.domain.budget import named_budget
from services.fund.domain.policy import Policy
from services.fund.domain.purchase import Purchase
from services.fund.domain.steps import Step
from services.fund.domain.working_time import due
from services.fund.errors.approvals import AmendmentNeeded
from services.fund.queries.views import PurchaseView
from services.fund.storage import (
    approvals,
    budgets,
    deciders,
    policies,
    purchases,
    revisions,
    school_facts,
)


@dataclass(frozen=True, slots=True)
class Uplift:
    """How much more, in pence."""

    pence: int


def amend(work: UnitOfWork, target: Target, asked: Submission) -> PurchaseView:
    """Replace what is asked for; approvals so far are void and the new cost is held.

    Raises:
        ServiceError: As `steps.load` with NotTheRequester; WrongState; DateOutOfRange
            (INVALID_ARGUMENT); OutsidePeriod, BudgetFrozen, NoEligibleSource, PotExhausted
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.amend", requester_only=True)
    check_review(asked.expected.review_on, london_date(work.at))
    payers = _payers(work, purchase)
    edited = _edited(work, purchase, asked, payers)
    step = amending.amend(purchase, edited, _planned(work, edited, payers))
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


def _payers(work: UnitOfWork, purchase: Purchase) -> tuple[Payer, ...]:
    budget = budgets.get(work.connection, work.tenant, purchase.budget_id)
    named_budget(budget, purchase.school_urn, london_date(work.at))
    return tuple(budgets.payers(work, budget))


def _planned(work: UnitOfWork, purchase: Purchase, payers: tuple[Payer, ...]) -> Planned:
    return Planned(payers, need_of(purchase, london_date(work.at)))


def uplift(work: UnitOfWork, target: Target, more: Uplift) -> PurchaseView:
    """Commit more: within tolerance without a decision, above it as a new one.

    Raises:
        ServiceError: As `steps.load`; RequesterMayNotDecide, NoDelegatedLimit,
            OverDelegatedLimit (PERMISSION_DENIED); AmendmentNeeded; WrongState; OutsidePeriod,
            BudgetFrozen, NoEligibleSource, PotExhausted (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.uplift")
    planned = _planned(work, purchase, _payers(work, purchase))
    step = amending.uplift(purchase, more.pence, planned)
    policy = policies.in_force(work.connection, work.tenant)
    decision = _uplift_decision(work, step, policy)
    if decision is not None:
        approvals.add_decision(work, decision)
    decision_id = decision.id if decision else ""
    details = {"amount_minor": step.amount, "decision_id": decision_id}
    fact = fact_of(work, target, step, decision_id=decision_id)
    return record(work, step, fact=fact, details=details)


def tolerated(work: UnitOfWork, purchase: Purchase, more: int) -> bool:
    """Return whether so many pence more need no new decision."""
    policy = policies.in_force(work.connection, work.tenant)
    last = deciders.latest_approval(work.connection, purchase)
    decided = last.amount_minor if last else 0
    return policy.within_tolerance(decided, purchase.approved_minor + more - decided)


def _uplift_decision(work: UnitOfWork, step: Step, policy: Policy) -> Decision | None:
    """Return the new decision; None while the rise since the last one is within tolerance."""
    purchase, total = step.before, step.after.approved_minor
    last = deciders.latest_approval(work.connection, purchase)
    decided = last.amount_minor if last else 0
    if policy.within_tolerance(decided, total - decided):
        return None
    officer = work.caller.subject
    check_decider(purchase, officer)
    counted = approvals.counted(work.connection, purchase, policy, at=work.at)
    held = approvals.limit_of(work.connection, work.tenant, officer, london_date(work.at))
    limit = check_limit(held, counted, total, officer=officer)
    sum_ = counted.with_purchase(total)[0]
    needed = policy.rung(purchase.category, sum_).approvers
    if needed > (last.approvers_needed if last else 1):
        raise AmendmentNeeded("so much more needs two approvers; amend it", approvers=needed)
    return Decision(
        id=new_id(),
        tenant=work.tenant,
        purchase_id=purchase.id,
        purchase_version=purchase.version,
        revision=purchase.revision,
        outcome="uplifted",
        decider=officer,
        requester=purchase.requester,
        decided_at=work.at,
        amount_minor=total,
        limit_id=limit.id,
        limit_minor=limit.limit_minor,
        counted_minor=sum_,
        policy_version=policy.version,
        content_hash=content_hash(step.after),
    )
