"""Committing more: within tolerance as it is, above it by a decision of one officer or of two.

The rung of the whole sum says how many decide. The first of two is a decision that moves no
money; the second one's commits it, if the sum, the content and the first one's limit still stand.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.changing import payers_of, planned
from services.fund.commands.judging import (
    Case,
    case_of,
    check_cover,
    limit_of,
    overridden_by,
    standing,
)
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.domain import amending, steps
from services.fund.domain.approval import Decision, check_decider, content_hash
from services.fund.domain.approving import Deciders, Part, check_people, check_role
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.steps import Step
from services.fund.queries.views import PurchaseView
from services.fund.storage import approvals, deciders, policies, uplifts
from services.fund.wire import events

_FIRST, _LAST = "raising", "uplifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """How much more, in pence.

    Attributes:
        on_behalf_of: Whom the officer stands in for; empty: nobody.
        override_reason: Why rules are set aside; empty: they are not.
    """

    pence: int
    on_behalf_of: str = ""
    override_reason: str = ""


def uplift(work: UnitOfWork, target: Target, more: Uplift) -> PurchaseView:
    """Commit more; where two officers are needed, the first one's decision moves nothing yet.

    Raises:
        ServiceError: As `steps.load`; NotCovered, RequesterMayNotDecide,
            RecommenderMayNotDecide, SameApproverTwice, ApproverRoleNotAllowed, NoDelegatedLimit,
            OverDelegatedLimit, NoOverrideRight (PERMISSION_DENIED); WrongState, OutsidePeriod,
            BudgetFrozen, NoEligibleSource, PotExhausted, QuotesMissing, ChildCapReached,
            CategoryCapReached (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.uplift")
    plan = planned(work, purchase, *payers_of(work, purchase))
    step = amending.uplift(purchase, more.pence, plan)
    if tolerated(work, purchase, more.pence):
        details = {"amount_minor": step.amount}
        return record(work, step, fact=fact_of(work, target, step), details=details)
    who = Deciders(work.caller.subject, more.on_behalf_of)
    check_decider(purchase, who.officer)
    total = step.after.approved_minor
    case = case_of(work, purchase, who, pence=total, explained=True)
    decision = _decided(work, case, step, more.override_reason)
    approvals.add_decision(work, decision)
    uplifts.add_people(work, purchase, who.people, decision)
    if decision.overridden:
        event = events.approval_overridden(
            purchase, decision.id, decision.overridden, actor=who.officer
        )
        work.emit(event, resource=decision.id, sequence=1)
    return _recorded(work, target, step, decision)


def tolerated(work: UnitOfWork, purchase: Purchase, more: int) -> bool:
    """Return whether so many pence more need no new decision."""
    policy = policies.in_force(work.connection, work.tenant)
    last = deciders.latest_approval(work.connection, purchase)
    decided = last.amount_minor if last else 0
    return policy.within_tolerance(decided, purchase.approved_minor + more - decided)


def _decided(work: UnitOfWork, case: Case, step: Step, override_reason: str) -> Decision:
    purchase, who = case.purchase, case.who
    check_cover(work, who)
    raised = uplifts.people_of(work.connection, purchase, case.pence)
    took = deciders.took_part(work.connection, purchase)
    recommended = [each for each in took if each.part is Part.RECOMMENDED]
    check_people(purchase, who, [*recommended, *raised])
    check_role(case.rung, work.caller.role)
    earlier = standing(work, case, uplifts.first_decisions(work.connection, purchase))
    number, needed = 1 + len(earlier), case.rung.approvers
    last = number >= needed
    limit = limit_of(work, case, last=last)
    return Decision(
        id=new_id(),
        tenant=work.tenant,
        purchase_id=purchase.id,
        purchase_version=purchase.version,
        revision=purchase.revision,
        outcome=_LAST if last else _FIRST,
        decider=who.officer,
        on_behalf_of=who.on_behalf_of,
        requester=purchase.requester,
        decided_at=work.at,
        amount_minor=case.pence,
        limit_id=limit.id,
        limit_minor=limit.limit_minor,
        counted_minor=case.total,
        policy_version=case.policy.version,
        content_hash=content_hash(step.after if last else purchase),
        approver_number=number,
        approvers_needed=needed,
        overridden=overridden_by(work, case, override_reason),
    )


def _recorded(work: UnitOfWork, target: Target, step: Step, decision: Decision) -> PurchaseView:
    details: dict[str, object] = {"decision_id": decision.id}
    if decision.outcome == _FIRST:
        first = steps.plain(step.before, Action.ENDORSED)
        fact = fact_of(work, target, first, decision_id=decision.id)
        return record(work, first, fact=fact, details=details)
    fact = fact_of(work, target, step, decision_id=decision.id)
    return record(work, step, fact=fact, details={**details, "amount_minor": step.amount})
