"""Who may pay what: the duties that one person does not hold together, and payees on hold.

Whoever recorded an invoice, or had a hand in where its money goes, does not send the money as
well. Which duties are kept apart is part of the approval policy. Source: trust.md 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.fund.domain.payee import PayeeChange, Standing
from services.fund.domain.paying import Due


class HoldReason(StrEnum):
    """Why an invoice is not put into a payment file, in the order in which it is looked at."""

    NO_PAYEE = "no_payee"
    PAYEE_ON_HOLD = "payee_on_hold"
    YOU_RECORDED_IT = "you_recorded_it"
    YOU_SET_THE_PAYEE = "you_set_the_payee"
    YOU_APPROVED_IT = "you_approved_it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """Which duties one person may hold together.

    Attributes:
        approver_pays_up_to: Pence of an invoice that an approver of its purchase may pay.
    """

    recorder_may_pay: bool = False
    payee_officers_may_pay: bool = False
    approver_pays_up_to: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """An invoice that waits for payment, as one officer may pay it.

    Attributes:
        payee: The details that it would be paid to; None when there are none.
        hold: What holds it back; None when the officer may pay it now.
        held_until: When new details come in force; None when no moment is known.
    """

    due: Due
    payee: PayeeChange | None
    hold: HoldReason | None = None
    held_until: datetime | None = None


def judge(
    due: Due, payee: Standing, duties: Duties, *, officer: str, also: Iterable[str]
) -> Judged:
    """Return what holds an invoice back from an officer.

    Args:
        due: The invoice.
        payee: Where its supplier can be paid.
        duties: Of the policy in force.
        officer: Who would pay.
        also: Who approved its purchase.
    """
    change = payee.change
    if payee.held_until is not None:
        return Judged(due, change, HoldReason.PAYEE_ON_HOLD, payee.held_until)
    if change is None:
        return Judged(due, None, HoldReason.NO_PAYEE)
    if officer == due.recorded_by and not duties.recorder_may_pay:
        return Judged(due, change, HoldReason.YOU_RECORDED_IT)
    if officer in {change.proposed_by, change.decided_by} and not duties.payee_officers_may_pay:
        return Judged(due, change, HoldReason.YOU_SET_THE_PAYEE)
    if officer in also and due.amount > duties.approver_pays_up_to:
        return Judged(due, change, HoldReason.YOU_APPROVED_IT)
    return Judged(due, change)
