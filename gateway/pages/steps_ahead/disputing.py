"""An invoice above the order, and the money that may be added to the order for it."""

from __future__ import annotations

from localresponse.fund.v1 import purchase_changes_service_pb2 as changes
from localresponse.fund.v1 import purchase_types_pb2

from gateway.pages import words
from gateway.pages.forms import Form
from gateway.pages.steps_ahead.step import Command, Purchase, Rows, command
from services.chassis.money import Money
from services.chassis.wire import money_to_proto

Invoice = purchase_types_pb2.Invoice
DISPUTED = purchase_types_pb2.INVOICE_STATE_DISPUTED
NUMBER_MAX = 60
_SERVICE = "changes"

RESOLUTIONS = {
    "accept": ("Accept it: the invoice is right", changes.INVOICE_RESOLUTION_ACCEPTED),
    "return": ("Send it back to the supplier", changes.INVOICE_RESOLUTION_RETURNED),
    "credit": (
        "The supplier took it back with a credit note",
        changes.INVOICE_RESOLUTION_CREDITED,
    ),
}
"""How a dispute ends, by what the form sends: the words and the fund's name for it."""

_CHARGED = {
    "accept": "{cost} to the funders",
    "return": "Nothing",
    "credit": "Nothing",
}


def disputed(purchase: Purchase) -> list[Invoice]:
    """Return the invoices that wait to be resolved, oldest first."""
    return [invoice for invoice in purchase.invoices if invoice.state == DISPUTED]


def has_dispute(purchase: Purchase) -> bool:
    """Whether an invoice waits to be resolved."""
    return bool(disputed(purchase))


def approved_so_far(purchase: Purchase) -> Money:
    """Return what the request may cost now: what was approved, and what was added since."""
    pence = 0
    for fact in purchase.timeline:
        if fact.action == "approved":
            pence = words.minor(fact.amount)
        elif fact.action == "uplifted":
            pence += words.minor(fact.amount)
        elif fact.action == "amended":
            pence = 0
    return Money(pence)


def read_resolve(form: Form, purchase: Purchase) -> Command:
    """Read how a dispute ends, and why."""
    # One that was resolved meanwhile is for the fund to refuse: this may be a second press.
    known = {invoice.id for invoice in purchase.invoices}
    invoice_id = form.choice("invoice", known, missing="Select the invoice")
    how = form.choice("resolution", RESOLUTIONS, missing="Select what happens to the invoice")
    request = changes.ResolveInvoiceRequest(invoice_id=invoice_id)
    if how:
        request.resolution = RESOLUTIONS[how][1]
    if how == "credit":
        missing = "Enter the number of the credit note"
        request.credit_note_number = form.text(
            "credit_note_number", missing=missing, longest=NUMBER_MAX
        )
    request.reason = form.text("reason", missing="Enter a reason")
    return _changing(form, purchase, "ResolveInvoice", request)


def resolution_rows(form: Form, purchase: Purchase) -> Rows:
    """Return what is about to happen to an invoice."""
    invoice = next(one for one in purchase.invoices if one.id == form.values["invoice"])
    how = form.values["resolution"]
    rows = [
        ("Invoice", invoice.number),
        ("Cost to the fund", words.pounds(invoice.cost)),
        ("What happens", RESOLUTIONS[how][0]),
        ("Charged now", _CHARGED[how].format(cost=words.pounds(invoice.cost))),
        ("Reason", form.values["reason"].strip()),
    ]
    if how == "credit":
        rows.insert(3, ("Credit note", form.values["credit_note_number"].strip()))
    return rows


def read_uplift(form: Form, purchase: Purchase) -> Command:
    """Read how much more, and why."""
    request = changes.UpliftPurchaseRequest()
    amount = form.money("amount", missing="Enter how much more")
    if amount is not None:
        request.amount.CopyFrom(money_to_proto(amount))
    request.reason = form.text("reason", missing="Enter a reason")
    return _changing(form, purchase, "UpliftPurchase", request)


def uplift_rows(form: Form, purchase: Purchase) -> Rows:
    """Return what is about to be added, and what it comes to."""
    more, so_far = Money.pounds(form.values["amount"]), approved_so_far(purchase)
    return [
        ("Approved so far", str(so_far)),
        ("More", str(more)),
        ("In all", str(Money(so_far.minor + more.minor))),
        ("Reason", form.values["reason"].strip()),
    ]


def _changing(
    form: Form,
    purchase: Purchase,
    rpc: str,
    request: changes.ResolveInvoiceRequest | changes.UpliftPurchaseRequest,
) -> Command:
    asked = command(form, purchase, rpc, request)
    return Command(asked.rpc, asked.request, service=_SERVICE)
