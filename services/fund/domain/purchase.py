"""A spot purchase: who it is for, where it stands, and which state follows which.

State and money are separate. What may happen next is the table `STEPS`; how money follows is
in `domain.steps`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.fund.domain.apportionment import Share, money
from services.fund.domain.figures import Figures
from services.fund.domain.lines import Line
from services.fund.domain.terms import UNSTATED, Circumstances
from services.fund.errors import WrongState

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class State(StrEnum):
    """Where a purchase stands."""

    SUBMITTED = "submitted"
    QUERIED = "queried"
    APPROVED = "approved"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Action(StrEnum):
    """What happens to a purchase, as its timeline says it."""

    SUBMITTED = "submitted"
    QUERIED = "queried"
    ANSWERED = "answered"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    INVOICED = "invoiced"
    DISPUTED = "disputed"
    RETURNED = "returned"
    PAID = "paid"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    RECOMMENDED = "recommended"
    ENDORSED = "endorsed"
    AMENDED = "amended"
    UPLIFTED = "uplifted"
    EXPIRED = "expired"
    CREDITED = "credited"
    REFUNDED = "refunded"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    LAPSED = "lapsed"
    WRITTEN_OFF = "written_off"
    ACCRUED = "accrued"
    CARRIED = "carried"
    RELEASED = "released"


class Urgency(StrEnum):
    """How soon a decision is needed, in working days."""

    SAME_DAY = "same_day"
    THREE_DAYS = "three_days"
    TEN_DAYS = "ten_days"

    @property
    def working_days(self) -> int:
        """After how many working days a decision is due."""
        return {Urgency.SAME_DAY: 0, Urgency.THREE_DAYS: 3, Urgency.TEN_DAYS: 10}[self]


class Direction(StrEnum):
    """Which way a measure is expected to move."""

    INCREASE = "increase"
    DECREASE = "decrease"


UNDECIDED = frozenset({State.SUBMITTED, State.QUERIED})
"""Where a purchase waits for a decision."""
_UNDERWAY = frozenset({State.ORDERED, State.DELIVERED})
_CHARGED = _UNDERWAY | {State.CLOSED}

STEPS: dict[Action, tuple[frozenset[State], State | None]] = {
    Action.QUERIED: (frozenset({State.SUBMITTED}), State.QUERIED),
    Action.ANSWERED: (frozenset({State.QUERIED}), State.SUBMITTED),
    Action.APPROVED: (frozenset({State.SUBMITTED}), State.APPROVED),
    Action.DECLINED: (UNDECIDED, State.DECLINED),
    Action.WITHDRAWN: (UNDECIDED, State.WITHDRAWN),
    Action.ORDERED: (frozenset({State.APPROVED}), State.ORDERED),
    Action.DELIVERED: (_UNDERWAY, State.DELIVERED),
    Action.INVOICED: (_UNDERWAY, None),
    Action.DISPUTED: (_UNDERWAY, None),
    Action.RETURNED: (_CHARGED | {State.CANCELLED}, None),
    Action.PAID: (_CHARGED, None),
    Action.CLOSED: (_UNDERWAY, State.CLOSED),
    Action.CANCELLED: (frozenset({State.APPROVED, State.ORDERED}), State.CANCELLED),
    Action.RECOMMENDED: (frozenset({State.SUBMITTED}), None),
    Action.ENDORSED: (_UNDERWAY | {State.SUBMITTED, State.APPROVED}, None),
    Action.AMENDED: (UNDECIDED | {State.APPROVED}, State.SUBMITTED),
    Action.UPLIFTED: (_UNDERWAY | {State.APPROVED}, None),
    Action.EXPIRED: (UNDECIDED, State.EXPIRED),
    Action.CREDITED: (_CHARGED, None),
    Action.REFUNDED: (_CHARGED, None),
    Action.ISSUED: (_UNDERWAY, None),
    Action.REDEEMED: (_UNDERWAY, None),
    Action.LAPSED: (_UNDERWAY, None),
    Action.WRITTEN_OFF: (_CHARGED, None),
    Action.ACCRUED: (_UNDERWAY, None),
    Action.CARRIED: (_CHARGED | UNDECIDED | {State.APPROVED}, None),
    Action.RELEASED: (_UNDERWAY | {State.APPROVED}, None),
}
"""Action -> the states it may happen in, and the state after it (None: it stays)."""


@dataclass(frozen=True, slots=True)
class ExpectedChange:
    """The change that a purchase is meant to bring."""

    measure: str
    direction: Direction
    review_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A spot purchase with its money. Amounts are pence; times aware UTC.

    Attributes:
        child_ids: Ids of the outcomes service, opaque here; in the order asked.
        need: Free text, personal; never in an event or a log.
        shares: Which pots pay, in the order of the plan.
        version: Rises with every change; the etag.
        sequence: How many events it has had.
        revision: Which version of what is asked for; an amendment is a new one.
        places: Places of a group that it pays for; at least one for each child.
        decide_by: When a decision is due, with the time that queries took.
        paused_at: Since when a query stops the clock; None while it runs.
        circumstances: What the sources' terms were held against beside the rest of it.
    """

    id: str
    tenant: str
    reference: str
    state: State
    school_urn: str
    child_ids: tuple[str, ...]
    need: str
    category: str
    expected: ExpectedChange
    urgency: Urgency
    supplier_id: str
    supplier_name: str
    lines: tuple[Line, ...]
    budget_id: str
    requester: str
    shares: tuple[Share, ...]
    submitted_at: datetime
    version: int = 1
    sequence: int = 1
    approved_at: datetime | None = None
    approved_minor: int = 0
    approver: str = ""
    first_delivered_on: date | None = None
    order_number: str = ""
    revision: int = 1
    places: int = 1
    decide_by: datetime | None = None
    paused_at: datetime | None = None
    circumstances: Circumstances = UNSTATED

    @property
    def net(self) -> int:
        """Pence of all lines without VAT."""
        return sum(line.net for line in self.lines)

    @property
    def vat(self) -> int:
        """Pence of VAT of all lines."""
        return sum(line.vat for line in self.lines)

    @property
    def cost(self) -> int:
        """Pence that it was asked to cost the fund."""
        return sum(line.cost for line in self.lines)

    @property
    def money(self) -> Figures:
        """Its money now; `available` is what has gone back."""
        return money(self.shares)


def next_state(purchase: Purchase, action: Action) -> State:
    """Return where an action leads.

    Raises:
        WrongState: It may not happen where the purchase stands (FAILED_PRECONDITION).
    """
    allowed, after = STEPS[action]
    if purchase.state not in allowed:
        raise WrongState(
            f"{purchase.reference} is {purchase.state}, so it cannot be {action}",
            state=purchase.state,
            action=action,
        )
    return after or purchase.state


def reference_of(purchase_id: str) -> str:
    """Return the number for people, such as `SP-7K3M-9QXA`, from the id's last 40 bits.

    It has no letter that a digit could be taken for (Crockford's base 32).
    """
    bits = uuid.UUID(purchase_id).int
    text = "".join(_CROCKFORD[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"SP-{text[:4]}-{text[4:]}"
