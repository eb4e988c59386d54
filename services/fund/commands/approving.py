"""Approving: who may, how many must, and what the policy asks for besides."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.judging import (
    Case,
    case_of,
    check_cover,
    limit_of,
    overridden_by,
    standing,
)
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.domain import steps
from services.fund.domain.approval import Decision, Limit, content_hash
from services.fund.domain.approving import (
    Deciders,
    Part,
    Took,
    check_new_part,
    check_people,
    check_role,
)
from services.fund.domain.purchase import Action
from services.fund.domain.steps import Step
from services.fund.queries.views import PurchaseView
from services.fund.storage import approvals, deciders
from services.fund.wire import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What an officer decides.

    Attributes:
        amount: Pence; None: all that was asked.
        on_behalf_of: Whom they stand in for; empty: nobody.
        override_reason: Why rules are set aside; empty: they are not.
    """

    amount: int | None = None
    on_behalf_of: str = ""
    override_reason: str = ""


def approve(work: UnitOfWork, target: Target, approval: Approval) -> PurchaseView:
    """Approve in full or in part; where two people are needed, the first one endorses.

    Raises:
        ServiceError: As `steps.load` with RequesterMayNotDecide; WrongState,
            ApprovalAboveRequest (FAILED_PRECONDITION); NotCovered, RecommenderMayNotDecide,
            SameApproverTwice, ApproverRoleNotAllowed, NoDelegatedLimit, OverDelegatedLimit,
            NoOverrideRight (PERMISSION_DENIED); QuotesMissing, ChildCapReached,
            CategoryCapReached, DuplicateUnexplained (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.approve", decides=True)
    who = Deciders(work.caller.subject, approval.on_behalf_of)
    step = steps.approve(purchase, approval.amount, who.officer, at=work.at)
    case = case_of(work, purchase, who, pence=step.amount, explained=bool(target.reason))
    check_cover(work, who)
    check_people(purchase, who, deciders.took_part(work.connection, purchase))
    check_role(case.rung, work.caller.role)
    endorsed = standing(work, case, deciders.endorsements(work.connection, purchase))
    number = 1 + len(endorsed)
    limit = limit_of(work, case, last=number >= case.rung.approvers)
    overridden = overridden_by(work, case, approval.override_reason)
    decision = _decision(work, case, limit, number=number, overridden=overridden)
    approvals.add_decision(work, decision)
    deciders.add_people(work, purchase, _parts(who, decision.id))
    if overridden:
        event = events.approval_overridden(purchase, decision.id, overridden, actor=who.officer)
        work.emit(event, resource=decision.id, sequence=1)
    return _recorded(work, target, step, decision)


def _recorded(work: UnitOfWork, target: Target, step: Step, decision: Decision) -> PurchaseView:
    if decision.outcome == "endorsed":
        first = steps.plain(step.before, Action.ENDORSED)
        fact = fact_of(work, target, first, decision_id=decision.id)
        return record(work, first, fact=fact, details={"decision_id": decision.id})
    details = {"decision_id": decision.id, "approved_minor": step.amount}
    fact = fact_of(work, target, step, decision_id=decision.id)
    return record(work, step, fact=fact, details=details)


def _decision(
    work: UnitOfWork, case: Case, limit: Limit, *, number: int, overridden: tuple[str, ...]
) -> Decision:
    purchase = case.purchase
    return Decision(
        id=new_id(),
        tenant=work.tenant,
        purchase_id=purchase.id,
        purchase_version=purchase.version,
        revision=purchase.revision,
        outcome="approved" if number >= case.rung.approvers else "endorsed",
        decider=case.who.officer,
        on_behalf_of=case.who.on_behalf_of,
        requester=purchase.requester,
        decided_at=work.at,
        amount_minor=case.pence,
        limit_id=limit.id,
        limit_minor=limit.limit_minor,
        counted_minor=case.total,
        policy_version=case.policy.version,
        content_hash=content_hash(purchase),
        approver_number=number,
        approvers_needed=case.rung.approvers,
        overridden=overridden,
    )


def _parts(who: Deciders, decision_id: str) -> list[Took]:
    took = [Took(who.officer, Part.APPROVED, decision_id)]
    if who.on_behalf_of:
        took.append(Took(who.on_behalf_of, Part.COVERED, decision_id))
    return took


def recommend(work: UnitOfWork, target: Target) -> PurchaseView:
    """Recommend a request to whoever decides.

    Raises:
        ServiceError: As `steps.load` with RequesterMayNotDecide; AlreadyTookPart
            (PERMISSION_DENIED); WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.recommend", decides=True)
    step = steps.plain(purchase, Action.RECOMMENDED)
    took = Took(work.caller.subject, Part.RECOMMENDED)
    check_new_part(purchase, took.person, deciders.took_part(work.connection, purchase))
    deciders.add_people(work, purchase, (took,))
    return record(work, step, fact=fact_of(work, target, step))
