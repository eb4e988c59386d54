"""The fund's events: ids and pence, no name and no free text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from localresponse.fund.v1 import fund_events_pb2 as pb
from localresponse.fund.v1 import money_events_pb2 as money_pb

from services.chassis.wire import date_to_proto, timestamp_to_proto
from services.fund.domain.apportionment import Share
from services.fund.domain.budget import Budget, Scope
from services.fund.domain.figures import Figures
from services.fund.domain.purchase import Action, Purchase
from services.fund.domain.source import Source
from services.fund.wire.names import DIRECTIONS, SOURCE_KINDS, STATES, URGENCIES
from services.fund.wire.values import day_out

_STEPS: dict[Action, Callable[..., Any]] = {
    Action.SUBMITTED: pb.PurchaseSubmitted,
    Action.QUERIED: pb.PurchaseQueried,
    Action.ANSWERED: pb.PurchaseAnswered,
    Action.APPROVED: pb.PurchaseApproved,
    Action.DECLINED: pb.PurchaseDeclined,
    Action.WITHDRAWN: pb.PurchaseWithdrawn,
    Action.ORDERED: pb.PurchaseOrdered,
    Action.DELIVERED: pb.PurchaseDelivered,
    Action.INVOICED: pb.PurchaseInvoiced,
    Action.DISPUTED: money_pb.PurchaseInvoiceDisputed,
    Action.RETURNED: money_pb.PurchaseInvoiceReturned,
    Action.PAID: pb.PurchasePaid,
    Action.CLOSED: pb.PurchaseClosed,
    Action.CANCELLED: pb.PurchaseCancelled,
    Action.RECOMMENDED: pb.PurchaseRecommended,
    Action.ENDORSED: pb.PurchaseEndorsed,
    Action.AMENDED: pb.PurchaseAmended,
    Action.UPLIFTED: pb.PurchaseUplifted,
    Action.EXPIRED: pb.PurchaseExpired,
    Action.CREDITED: pb.PurchaseCredited,
    Action.REFUNDED: pb.PurchaseRefunded,
    Action.ISSUED: pb.PurchaseVoucherIssued,
    Action.REDEEMED: pb.PurchaseVoucherRedeemed,
    Action.LAPSED: pb.PurchaseVoucherLapsed,
    Action.WRITTEN_OFF: money_pb.PurchaseWrittenOff,
    Action.ACCRUED: money_pb.PurchaseAccrued,
    Action.CARRIED: money_pb.PurchaseCarried,
    Action.RELEASED: money_pb.PurchaseReleased,
}


def source_banked(source: Source, pence: int) -> pb.SourceBanked:
    """Return the event of money that arrived; the source is as it stands after it."""
    return pb.SourceBanked(
        source_id=source.id,
        source_kind=SOURCE_KINDS.out(source.kind),
        amount_minor=pence,
        banked_minor=source.banked,
        unallocated_minor=source.unallocated,
    )


def budget_allocated(
    budget: Budget, source: Source, pence: int, *, pot_id: str, figures: Figures
) -> pb.BudgetAllocated:
    """Return the event of money that went into a budget; the figures are the budget's own."""
    return pb.BudgetAllocated(
        budget_id=budget.id,
        pot_id=pot_id,
        source_id=source.id,
        amount_minor=pence,
        allocated_minor=figures.total,
    )


def threshold_crossed(budget: Budget, percent: int, figures: Figures) -> pb.BudgetThresholdCrossed:
    """Return the event of a budget that is running out; the figures are the budget's own."""
    own = budget.scope is Scope.SCHOOL
    return pb.BudgetThresholdCrossed(
        budget_id=budget.id,
        threshold_percent=percent,
        allocated_minor=figures.total,
        available_minor=figures.available,
        school_urn=next(iter(budget.schools)) if own else "",
    )


def purchase_event(action: Action, purchase: Purchase, actor: str, details: dict[str, Any]) -> Any:
    """Return the event of a step; the purchase is as it stands after it.

    Args:
        action: What happened.
        purchase: As it stands after it.
        actor: The subject of a sign-in.
        details: The fields that this event has besides the snapshot.
    """
    return _STEPS[action](purchase=_snapshot(purchase, actor), **details)


def approval_overdue(purchase: Purchase) -> pb.ApprovalOverdue:
    """Return the event of a decision that is late."""
    return pb.ApprovalOverdue(
        purchase_id=purchase.id,
        reference=purchase.reference,
        school_urn=purchase.school_urn,
        urgency=URGENCIES.out(purchase.urgency),
        decide_by_time=timestamp_to_proto(purchase.decide_by) if purchase.decide_by else None,
    )


def approval_overridden(
    purchase: Purchase, decision_id: str, rules: Sequence[str], *, actor: str
) -> pb.ApprovalOverridden:
    """Return the event of rules of the policy that an officer set aside."""
    return pb.ApprovalOverridden(
        purchase_id=purchase.id,
        reference=purchase.reference,
        decision_id=decision_id,
        rules=rules,
        actor_id=actor,
        school_urn=purchase.school_urn,
    )


def _snapshot(purchase: Purchase, actor: str) -> pb.PurchaseSnapshot:
    message = pb.PurchaseSnapshot(
        purchase_id=purchase.id,
        reference=purchase.reference,
        state=STATES.out(purchase.state),
        school_urn=purchase.school_urn,
        child_ids=purchase.child_ids,
        category=purchase.category,
        urgency=URGENCIES.out(purchase.urgency),
        supplier_id=purchase.supplier_id,
        budget_id=purchase.budget_id,
        requester_id=purchase.requester,
        measure=purchase.expected.measure,
        direction=DIRECTIONS.out(purchase.expected.direction),
        review_date=date_to_proto(purchase.expected.review_on),
        submit_time=timestamp_to_proto(purchase.submitted_at),
        first_delivered_date=day_out(purchase.first_delivered_on),
        cost_minor=purchase.cost,
        sources=[_source_money(share) for share in purchase.shares],
        actor_id=actor,
    )
    if purchase.approved_at is not None:
        message.approve_time.CopyFrom(timestamp_to_proto(purchase.approved_at))
    return message


def _source_money(share: Share) -> pb.SourceMoney:
    figures = share.figures
    return pb.SourceMoney(
        pot_id=share.pot_id,
        source_id=share.source_id,
        source_kind=SOURCE_KINDS.out(share.source_kind),
        reserved_minor=figures.reserved,
        committed_minor=figures.committed,
        received_minor=figures.received,
        issued_minor=figures.issued,
        spent_minor=figures.spent,
        refund_due_minor=figures.refund_due,
        written_off_minor=figures.written_off,
        released_minor=figures.available,
    )
