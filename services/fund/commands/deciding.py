"""Asking, answering and deciding: all that happens to a purchase before it is ordered."""

from __future__ import annotations

from typing import Any

from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands.steps import Target, fact_of, load, record
from services.fund.domain import steps
from services.fund.domain.approval import Decision, content_hash
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.working_time import later_by, working_time
from services.fund.queries.views import PurchaseView
from services.fund.storage import approvals


def query(work: UnitOfWork, target: Target) -> PurchaseView:
    """Ask the requester something; the money stays held.

    Raises:
        ServiceError: As `steps.load`; WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.query")
    step = steps.plain(purchase, Action.QUERIED, paused_at=work.at)
    return record(work, step, fact=fact_of(work, target, step))


def answer(work: UnitOfWork, target: Target) -> PurchaseView:
    """Answer a query.

    Raises:
        ServiceError: As `steps.load`; WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.answer")
    step = steps.plain(purchase, Action.ANSWERED, **_resumed(work, purchase))
    return record(work, step, fact=fact_of(work, target, step))


def _resumed(work: UnitOfWork, purchase: Purchase) -> dict[str, Any]:
    """Return the clock as it runs on: a decision is due later by the working time of the query."""
    if purchase.paused_at is None or purchase.decide_by is None:
        return {"paused_at": None}
    paused = working_time(purchase.paused_at, work.at)
    return {"paused_at": None, "decide_by": later_by(purchase.decide_by, paused)}


def withdraw(work: UnitOfWork, target: Target) -> PurchaseView:
    """Take the own request back.

    Raises:
        ServiceError: As `steps.load` with NotTheRequester; WrongState (FAILED_PRECONDITION).
    """
    purchase = load(work, target, "purchase.withdraw", requester_only=True)
    step = steps.give_back(purchase, Action.WITHDRAWN)
    return record(work, step, fact=fact_of(work, target, step))


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
        revision=purchase.revision,
        outcome="declined",
        decider=work.caller.subject,
        requester=purchase.requester,
        decided_at=work.at,
        content_hash=content_hash(purchase),
    )
