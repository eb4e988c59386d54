"""Where a supplier is paid: two officers and a day's hold for every change.

Whoever can change bank details alone can pay themselves; the hold is the time in which the
supplier, or a colleague, can say that it was not them. Source: trust.md 5, payee fraud.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.fund.errors import ProposerMayNotConfirm
from services.fund.errors.papers import PayeeChangeDecided

HOLD = timedelta(hours=24)
"""From the confirmation to the moment that new details hold."""


class PayeeState(StrEnum):
    """Where a change of payee details stands."""

    PROPOSED = "proposed"
    ON_HOLD = "on_hold"
    IN_FORCE = "in_force"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account of the United Kingdom; personal."""

    holder: str
    sort_code: str
    number: str

    @property
    def ending(self) -> str:
        """The last four digits, which may be shown."""
        return self.number[-4:]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeChange:
    """A change of a supplier's details.

    Attributes:
        sealed: The account, as the vault keeps it.
        ending: Its last digits, which may be shown.
        reason: Free text, personal.
        decided_by, decided_at: Of the confirmation or rejection; empty until then.
        in_force_at: When confirmed details hold; None until they are confirmed.
        stopped: Rejected, or stopped while on hold.
    """

    id: str
    tenant: str
    supplier_id: str
    sealed: bytes
    ending: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    in_force_at: datetime | None = None
    stopped: bool = False

    def state(self, at: datetime) -> PayeeState:
        """Return where the change stands at a moment."""
        if self.stopped:
            return PayeeState.REJECTED
        if self.in_force_at is None:
            return PayeeState.PROPOSED
        return PayeeState.IN_FORCE if at >= self.in_force_at else PayeeState.ON_HOLD


def check_confirming(change: PayeeChange, officer: str, at: datetime) -> None:
    """Check that an officer may confirm a change.

    Raises:
        ProposerMayNotConfirm: They proposed it (PERMISSION_DENIED).
        PayeeChangeDecided: It was confirmed or rejected (FAILED_PRECONDITION).
    """
    if officer == change.proposed_by:
        raise ProposerMayNotConfirm("another officer confirms it", proposal_id=change.id)
    _check_state(change, at, PayeeState.PROPOSED)


def check_stopping(change: PayeeChange, at: datetime) -> None:
    """Check that a change may still be rejected or stopped.

    Raises:
        PayeeChangeDecided: It was rejected, or is in force (FAILED_PRECONDITION).
    """
    _check_state(change, at, PayeeState.PROPOSED, PayeeState.ON_HOLD)


def _check_state(change: PayeeChange, at: datetime, *allowed: PayeeState) -> None:
    state = change.state(at)
    if state not in allowed:
        raise PayeeChangeDecided(f"the change is {state}", state=state)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a supplier can be paid at a moment.

    Attributes:
        change: The details in force; None when there are none.
        held_until: When details that are on hold come in force; None when none are.
    """

    change: PayeeChange | None
    held_until: datetime | None


def standing(changes: Iterable[PayeeChange], at: datetime) -> Standing:
    """Return where a supplier with these changes can be paid."""
    known = list(changes)
    held = [each for each in known if each.state(at) is PayeeState.IN_FORCE]
    waiting = [each for each in known if each.state(at) is PayeeState.ON_HOLD]
    newest = max(held, key=lambda each: each.in_force_at or at, default=None)
    until = max((each.in_force_at for each in waiting if each.in_force_at), default=None)
    return Standing(newest, until)
