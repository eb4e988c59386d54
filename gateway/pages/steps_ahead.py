"""What can be done to a request: who is offered it, in which state, and how its form is read.

The fund decides what is allowed; this table only keeps pages from offering what it would refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import Message
from localresponse.fund.v1 import purchase_requests_pb2 as requests
from localresponse.fund.v1 import purchase_types_pb2

from gateway.pages.forms import Form
from gateway.pages.visit import ASKERS, DECIDERS, Visit
from gateway.pages.vocabulary import PurchaseState, VatRecovery
from services.chassis.wire import date_to_proto, money_to_proto

Purchase = purchase_types_pb2.Purchase
REASON_MISSING = "Enter a reason"


@dataclass(frozen=True, slots=True)
class Command:
    """One rpc of the purchases service and what it is asked."""

    rpc: str
    request: Message


Reader = Callable[[Form, Purchase], Command | None]


@dataclass(frozen=True, slots=True)
class StepAhead:
    """One thing that can be done to a request.

    Attributes:
        slug: Its address under the request, and its template.
        title: The heading of its page and the words of its link.
        done: What is said when it was done.
        roles: Who is offered it.
        states: When it is offered.
        read: Reads its form; None when something was wrong.
        own: Whether it is only for who asked.
        gives_up: Whether it ends the request without its purpose, so that it is never the
            button that stands out.
    """

    slug: str
    title: str
    done: str
    roles: frozenset[str]
    states: frozenset[int]
    read: Reader
    own: bool = False
    gives_up: bool = False


def offered(purchase: Purchase, visit: Visit) -> list[StepAhead]:
    """Return what the person can do to the request now."""
    return [step for step in STEPS_AHEAD.values() if is_offered(step, purchase, visit)]


def is_offered(step: StepAhead, purchase: Purchase, visit: Visit) -> bool:
    """Whether the person is offered this now."""
    mine = not step.own or purchase.requester_id == visit.subject
    return visit.is_one_of(step.roles) and purchase.state in step.states and mine


def read_answer(form: Form, purchase: Purchase) -> Command:
    """Read the answer to an officer's question."""
    reason = form.text("reason", missing="Enter your answer")
    return _command(form, purchase, "AnswerPurchase", requests.AnswerPurchaseRequest(reason=reason))


def read_withdraw(form: Form, purchase: Purchase) -> Command:
    """Read why a request is taken back."""
    request = requests.WithdrawPurchaseRequest(reason=form.text("reason"))
    return _command(form, purchase, "WithdrawPurchase", request)


def read_deliver(form: Form, purchase: Purchase) -> Command:
    """Read the day of a delivery, and what part of the order it was."""
    day = form.day("delivered", missing="Enter the date when it was delivered")
    request = requests.RecordDeliveryRequest()
    if day is not None:
        request.delivered_date.CopyFrom(date_to_proto(day))
    amount = form.optional_money("amount")
    if amount is not None:
        request.amount.CopyFrom(money_to_proto(amount))
    return _command(form, purchase, "RecordDelivery", request)


def read_decide(form: Form, purchase: Purchase) -> Command | None:
    """Read a decision: approve in full or in part, ask, or decline; the last two say why."""
    missing = "Select what you decide"
    decision = form.choice("decision", ("approve", "query", "decline"), missing=missing)
    match decision:
        case "approve":
            approval = requests.ApprovePurchaseRequest(reason=form.text("reason"))
            amount = form.optional_money("amount")
            if amount is not None:
                approval.approved_amount.CopyFrom(money_to_proto(amount))
            return _command(form, purchase, "ApprovePurchase", approval)
        case "query":
            question = form.text("reason", missing="Enter what you want to know")
            query = requests.QueryPurchaseRequest(reason=question)
            return _command(form, purchase, "QueryPurchase", query)
        case "decline":
            reason = form.text("reason", missing="Enter why it is not approved")
            decline = requests.DeclinePurchaseRequest(reason=reason)
            return _command(form, purchase, "DeclinePurchase", decline)
        case _:
            return None


def read_order(form: Form, purchase: Purchase) -> Command:
    """Read the number of a purchase order."""
    number = form.text("order_number", longest=40)
    request = requests.OrderPurchaseRequest(order_number=number)
    return _command(form, purchase, "OrderPurchase", request)


