"""The field's values in the words and colours of a page."""

from __future__ import annotations

from dataclasses import dataclass

from localresponse.fund.v1 import fund_types_pb2, purchase_types_pb2

from gateway.pages.visit import ROLE_WORDS


@dataclass(frozen=True, slots=True)
class Status:
    """How a state is shown: its slug in addresses, its words, and the colour of its tag."""

    slug: str
    words: str
    colour: str
    meaning: str


PurchaseState = purchase_types_pb2.PurchaseState
Urgency = purchase_types_pb2.Urgency
Direction = purchase_types_pb2.Direction
VatRecovery = purchase_types_pb2.VatRecovery

# "Approved" never means paid, so each state also says what it means.
STATES: dict[int, Status] = {
    PurchaseState.PURCHASE_STATE_SUBMITTED: Status(
        "sent", "Sent", "blue", "Waiting for a decision. The money is held."
    ),
    PurchaseState.PURCHASE_STATE_QUERIED: Status(
        "question", "Question asked", "yellow", "Waiting for the school to answer."
    ),
    PurchaseState.PURCHASE_STATE_APPROVED: Status(
        "approved", "Approved", "teal", "Approved, not ordered yet."
    ),
    PurchaseState.PURCHASE_STATE_ORDERED: Status(
        "ordered", "Ordered", "teal", "Ordered from the supplier, not delivered yet."
    ),
    PurchaseState.PURCHASE_STATE_DELIVERED: Status(
        "delivered", "Delivered", "purple", "Delivered, in whole or in part."
    ),
    PurchaseState.PURCHASE_STATE_CLOSED: Status(
        "closed", "Closed", "green", "Finished. What was left went back to the budget."
    ),
    PurchaseState.PURCHASE_STATE_DECLINED: Status(
        "declined", "Not approved", "red", "Not approved. The money went back to the budget."
    ),
    PurchaseState.PURCHASE_STATE_WITHDRAWN: Status(
        "withdrawn", "Withdrawn", "grey", "Taken back by the person who asked."
    ),
    PurchaseState.PURCHASE_STATE_CANCELLED: Status(
        "cancelled", "Cancelled", "grey", "Given up after approval."
    ),
    PurchaseState.PURCHASE_STATE_EXPIRED: Status(
        "expired", "Expired", "grey", "Nobody decided in time. The money went back to the budget."
    ),
}
UNKNOWN = Status("unknown", "Unknown", "grey", "")
STATE_BY_SLUG = {status.slug: number for number, status in STATES.items()}

INVOICE_STATES: dict[int, tuple[str, str]] = {
    purchase_types_pb2.INVOICE_STATE_CHARGED: ("Charged", "green"),
    purchase_types_pb2.INVOICE_STATE_DISPUTED: ("In dispute", "red"),
    purchase_types_pb2.INVOICE_STATE_RETURNED: ("Sent back", "grey"),
    purchase_types_pb2.INVOICE_STATE_CREDITED: ("Credited", "grey"),
}
"""How an invoice stands: its words and the colour of its tag."""

YEAR_GROUPS: dict[int, str] = {
    -2: "Nursery, first year",
    -1: "Nursery, second year",
    0: "Reception",
    **{year: f"Year {year}" for year in range(1, 15)},
}
"""National curriculum years as the fund numbers them."""

URGENCIES: dict[int, str] = {
    Urgency.URGENCY_SAME_DAY: "Today",
    Urgency.URGENCY_THREE_DAYS: "Within 3 working days",
    Urgency.URGENCY_TEN_DAYS: "Within 10 working days",
}

ACTIONS: dict[str, str] = {
    "submitted": "Request sent",
    "queried": "Question asked",
    "answered": "Question answered",
    "approved": "Approved",
    "declined": "Not approved",
    "withdrawn": "Withdrawn",
    "ordered": "Ordered from the supplier",
    "delivered": "Delivered",
    "invoiced": "Invoice recorded",
    "disputed": "Invoice above the order, not charged",
    "returned": "Invoice sent back to the supplier",
    "paid": "Invoice paid",
    "closed": "Closed",
    "cancelled": "Cancelled",
    "recommended": "Recommended to an officer",
    "endorsed": "Approved by the first of two officers",
    "amended": "Request changed",
    "uplifted": "More money approved",
    "expired": "Ran out of time",
    "credited": "Credit note recorded",
    "refunded": "Refund received",
    "issued": "Voucher handed out",
    "redeemed": "Voucher used",
    "lapsed": "Voucher ran out",
    "carried": "Carried into the next year",
    "accrued": "Counted in the old year",
    "released": "Money given back at year end",
    "written_off": "Written off",
}

MEASURES: dict[str, str] = {
    "attendance_rate": "Attendance goes up",
    "lateness": "Lateness goes down",
    "suspensions": "Suspensions go down",
    "belonging": "Sense of belonging goes up",
    "wellbeing": "Wellbeing goes up",
}

FALLING = frozenset({"lateness", "suspensions"})

SOURCE_KINDS: dict[int, str] = {
    fund_types_pb2.SourceKind.SOURCE_KIND_COUNCIL: "Council",
    fund_types_pb2.SourceKind.SOURCE_KIND_PUPIL_PREMIUM: "Pupil premium",
    fund_types_pb2.SourceKind.SOURCE_KIND_PHILANTHROPIC: "Charity or trust",
    fund_types_pb2.SourceKind.SOURCE_KIND_BUSINESS: "Business",
    fund_types_pb2.SourceKind.SOURCE_KIND_OTHER: "Other",
}

VAT_RATES: dict[str, str] = {"0": "No VAT", "500": "5%", "2000": "20%"}


def status(state: int) -> Status:
    """Return how a state is shown; a newer service's state is still shown, as unknown."""
    return STATES.get(state, UNKNOWN)


def role_words(role: str) -> str:
    """Return a role as people say it."""
    return ROLE_WORDS.get(role, "the service" if role == "system" else role.replace("_", " "))


def child_reference(child_id: str) -> str:
    """Return the name of a child for people who may not know who it is."""
    return f"Child {child_id.replace('-', '')[-6:].upper()}"
