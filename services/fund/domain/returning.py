"""Money that comes back, and money that is handed out as vouchers.

What is credited, refunded or lapsed goes back along the stored plan, the last place first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.fund.domain.apportionment import draw
from services.fund.domain.figures import Bucket
from services.fund.domain.ledger import Kind
from services.fund.domain.purchase import Action, Purchase, next_state
from services.fund.domain.steps import Step, step_of
from services.fund.errors.approvals import (
    CreditAboveInvoiced,
    RefundAboveCredit,
    VoucherAboveCommitment,
    VoucherEnded,
    VoucherOverdrawn,
)

_WAYS_BACK = {
    Action.CREDITED: (Kind.CREDIT, Bucket.SPENT, Bucket.REFUND_DUE),
    Action.REFUNDED: (Kind.REFUND, Bucket.REFUND_DUE, Bucket.AVAILABLE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher or prepaid load; amounts in pence.

    Attributes:
        number: Printed on it; never a name.
        expires_on: The last day it can be redeemed, Europe/London.
    """

    id: str
    tenant: str
    purchase_id: str
    number: str
    amount: int
    expires_on: date
    redeemed: int = 0
    lapsed_at: datetime | None = None

    @property
    def left(self) -> int:
        """Pence that were not redeemed."""
        return self.amount - self.redeemed


def credit(purchase: Purchase, pence: int) -> Step:
    """Take what a credit note gives back out of what was charged.

    Raises:
        WrongState: Nothing was ordered (FAILED_PRECONDITION).
        CreditAboveInvoiced: More than was charged and not credited yet (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.CREDITED)
    spent = purchase.money.spent
    if pence > spent:
        raise CreditAboveInvoiced(
            f"{pence} pence are credited and {spent} were charged",
            asked_minor=pence,
            spent_minor=spent,
        )
    return _back(purchase, Action.CREDITED, pence)


def refund(purchase: Purchase, pence: int, *, to_source: bool) -> Step:
    """Take back money that arrived for credit notes.

    Args:
        purchase: As it stands.
        pence: One or more.
        to_source: The budget's year is over, so that the pots take nothing; the caller books
            what goes to the sources, from the purchase on both sides of the step.

    Raises:
        WrongState: Nothing was ordered (FAILED_PRECONDITION).
        RefundAboveCredit: More than is due (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.REFUNDED)
    due = purchase.money.refund_due
    if pence > due:
        raise RefundAboveCredit(
            f"{pence} pence came back and {due} are due", asked_minor=pence, due_minor=due
        )
    step = _back(purchase, Action.REFUNDED, pence)
    return replace(step, postings=()) if to_source else step


def issue(purchase: Purchase, pence: int) -> Step:
    """Hand out committed money.

    Raises:
        WrongState: It is not on order (FAILED_PRECONDITION).
        VoucherAboveCommitment: More than is committed (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.ISSUED)
    committed = purchase.money.committed
    if pence > committed:
        raise VoucherAboveCommitment(
            f"{pence} pence are handed out and {committed} are committed",
            asked_minor=pence,
            committed_minor=committed,
        )
    shares, moves = draw(purchase.shares, pence, origin=Bucket.COMMITTED, target=Bucket.ISSUED)
    after = replace(purchase, shares=shares)
    return step_of(purchase, Action.ISSUED, after, (Kind.ISSUE_VOUCHER, moves), amount=pence)


def redeem(purchase: Purchase, voucher: Voucher, pence: int, *, today: date) -> Step:
    """Charge what was redeemed.

    Raises:
        WrongState: It is finished (FAILED_PRECONDITION).
        VoucherEnded: It has lapsed, or its last day has passed (FAILED_PRECONDITION).
        VoucherOverdrawn: More than is left on it (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.REDEEMED)
    if voucher.lapsed_at is not None or today > voucher.expires_on:
        raise VoucherEnded(
            f"the voucher ended on {voucher.expires_on}",
            voucher_id=voucher.id,
            date=voucher.expires_on.isoformat(),
        )
    if pence > voucher.left:
        raise VoucherOverdrawn(
            f"{pence} pence are redeemed and {voucher.left} are left",
            asked_minor=pence,
            left_minor=voucher.left,
        )
    shares, moves = draw(purchase.shares, pence, origin=Bucket.ISSUED, target=Bucket.SPENT)
    after = replace(purchase, shares=shares)
    return step_of(purchase, Action.REDEEMED, after, (Kind.REDEEM_VOUCHER, moves), amount=pence)


def lapse(purchase: Purchase, voucher: Voucher) -> Step:
    """Give back what was not redeemed of a voucher whose last day has passed.

    Raises:
        WrongState: The purchase is finished (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.LAPSED)
    shares, moves = draw(
        purchase.shares,
        voucher.left,
        origin=Bucket.ISSUED,
        target=Bucket.AVAILABLE,
        last_first=True,
    )
    posting = ((Kind.LAPSE_VOUCHER, moves),) if moves else ()
    after = replace(purchase, shares=shares)
    return step_of(purchase, Action.LAPSED, after, *posting, amount=voucher.left)


def _back(purchase: Purchase, action: Action, pence: int) -> Step:
    kind, origin, target = _WAYS_BACK[action]
    shares, moves = draw(purchase.shares, pence, origin=origin, target=target, last_first=True)
    after = replace(purchase, shares=shares)
    return step_of(purchase, action, after, (kind, moves), amount=pence)
