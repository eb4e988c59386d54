"""Money that comes back, and money that is handed out as vouchers.

What is credited, refunded or lapsed goes back along the stored plan, the last place first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.fund.domain.apportionment import draw, money
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


@dataclass(frozen=True, slots=True)
class Spent:
    """What a credit note can give back, in pence.

    Attributes:
        closed: The pots whose year is closed: what they charged stays charged.
        credited: What of that has come back, or credit notes say will.
    """

    closed: frozenset[str] = frozenset()
    credited: int = 0


def credit(purchase: Purchase, pence: int, spent: Spent) -> tuple[Step, int]:
    """Take what a credit note gives back out of what was charged.

    What was charged to a closed year stays where it is, since those books take nothing: the
    note is kept, and the money goes to its source as new money when it comes. Returns the step,
    and the pence that are for closed years.

    Raises:
        WrongState: Nothing was ordered (FAILED_PRECONDITION).
        CreditAboveInvoiced: More than was charged and not credited yet (FAILED_PRECONDITION).
    """
    next_state(purchase, Action.CREDITED)
    still = [share for share in purchase.shares if share.pot_id not in spent.closed]
    now = min(pence, money(still).spent)
    left = purchase.money.spent - spent.credited
    if pence > left:
        raise CreditAboveInvoiced(
            f"{pence} pence are credited and {left} were charged",
            asked_minor=pence,
            spent_minor=left,
        )
    shares, moves = draw(still, now, origin=Bucket.SPENT, target=Bucket.REFUND_DUE, last_first=True)
    changed = {share.position: share for share in shares}
    after = replace(
        purchase, shares=tuple(changed.get(each.position, each) for each in purchase.shares)
    )
    postings = ((Kind.CREDIT, moves),) if moves else ()
    step = step_of(purchase, Action.CREDITED, after, *postings, amount=pence)
    return step, pence - now


def refund(purchase: Purchase, pence: int, *, late: Collection[str] = ()) -> Step:
    """Take back money that arrived for credit notes.

    Args:
        purchase: As it stands.
        pence: One or more.
        late: Pots whose year is over, so that they take nothing; the caller books what goes to
            their sources, from the purchase on both sides of the step.

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
    shares, moves = draw(
        purchase.shares,
        pence,
        origin=Bucket.REFUND_DUE,
        target=Bucket.AVAILABLE,
        last_first=True,
    )
    kept = tuple(move for move in moves if move.pot_id not in late)
    postings = ((Kind.REFUND, kept),) if kept else ()
    after = replace(purchase, shares=shares)
    return step_of(purchase, Action.REFUNDED, after, *postings, amount=pence)


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


def release_accrual(step: Step, pence: int, pot_ids: Iterable[str]) -> tuple[Step, int]:
    """Give back what year end charged for goods that cost less than was thought.

    Args:
        step: The closing of the purchase.
        pence: What was accrued and never invoiced.
        pot_ids: The pots that were charged it, and whose year still takes postings.

    Returns:
        The closing with it, and the pence that those pots had.
    """
    charged = set(pot_ids)
    mine = [share for share in step.after.shares if share.pot_id in charged]
    part = min(pence, money(mine).spent)
    shares, moves = draw(mine, part, origin=Bucket.SPENT, target=Bucket.AVAILABLE, last_first=True)
    changed = {share.position: share for share in shares}
    after = replace(
        step.after,
        shares=tuple(changed.get(each.position, each) for each in step.after.shares),
    )
    postings = (*step.postings, (Kind.RELEASE_ACCRUAL, moves)) if moves else step.postings
    return replace(step, after=after, postings=postings), part
