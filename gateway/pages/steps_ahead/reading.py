"""How the form of each step is read into its command."""

from __future__ import annotations

from localresponse.fund.v1 import purchase_requests_pb2 as requests

from gateway.pages.forms import Form
from gateway.pages.steps_ahead.step import Command, Purchase, command
from gateway.pages.vocabulary import VatRecovery
from services.chassis.wire import date_to_proto, money_to_proto

REASON_MISSING = "Enter a reason"


def read_answer(form: Form, purchase: Purchase) -> Command:
    """Read the answer to an officer's question."""
    reason = form.text("reason", missing="Enter your answer")
    return command(form, purchase, "AnswerPurchase", requests.AnswerPurchaseRequest(reason=reason))


def read_withdraw(form: Form, purchase: Purchase) -> Command:
    """Read why a request is taken back."""
    request = requests.WithdrawPurchaseRequest(reason=form.text("reason"))
    return command(form, purchase, "WithdrawPurchase", request)


def read_deliver(form: Form, purchase: Purchase) -> Command:
    """Read the day of a delivery, and what part of the order it was."""
    day = form.day("delivered", missing="Enter the date when it was delivered")
    request = requests.RecordDeliveryRequest()
    if day is not None:
        request.delivered_date.CopyFrom(date_to_proto(day))
    amount = form.optional_money("amount")
    if amount is not None:
        request.amount.CopyFrom(money_to_proto(amount))
    return command(form, purchase, "RecordDelivery", request)


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
            return command(form, purchase, "ApprovePurchase", approval)
        case "query":
            question = form.text("reason", missing="Enter what you want to know")
            query = requests.QueryPurchaseRequest(reason=question)
            return command(form, purchase, "QueryPurchase", query)
        case "decline":
            reason = form.text("reason", missing="Enter why it is not approved")
            decline = requests.DeclinePurchaseRequest(reason=reason)
            return command(form, purchase, "DeclinePurchase", decline)
        case _:
            return None


def read_order(form: Form, purchase: Purchase) -> Command:
    """Read the number of a purchase order."""
    number = form.text("order_number", longest=40)
    request = requests.OrderPurchaseRequest(order_number=number)
    return command(form, purchase, "OrderPurchase", request)


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
    return command(form, purchase, "RecordInvoice", request)


def read_close(form: Form, purchase: Purchase) -> Command:
    """Read why a request is finished."""
    request = requests.ClosePurchaseRequest(reason=form.text("reason"))
    return command(form, purchase, "ClosePurchase", request)


def read_cancel(form: Form, purchase: Purchase) -> Command:
    """Read why an approved request is given up."""
    reason = form.text("reason", missing=REASON_MISSING)
    request = requests.CancelPurchaseRequest(reason=reason)
    return command(form, purchase, "CancelPurchase", request)
