"""Money that comes back: a supplier's credit note, and the refund that follows it."""

from __future__ import annotations

from localresponse.fund.v1 import purchase_types_pb2, refunds_service_pb2

from gateway.pages import words
from gateway.pages.forms import Form
from gateway.pages.steps_ahead.disputing import NUMBER_MAX, disputed, has_dispute
from gateway.pages.steps_ahead.step import Command, Purchase, Rows, command
from gateway.pages.vocabulary import VatRecovery
from services.chassis.money import Money
from services.chassis.wire import date_to_proto, money_to_proto

Fact = purchase_types_pb2.PurchaseFact
Invoice = purchase_types_pb2.Invoice
CHARGED = "charged"
"""What the form sends for a credit note that is for what was charged."""

REFERENCE_MAX = 80
_SERVICE = "refunds"
_BACK = frozenset({"credited", "refunded", "written_off"})


def due(purchase: Purchase) -> Money:
    """Return what credit notes say is due and has not come."""
    return Money(words.minor(purchase.money.refund_due))


def came_back(purchase: Purchase) -> list[Fact]:
    """Return what was credited, refunded and written off, oldest first."""
    return [fact for fact in purchase.timeline if fact.action in _BACK]


def may_be_credited(purchase: Purchase) -> bool:
    """Whether anything was charged, or an invoice in dispute can be taken back."""
    return words.minor(purchase.money.spent) > 0 or has_dispute(purchase)


def may_be_refunded(purchase: Purchase) -> bool:
    """Whether money may still come: some is due, or more was credited than came.

    What was credited to a closed year is due too, but stands in no pot of the request; the fund
    knows which of it that is.
    """
    sums = {"credited": 1, "refunded": -1}
    pence = sum(sums.get(one.action, 0) * words.minor(one.amount) for one in came_back(purchase))
    return due(purchase).minor > 0 or pence > words.minor(purchase.money.written_off)


def read_credit(form: Form, purchase: Purchase) -> Command:
    """Read a credit note, for what was charged or for an invoice in dispute."""
    request = refunds_service_pb2.RecordCreditNoteRequest()
    # An invoice that was resolved meanwhile is for the fund to refuse, as in a resolution.
    known = {CHARGED, *(invoice.id for invoice in purchase.invoices)}
    covers = form.choice("covers", known, missing="Select what the credit note is for")
    if covers != CHARGED:
        request.invoice_id = covers
    missing = "Enter the number of the credit note"
    request.credit_note_number = form.text(
        "credit_note_number", missing=missing, longest=NUMBER_MAX
    )
    day = form.day("credited", missing="Enter the date on the credit note")
    if day is not None:
        request.credit_date.CopyFrom(date_to_proto(day))
    net = form.money("net", missing="Enter the amount without VAT")
    if net is not None:
        request.net.CopyFrom(money_to_proto(net))
    vat = form.optional_money("vat", zero=True)
    if vat is not None:
        request.vat.CopyFrom(money_to_proto(vat))
    if covers == CHARGED:
        request.vat_recovery = _recovery(form, vat=vat)
    request.reason = form.text("reason")
    return _returning(form, purchase, "RecordCreditNote", request)


def _recovery(form: Form, *, vat: Money | None) -> VatRecovery.ValueType:
    if vat is None:
        return VatRecovery.VAT_RECOVERY_NO
    missing = "Select whether the council got the VAT back"
    came = form.choice("recovery", ("yes", "no"), missing=missing) == "yes"
    return VatRecovery.VAT_RECOVERY_YES if came else VatRecovery.VAT_RECOVERY_NO


def credit_rows(form: Form, purchase: Purchase) -> Rows:
    """Return what a credit note is about to do."""
    net, vat = Money.pounds(form.values["net"]), form.optional_money("vat", zero=True) or Money(0)
    number, day = form.values["credit_note_number"].strip(), form.day("credited", missing="")
    covers = form.values["covers"]
    invoice = next((one for one in purchase.invoices if one.id == covers), None)
    rows = [
        ("Credit note", number),
        ("Date on it", words.day(day)),
        ("It is for", f"Invoice {invoice.number}" if invoice else "What was charged"),
        ("Without VAT", str(net)),
        ("VAT", str(vat)),
    ]
    if invoice:
        rows.append(("Then", _of_dispute(invoice, net, vat)))
    else:
        recovered = form.values.get("recovery") == "yes"
        if vat.minor:
            rows.append(("The council got the VAT back", "Yes" if recovered else "No"))
        cost = Money(net.minor + (0 if recovered else vat.minor))
        rows.append(("Then", f"{cost} more is due back until the refund comes"))
    reason = form.values.get("reason", "").strip()
    return [*rows, ("Note", reason)] if reason else rows


def _of_dispute(invoice: Invoice, net: Money, vat: Money) -> str:
    left = words.minor(invoice.net) - net.minor, words.minor(invoice.vat) - vat.minor
    if not any(left):
        return "The whole invoice is taken back: nothing is charged and the dispute ends"
    rest = f"{Money(left[0])} without VAT and {Money(left[1])} VAT"
    return f"{rest} stay in dispute, and nothing is due back"


def read_refund(form: Form, purchase: Purchase) -> Command:
    """Read money that came back."""
    request = refunds_service_pb2.RecordRefundRequest()
    missing = "Enter the reference on the bank statement"
    request.reference = form.text("reference", missing=missing, longest=REFERENCE_MAX)
    amount = form.money("amount", missing="Enter how much came back")
    if amount is not None:
        request.amount.CopyFrom(money_to_proto(amount))
    day = form.day("received", missing="Enter the day it arrived")
    if day is not None:
        request.received_date.CopyFrom(date_to_proto(day))
    return _returning(form, purchase, "RecordRefund", request)


def refund_rows(form: Form, purchase: Purchase) -> Rows:
    """Return what came back, and what is due after it."""
    amount, before = Money.pounds(form.values["amount"]), due(purchase)
    return [
        ("Reference", form.values["reference"].strip()),
        ("Arrived", words.day(form.day("received", missing=""))),
        ("Came back", str(amount)),
        ("Due before", str(before)),
        ("Due then", str(Money(max(before.minor - amount.minor, 0)))),
    ]


def credit_items(purchase: Purchase) -> list[tuple[str, str, str]]:
    """Return what a credit note can be for: what the form sends, the words, how much at most."""
    spent = words.pounds(purchase.money.spent)
    items = []
    if words.minor(purchase.money.spent):
        items.append((CHARGED, "What was charged", f"{spent} at most, also a part of it"))
    for one in disputed(purchase):
        most = f"{words.pounds(one.net)} without VAT and {words.pounds(one.vat)} VAT at most"
        items.append((one.id, f"Invoice {one.number}, in dispute", most))
    return items


def _returning(
    form: Form,
    purchase: Purchase,
    rpc: str,
    request: refunds_service_pb2.RecordCreditNoteRequest | refunds_service_pb2.RecordRefundRequest,
) -> Command:
    asked = command(form, purchase, rpc, request)
    return Command(asked.rpc, asked.request, service=_SERVICE)
