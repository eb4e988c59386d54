"""How money follows a purchase from step to step.

Each function takes the purchase as it stands and returns what came of it: the purchase after
the step, and the postings that its journals will hold. Nothing is half done: a refusal is
raised before anything is returned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.fund.domain.apportionment import draw
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import Kind, PotMove
from services.fund.domain.purchase import Action, Purchase, next_state
from services.fund.errors import (
    ApprovalAboveRequest,
    DateOutOfRange,
    DeliveryAboveCommitment,
    InvoiceAboveCommitment,
    MoneyAlreadyUsed,
    ReceivedNotInvoiced,
)
from services.fund.errors.approvals import VouchersOutstanding

Posting = tuple[Kind, tuple[PotMove, ...]]
"""One journal to be: why, and what moves."""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of an action.

    Attributes:
        before, after: The purchase on both sides of it.
        amount: Pence that the action is about; 0 when it moves none.
    """

    action: Action
    before: Purchase
    after: Purchase
    postings: tuple[Posting, ...] = ()
    amount: int = 0


def plain(purchase: Purchase, action: Action, **changes: Any) -> Step:
    """Take a step that moves no money.

    Raises:
        WrongState: It may not happen where the purchase stands (FAILED_PRECONDITION).
    """
    return step_of(purchase, action, replace(purchase, **changes))


def give_back(purchase: Purchase, action: Action) -> Step:
    """Decline or withdraw: all that is held goes back, from the last place of the plan first.

    Raises:
        WrongState: It was decided already (FAILED_PRECONDITION).
    """
    next_state(purchase, action)
    held = purchase.money.reserved
    released, posting = _release(purchase, Kind.RELEASE, Bucket.RESERVED, held)
    return step_of(purchase, action, released, *posting, amount=held)


def approve(purchase: Purchase, pence: int | None, approver: str, *, at: datetime) -> Step:
    """Commit what is approved and give the rest back.

    None approves all that is held; the approver is the subject of a sign-in.

    Raises:
        WrongState: It does not wait for a decision (FAILED_PRECONDITION).
        ApprovalAboveRequest: More is approved than is held (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.APPROVED)
    held = purchase.money.reserved
    granted = held if pence is None else pence
    if granted > held:
        raise ApprovalAboveRequest(
            f"{granted} pence are approved and {held} were asked for",
            asked_minor=granted,
            reserved_minor=held,
        )
    rest, released = _release(purchase, Kind.RELEASE, Bucket.RESERVED, held - granted)
    shares, moves = draw(rest.shares, granted, origin=Bucket.RESERVED, target=Bucket.COMMITTED)
    after = replace(rest, shares=shares, approved_at=at, approved_minor=granted, approver=approver)
    return step_of(
        purchase, Action.APPROVED, after, *released, (Kind.COMMIT, moves), amount=granted
    )


def deliver(purchase: Purchase, pence: int | None, on: date) -> Step:
    """Record what was received as an accrual.

    None is all that is still on order. The caller has checked the day.

    Raises:
        WrongState: It is not on order (FAILED_PRECONDITION).
        DeliveryAboveCommitment: More than is still on order (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.DELIVERED)
    due = purchase.money.committed
    part = due if pence is None else pence
    if part > due or part == 0:
        raise DeliveryAboveCommitment(
            f"{part} pence are delivered and {due} are on order",
            asked_minor=part,
            committed_minor=due,
        )
    shares, moves = draw(purchase.shares, part, origin=Bucket.COMMITTED, target=Bucket.RECEIVED)
    first = min(purchase.first_delivered_on or on, on)
    after = replace(purchase, shares=shares, first_delivered_on=first)
    return step_of(purchase, Action.DELIVERED, after, (Kind.RECEIVE, moves), amount=part)