def read_invoice(form: Form, purchase: Purchase) -> Command:
    """Read an invoice."""
    number = form.text("invoice_number", missing="Enter the invoice number", longest=60)
    request = requests.RecordInvoiceRequest(invoice_number=number)
    day = form.day("invoiced", missing="Enter the date on the invoice")
    if day is not None:
        request.invoice_date.CopyFrom(date_to_proto(day))
    net = form.money("net", missing="Enter the amount without VAT")
    if net is not None:
        request.net.CopyFrom(money_to_proto(net))
    vat = form.optional_money("vat", zero=True)
    if vat is not None:
        request.vat.CopyFrom(money_to_proto(vat))
    recovered = form.choice("recovery", ("yes", "no"), missing="Select whether the VAT comes back")
    yes, no = VatRecovery.VAT_RECOVERY_YES, VatRecovery.VAT_RECOVERY_NO
    request.vat_recovery = yes if recovered == "yes" else no
    return _command(form, purchase, "RecordInvoice", request)


def read_close(form: Form, purchase: Purchase) -> Command:
    """Read why a request is finished."""
    request = requests.ClosePurchaseRequest(reason=form.text("reason"))
    return _command(form, purchase, "ClosePurchase", request)


def read_cancel(form: Form, purchase: Purchase) -> Command:
    """Read why an approved request is given up."""
    reason = form.text("reason", missing=REASON_MISSING)
    request = requests.CancelPurchaseRequest(reason=reason)
    return _command(form, purchase, "CancelPurchase", request)


def _command(form: Form, purchase: Purchase, rpc: str, request: Message) -> Command:
    # The form carries the id and etag of the page that was read, so that a second press does
    # nothing and a decision is about what the person saw.
    for name, value in (
        ("request_id", form.values.get("request_id", "")),
        ("purchase_id", purchase.id),
        ("etag", form.values.get("etag", "")),
    ):
        setattr(request, name, value)
    return Command(rpc, request)


_UNDECIDED = frozenset(
    {PurchaseState.PURCHASE_STATE_SUBMITTED, PurchaseState.PURCHASE_STATE_QUERIED}
)
_ASKED_BACK = frozenset({PurchaseState.PURCHASE_STATE_QUERIED})
_TO_ORDER = frozenset({PurchaseState.PURCHASE_STATE_APPROVED})
_RUNNING = frozenset({PurchaseState.PURCHASE_STATE_ORDERED, PurchaseState.PURCHASE_STATE_DELIVERED})
_NOT_USED = _TO_ORDER | {PurchaseState.PURCHASE_STATE_ORDERED}

_STEPS = (
    StepAhead(
        "answer",
        "Answer the question",
        "Your answer was sent",
        roles=ASKERS,
        states=_ASKED_BACK,
        read=read_answer,
    ),
    StepAhead(
        "deliver",
        "Record a delivery",
        "The delivery was recorded",
        roles=ASKERS,
        states=_RUNNING,
        read=read_deliver,
    ),
    StepAhead(
        "withdraw",
        "Take the request back",
        "The request was taken back",
        roles=ASKERS,
        states=_UNDECIDED,
        read=read_withdraw,
        own=True,
        gives_up=True,
    ),
    StepAhead(
        "decide",
        "Decide",
        "Your decision was recorded",
        roles=DECIDERS,
        states=_UNDECIDED,
        read=read_decide,
    ),
    StepAhead(
        "order",
        "Record the order",
        "The order was recorded",
        roles=DECIDERS,
        states=_TO_ORDER,
        read=read_order,
    ),
    StepAhead(
        "invoice",
        "Record an invoice",
        "The invoice was recorded",
        roles=DECIDERS,
        states=_RUNNING,
        read=read_invoice,
    ),
    StepAhead(
        "close",
        "Close the request",
        "The request was closed",
        roles=DECIDERS,
        states=_RUNNING,
        read=read_close,
    ),
    StepAhead(
        "cancel",
        "Cancel the request",
        "The request was cancelled",
        roles=DECIDERS,
        states=_NOT_USED,
        read=read_cancel,
        gives_up=True,
    ),
)
STEPS_AHEAD = {step.slug: step for step in _STEPS}
