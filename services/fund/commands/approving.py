"""Approving: who may, how many must, and what the policy asks for besides."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.clock import london_date
from services.chassis.errors import ServiceError
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.domain import steps
from services.fund.domain.approval import Counted, Decision, Limit, check_limit, content_hash
from services.fund.domain.approving import (
    Deciders,
    Part,
    Took,
    broken_rules,
    check_any_limit,
    check_new_part,
    check_people,
    check_role,
    stands,
)
from services.fund.domain.policy import Policy, Rung
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.steps import Step
from services.fund.errors.approvals import NoOverrideRight, NotCovered
from services.fund.queries.views import PurchaseView
from services.fund.storage import approvals, deciders, policies
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What an approval is decided from."""

    purchase: Purchase
    who: Deciders
    policy: Policy
    counted: Counted
    pence: int
    explained: bool

    @property
    def rung(self) -> Rung:
        return self.policy.rung(self.purchase.category, self.total)

    @property
    def total(self) -> int:
        return self.counted.with_purchase(self.pence)[0]


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
    case = _case(work, purchase, who, pence=step.amount, explained=bool(target.reason))
    _check_cover(work, who)
    check_people(purchase, who, deciders.took_part(work.connection, purchase))
    check_role(case.rung, work.caller.role)
    number = 1 + len(_standing(work, case))
    limit = _limit(work, case, last=number >= case.rung.approvers)
    overridden = _overridden(work, case, approval)
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


def _case(
    work: UnitOfWork, purchase: Purchase, who: Deciders, *, pence: int, explained: bool
) -> _Case:
    policy = policies.in_force(work.connection, work.tenant)
    counted = approvals.counted(work.connection, purchase, policy, at=work.at)
    return _Case(
        purchase=purchase,
        who=who,
        policy=policy,
        counted=counted,
        pence=pence,
        explained=explained,
    )


def _check_cover(work: UnitOfWork, who: Deciders) -> None:
    if not who.on_behalf_of:
        return
    cover = (work.tenant, who.officer, who.on_behalf_of)
    if not deciders.covered(work.connection, cover, london_date(work.at)):
        raise NotCovered("you stand in for nobody of this id today", delegator_id=who.on_behalf_of)


def _standing(work: UnitOfWork, case: _Case) -> list[Decision]:
    """Return the earlier approvals that still count: a lowered limit voids its own."""
    today = london_date(work.at)
    wanted = content_hash(case.purchase)
    found = []
    for earlier in deciders.endorsements(work.connection, case.purchase):
        holder = earlier.on_behalf_of or earlier.decider
        now = approvals.limit_of(work.connection, work.tenant, holder, today)
        if stands(earlier, wanted, case.pence, now):
            found.append(earlier)
    return found


def _limit(work: UnitOfWork, case: _Case, *, last: bool) -> Limit:
    """Return the limit that holds; who decides last must be within theirs."""
    holder = case.who.limit_holder
    held = approvals.limit_of(work.connection, work.tenant, holder, london_date(work.at))
    if last:
        return check_limit(held, case.counted, case.pence, officer=holder)
    return check_any_limit(held, holder)


def _overridden(work: UnitOfWork, case: _Case, approval: Approval) -> tuple[str, ...]:
    """Return the rules that are set aside.

    Raises:
        ServiceError: The first rule that is broken, without a reason to set it aside.
        NoOverrideRight: The officer may not override (PERMISSION_DENIED).
    """
    broken: list[ServiceError] = broken_rules(
        case.purchase, case.counted, case.policy, pence=case.pence, explained=case.explained
    )
    if approval.override_reason:
        officer = case.who.officer
        if not deciders.may_override(work.connection, work.tenant, officer):
            raise NoOverrideRight("you hold no right to override", officer_id=officer)
        return tuple(each.reason for each in broken)
    if broken:
        raise broken[0]
    return ()


def _decision(
    work: UnitOfWork, case: _Case, limit: Limit, *, number: int, overridden: tuple[str, ...]
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
