"""A voucher that is handed out for money on order, and a loss that two officers accept."""

from __future__ import annotations

from localresponse.fund.v1 import proposal_requests_pb2, refunds_service_pb2

from gateway.pages import words
from gateway.pages.forms import Form
from gateway.pages.steps_ahead.disputing import NUMBER_MAX
from gateway.pages.steps_ahead.step import Command, Purchase, Rows, command
from services.chassis.money import Money
from services.chassis.wire import date_to_proto, money_to_proto

REASON_MAX = 1000


def has_order(purchase: Purchase) -> bool:
    """Whether any money is on order, so that a voucher can be handed out for it."""
    return words.minor(purchase.money.committed) > 0


def had_vouchers(purchase: Purchase) -> bool:
    """Whether a voucher was ever handed out."""
    return any(fact.action == "issued" for fact in purchase.timeline)


def at_risk(purchase: Purchase) -> Money:
    """Return what can be lost: refunds that are due, and vouchers that are not used."""
    money = purchase.money
    return Money(words.minor(money.refund_due) + words.minor(money.issued))


def may_lose(purchase: Purchase) -> bool:
    """Whether there is anything to lose."""
    return at_risk(purchase).minor > 0


def read_voucher(form: Form, purchase: Purchase) -> Command:
    """Read a voucher to hand out."""
    request = refunds_service_pb2.IssueVoucherRequest()
    missing = "Enter the number of the voucher"
    request.number = form.text("number", missing=missing, longest=NUMBER_MAX)
    amount = form.money("amount", missing="Enter what the voucher is worth")
    if amount is not None:
        request.amount.CopyFrom(money_to_proto(amount))
    day = form.day("expiry", missing="Enter the last day it can be used")
    if day is not None:
        request.expiry_date.CopyFrom(date_to_proto(day))
    asked = command(form, purchase, "IssueVoucher", request)
    return Command(asked.rpc, asked.request, service="refunds")


def voucher_rows(form: Form, purchase: Purchase) -> Rows:
    """Return the voucher that is about to be handed out, and what is on order after it."""
    amount = Money.pounds(form.values["amount"])
    left = words.minor(purchase.money.committed) - amount.minor
    return [
        ("Voucher", form.values["number"].strip()),
        ("Worth", str(amount)),
        ("Last day", words.day(form.day("expiry", missing=""))),
        ("Then on order", str(Money(max(left, 0)))),
    ]


def read_write_off(form: Form, purchase: Purchase) -> Command:
    """Read a loss; it is proposed, and another officer confirms it."""
    request = proposal_requests_pb2.ProposeWriteOffRequest(
        request_id=form.values.get("request_id", ""), purchase_id=purchase.id
    )
    amount = form.money("amount", missing="Enter how much is lost")
    if amount is not None:
        request.amount.CopyFrom(money_to_proto(amount))
    request.reason = form.text("reason", missing="Enter a reason", longest=REASON_MAX)
    return Command("ProposeWriteOff", request, service="proposals")


def write_off_rows(form: Form, purchase: Purchase) -> Rows:
    """Return the loss that is about to be proposed."""
    amount = Money.pounds(form.values["amount"])
    return [
        ("Lost", str(amount)),
        ("Due back or handed out", str(at_risk(purchase))),
        ("What happens", "Nothing until a second officer confirms it"),
        ("Reason", form.values["reason"].strip()),
    ]