def invoice(purchase: Purchase, cost: int, *, charged: int = 0) -> Step:
    """Charge an invoice's cost to the funders: first what was received, then what is on order.

    Args:
        purchase: As it stands.
        cost: Pence of the invoice.
        charged: Pence of them that year end has charged before the invoice came.

    Raises:
        WrongState: It is not on order (FAILED_PRECONDITION).
        InvoiceAboveCommitment: More than is received and on order (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.INVOICED)
    live = purchase.money.received + purchase.money.committed
    rest = cost - charged
    if rest > live:
        raise InvoiceAboveCommitment(
            f"the invoice costs {cost} pence and {live + charged} are received or on order",
            asked_minor=cost,
            live_minor=live + charged,
        )
    accrued = min(rest, purchase.money.received)
    shares, first = draw(purchase.shares, accrued, origin=Bucket.RECEIVED, target=Bucket.SPENT)
    shares, second = draw(shares, rest - accrued, origin=Bucket.COMMITTED, target=Bucket.SPENT)
    after = replace(purchase, shares=shares)
    postings = ((Kind.INVOICE, first + second),) if rest else ()
    return step_of(purchase, Action.INVOICED, after, *postings, amount=cost)


def close(purchase: Purchase) -> Step:
    """Finish it: what is still on order goes back to the pots that it came from.

    Raises:
        WrongState: It was never ordered, or is finished (FAILED_PRECONDITION).
        ReceivedNotInvoiced: An invoice is still to come (FAILED_PRECONDITION).
        VouchersOutstanding: Vouchers are neither redeemed nor lapsed (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.CLOSED)
    if purchase.money.received:
        raise ReceivedNotInvoiced(
            f"{purchase.money.received} pence were received and nobody has invoiced them",
            received_minor=purchase.money.received,
        )
    if purchase.money.issued:
        raise VouchersOutstanding(
            f"{purchase.money.issued} pence are handed out as vouchers",
            issued_minor=purchase.money.issued,
        )
    rest = purchase.money.committed
    released, posting = _release(purchase, Kind.CLOSE, Bucket.COMMITTED, rest)
    return step_of(purchase, Action.CLOSED, released, *posting, amount=rest)


def cancel(purchase: Purchase) -> Step:
    """Give it up after approval: all that is committed goes back.

    Raises:
        WrongState: It is not approved or ordered (FAILED_PRECONDITION).
        MoneyAlreadyUsed: Something was received or spent (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.CANCELLED)
    used = purchase.money
    if used.received or used.spent or used.issued or used.refund_due:
        raise MoneyAlreadyUsed(
            "something was received or invoiced, so it can only be closed",
            received_minor=used.received,
            spent_minor=used.spent,
        )
    released, posting = _release(purchase, Kind.CANCEL, Bucket.COMMITTED, used.committed)
    return step_of(purchase, Action.CANCELLED, released, *posting, amount=used.committed)


def check_day(day: date, *, today: date, not_before: date, field: str) -> date:
    """Return the day.

    Raises:
        DateOutOfRange: In the future, or before the purchase was (INVALID_ARGUMENT).
    """
    if not not_before <= day <= today:
        raise DateOutOfRange(
            f"{field}: {day} is not between {not_before} and {today}",
            field=field,
            date=day.isoformat(),
        )
    return day


def _release(
    purchase: Purchase, kind: Kind, origin: Bucket, pence: int
) -> tuple[Purchase, tuple[Posting, ...]]:
    if not pence:
        return purchase, ()
    shares, moves = draw(
        purchase.shares, pence, origin=origin, target=Bucket.AVAILABLE, last_first=True
    )
    return replace(purchase, shares=shares), ((kind, moves),)


def step_of(
    before: Purchase, action: Action, after: Purchase, *postings: Posting, amount: int = 0
) -> Step:
    """Return the step of an action from what it makes of a purchase.

    Raises:
        WrongState: It may not happen where the purchase stands (FAILED_PRECONDITION).
    """
    moved = replace(
        after,
        state=next_state(before, action),
        version=before.version + 1,
        sequence=before.sequence + 1,
    )
    return Step(action, before, moved, postings, amount)
