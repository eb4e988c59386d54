"""Asking, answering and deciding: all that happens to a purchase before it is ordered."""

from __future__ import annotations

from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.domain import steps
from services.fund.domain.approval import Decision, check_limit, content_hash
from services.fund.domain.purchase import Action, Purchase
from services.fund.queries.views import PurchaseView
from services.fund.storage import approvals


def query(work: UnitOfWork, target: Target) -> PurchaseView:
    """Ask the requester something; the money stays held.

    Raises:
        ServiceError: As `steps.load`; WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.query")
    step = steps.plain(purchase, Action.QUERIED)
    return record(work, step, fact=fact_of(work, target, step))


def answer(work: UnitOfWork, target: Target) -> PurchaseView:
    """Answer a query.

    Raises:
        ServiceError: As `steps.load`; WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.answer")
    step = steps.plain(purchase, Action.ANSWERED)
    return record(work, step, fact=fact_of(work, target, step))


def withdraw(work: UnitOfWork, target: Target) -> PurchaseView:
    """Take the own request back.

    Raises:
        ServiceError: As `steps.load` with NotTheRequester; WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.withdraw", requester_only=True)
    step = steps.give_back(purchase, Action.WITHDRAWN)
    return record(work, step, fact=fact_of(work, target, step))


def approve(work: UnitOfWork, target: Target, amount: int | None) -> PurchaseView:
    """Approve in full (no amount) or in part, within the caller's limit.

    Raises:
        ServiceError: As `steps.load` with RequesterMayNotDecide; WrongState,
            ApprovalAboveRequest (FAILED_PRECONDITION); NoDelegatedLimit, OverDelegatedLimit
            (PERMISSION_DENIED).
    """
    purchase = load(work, target, "purchase.approve", decides=True)
    officer = work.caller.subject
    step = steps.approve(purchase, amount, officer, at=work.at)
    counted = approvals.counted(work.connection, purchase, work.at)
    held = approvals.limit_of(work.connection, work.tenant, officer, london_date(work.at))
    limit = check_limit(held, counted, step.amount, officer=officer)
    decision = Decision(
        id=new_id(),
        tenant=work.tenant,
        purchase_id=purchase.id,
        purchase_version=purchase.version,
        outcome="approved",
        decider=officer,
        requester=purchase.requester,
        decided_at=work.at,
        amount_minor=step.amount,
        limit_id=limit.id,
        limit_minor=limit.limit_minor,
        counted_minor=counted.with_purchase(step.amount)[0],
        content_hash=content_hash(purchase),
    )
    approvals.add_decision(work, decision)
    details = {"decision_id": decision.id, "approved_minor": step.amount}
    fact = fact_of(work, target, step, decision_id=decision.id)
    return record(work, step, fact=fact, details=details)


def decline(work: UnitOfWork, target: Target) -> PurchaseView:
    """Decline and give the money back.

    Raises:
        ServiceError: As `steps.load` with RequesterMayNotDecide; WrongState
            (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.decline", decides=True)
    step = steps.give_back(purchase, Action.DECLINED)
    decision = _declined(work, purchase)
    approvals.add_decision(work, decision)
    fact = fact_of(work, target, step, decision_id=decision.id)
    return record(work, step, fact=fact, details={"decision_id": decision.id})


def _declined(work: UnitOfWork, purchase: Purchase) -> Decision:
    return Decision(
        id=new_id(),
        tenant=work.tenant,
        purchase_id=purchase.id,
        purchase_version=purchase.version,
        outcome="declined",
        decider=work.caller.subject,
        requester=purchase.requester,
        decided_at=work.at,
        content_hash=content_hash(purchase),
    )
