"""Every step of a request: who is offered it and in which state.

The fund decides what is allowed; this table only keeps pages from offering what it would refuse.
"""

from __future__ import annotations

from gateway.pages.steps_ahead import disputing, reading, returning, vouchers
from gateway.pages.steps_ahead.step import Purchase, StepAhead
from gateway.pages.visit import ASKERS, DECIDERS, Visit
from gateway.pages.vocabulary import PurchaseState


def offered(purchase: Purchase, visit: Visit) -> list[StepAhead]:
    """Return what the person can do to the request now."""
    return [step for step in STEPS_AHEAD.values() if is_offered(step, purchase, visit)]


def is_offered(step: StepAhead, purchase: Purchase, visit: Visit) -> bool:
    """Whether the person is offered this now."""
    mine = not step.own or purchase.requester_id == visit.subject
    there = purchase.state in step.states and step.when(purchase)
    return visit.is_one_of(step.roles) and there and mine


_UNDECIDED = frozenset(
    {PurchaseState.PURCHASE_STATE_SUBMITTED, PurchaseState.PURCHASE_STATE_QUERIED}
)
_ASKED_BACK = frozenset({PurchaseState.PURCHASE_STATE_QUERIED})
_TO_ORDER = frozenset({PurchaseState.PURCHASE_STATE_APPROVED})
RUNNING = frozenset({PurchaseState.PURCHASE_STATE_ORDERED, PurchaseState.PURCHASE_STATE_DELIVERED})
"""Where money of a request is on order, delivered or handed out."""

_APPROVED = _TO_ORDER | RUNNING
_WITH_INVOICES = RUNNING | {
    PurchaseState.PURCHASE_STATE_CLOSED,
    PurchaseState.PURCHASE_STATE_CANCELLED,
}
_CHARGED = RUNNING | {PurchaseState.PURCHASE_STATE_CLOSED}
_NOT_USED = _TO_ORDER | {PurchaseState.PURCHASE_STATE_ORDERED}

_STEPS = (
    StepAhead(
        "answer",
        "Answer the question",
        "Your answer was sent",
        roles=ASKERS,
        states=_ASKED_BACK,
        read=reading.read_answer,
    ),
    StepAhead(
        "deliver",
        "Record a delivery",
        "The delivery was recorded",
        roles=ASKERS,
        states=RUNNING,
        read=reading.read_deliver,
    ),
    StepAhead(
        "withdraw",
        "Take the request back",
        "The request was taken back",
        roles=ASKERS,
        states=_UNDECIDED,
        read=reading.read_withdraw,
        own=True,
        gives_up=True,
    ),
    StepAhead(
        "decide",
        "Decide",
        "Your decision was recorded",
        roles=DECIDERS,
        states=_UNDECIDED,
        read=reading.read_decide,
    ),
    StepAhead(
        "order",
        "Record the order",
        "The order was recorded",
        roles=DECIDERS,
        states=_TO_ORDER,
        read=reading.read_order,
    ),
    StepAhead(
        "resolve",
        "Resolve an invoice",
        "The invoice was resolved",
        roles=DECIDERS,
        states=_WITH_INVOICES,
        read=disputing.read_resolve,
        when=disputing.has_dispute,
        summary=disputing.resolution_rows,
    ),
    StepAhead(
        "invoice",
        "Record an invoice",
        "The invoice was recorded",
        roles=DECIDERS,
        states=RUNNING,
        read=reading.read_invoice,
    ),
    StepAhead(
        "uplift",
        "Approve more money",
        "Your decision on more money was recorded",
        roles=DECIDERS,
        states=_APPROVED,
        read=disputing.read_uplift,
        summary=disputing.uplift_rows,
    ),
    StepAhead(
        "credit",
        "Record a credit note",
        "The credit note was recorded",
        roles=DECIDERS,
        states=_CHARGED,
        read=returning.read_credit,
        when=returning.may_be_credited,
        summary=returning.credit_rows,
    ),
    StepAhead(
        "refund",
        "Record a refund",
        "The refund was recorded",
        roles=DECIDERS,
        states=_CHARGED,
        read=returning.read_refund,
        when=returning.may_be_refunded,
        summary=returning.refund_rows,
    ),
    StepAhead(
        "voucher",
        "Hand out a voucher",
        "The voucher was handed out",
        roles=DECIDERS,
        states=RUNNING,
        read=vouchers.read_voucher,
        when=vouchers.has_order,
        summary=vouchers.voucher_rows,
    ),
    StepAhead(
        "write-off",
        "Propose a write-off",
        "The write-off was proposed, and waits for a second officer under Finance, Proposals",
        roles=DECIDERS,
        states=_CHARGED,
        read=vouchers.read_write_off,
        when=vouchers.may_lose,
        summary=vouchers.write_off_rows,
        gives_up=True,
    ),
    StepAhead(
        "close",
        "Close the request",
        "The request was closed",
        roles=DECIDERS,
        states=RUNNING,
        read=reading.read_close,
    ),
    StepAhead(
        "cancel",
        "Cancel the request",
        "The request was cancelled",
        roles=DECIDERS,
        states=_NOT_USED,
        read=reading.read_cancel,
        gives_up=True,
    ),
)
STEPS_AHEAD = {step.slug: step for step in _STEPS}
