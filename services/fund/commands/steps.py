"""What every step of a purchase shares: load and check, then record money, state and event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.unit_of_work import UnitOfWork
from services.fund import metrics
from services.fund.access import ACTIONS
from services.fund.commands import booking
from services.fund.domain.approval import check_decider
from services.fund.domain.purchase import Purchase
from services.fund.domain.steps import Step, check_day
from services.fund.errors import NotTheRequester, StaleEtag
from services.fund.queries.views import PurchaseView
from services.fund.storage import purchases
from services.fund.wire import events


@dataclass(frozen=True, slots=True)
class Target:
    """Which purchase a command is about.

    Attributes:
        etag: The version that the caller has read; empty: not looked at.
        reason: Free text, personal.
    """

    purchase_id: str
    etag: str
    reason: str


def load(
    work: UnitOfWork,
    target: Target,
    action: str,
    *,
    decides: bool = False,
    requester_only: bool = False,
) -> Purchase:
    """Return the purchase, locked, if the caller may do this to it as they have read it.

    Args:
        work: The command.
        target: Which purchase.
        action: A key of the action table.
        decides: Whether it is a decision, which the requester may not take.
        requester_only: Whether only the requester may do it.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
        PermissionDenied: The caller's role or school does not allow it.
        RequesterMayNotDecide, NotTheRequester: The caller is, or is not, who asked
            (PERMISSION_DENIED).
        StaleEtag: It has changed since (ABORTED).
    """
    purchase = purchases.get(work.connection, work.tenant, target.purchase_id, lock=True)
    require(ACTIONS, work.caller, action, Resource(purchase.tenant, purchase.school_urn))
    if decides:
        check_decider(purchase, work.caller.subject)
    if requester_only and work.caller.subject != purchase.requester:
        raise NotTheRequester("only who asked may do this", purchase_id=purchase.id)
    if target.etag and target.etag != str(purchase.version):
        raise StaleEtag(
            "the purchase has changed; read it again",
            etag=target.etag,
            current_etag=str(purchase.version),
        )
    return purchase


def record(
    work: UnitOfWork,
    step: Step,
    *,
    fact: purchases.Fact | None = None,
    details: Mapping[str, Any] | None = None,
) -> PurchaseView:
    """Write a step: the purchase, its journals, its fact and its event.

    Args:
        work: The command.
        step: What came of it.
        fact: What the history says besides; its amount is the step's own.
        details: Fields that the event has besides the snapshot.
    """
    purchase = step.after
    known = fact or purchases.Fact(effective_on=london_date(work.at))
    purchases.save(work, step.before, purchase)
    for kind, moves in step.postings:
        booking.move(work, kind, moves, effective_on=known.effective_on, purchase_id=purchase.id)
    purchases.add_fact(work, purchase, known, action=step.action, from_state=step.before.state)
    event = events.purchase_event(step.action, purchase, work.caller.subject, dict(details or {}))
    work.emit(event, resource=purchase.id, sequence=purchase.sequence)
    metrics.note(work, step.action, purchase)
    return PurchaseView(
        purchase,
        purchases.facts_of(work.connection, purchase.id),
        purchases.papers_of(work.connection, purchase.id),
    )


def fact_of(work: UnitOfWork, target: Target, step: Step, **more: Any) -> purchases.Fact:
    """Return what the history says of a step that counts for today."""
    on: date = more.pop("effective_on", london_date(work.at))
    return purchases.Fact(effective_on=on, reason=target.reason, amount=step.amount, **more)


def day_of(work: UnitOfWork, purchase: Purchase, given: date | None, field: str) -> date:
    """Return the day that a paper or a delivery names; None: today.

    Raises:
        DateOutOfRange: In the future, or before the purchase was (INVALID_ARGUMENT).
    """
    today = london_date(work.at)
    first = london_date(purchase.submitted_at)
    return check_day(given or today, today=today, not_before=first, field=field)
