"""A service's refusal, said to the person who met it: what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.forms import FieldError
from gateway.refusals import Refusal
from services.chassis.money import Money

# Amounts in the metadata are pence (`asked_minor`); here they are named without the ending.
WORDS: Mapping[str, str] = {
    "POT_EXHAUSTED": "There is not enough left in the budget: {asked} is asked for and "
    "{available} is left",
    "SOURCE_EXHAUSTED": "There is not enough left in the funding source: {unallocated} is left",
    "NO_BUDGET_FOR_SCHOOL": "No open budget covers this school. Ask the fund's finance officer",
    "BUDGET_FROZEN": "Nothing new can be promised from this budget, because it is frozen",
    "OUTSIDE_PERIOD": "The budget is for another year. Ask the fund's finance officer",
    "NO_ELIGIBLE_SOURCE": "None of the money in this budget may be spent on this. Choose another "
    "kind of support or ask the fund's finance officer",
    "CATEGORY_UNKNOWN": "Select a kind of support from the list",
    "DATE_OUT_OF_RANGE": "The date is not possible here. Check the day, month and year",
    "AMOUNT_NOT_POSITIVE": "The amount must be 1p or more",
    "REQUESTER_MAY_NOT_DECIDE": "You asked for this, so another officer must decide",
    "NOT_THE_REQUESTER": "Only the person who asked for this can do that",
    "NO_DELEGATED_LIMIT": "You have no approval limit today, so another officer must decide",
    "OVER_DELEGATED_LIMIT": "This is above your approval limit: {counted} counts against your "
    "limit of {limit}. Another officer must decide",
    "APPROVAL_ABOVE_REQUEST": "You can approve {reserved} at most, which is what was asked for",
    "DELIVERY_ABOVE_COMMITMENT": "Only {committed} is still on order, so {asked} cannot have "
    "been delivered",
    "INVOICE_ABOVE_COMMITMENT": "The invoice comes to {asked}, and only {live} is on order or "
    "delivered. Approve more money first, or send the invoice back",
    "INVOICE_ALREADY_RECORDED": "This supplier's invoice number has been recorded before",
    "INVOICE_NOT_IN_DISPUTE": "Somebody has resolved this invoice since you opened the page. Look "
    "at the request again",
    "CREDIT_NOTE_NUMBER_MISSING": "Enter the number of the credit note",
    "CREDIT_NOTE_ALREADY_RECORDED": "This supplier's credit note number has been recorded before",
    "CREDIT_ABOVE_INVOICED": "At most {spent} can come back, and {asked} is more",
    "REFUND_ALREADY_RECORDED": "A refund with this reference has been recorded before",
    "REFUND_ABOVE_CREDIT": "Only {due} is due back. Record the credit note for the rest first",
    "VAT_DOES_NOT_ADD_UP": "The VAT is more than the rates of what was ordered give",
    "VAT_NOT_CLAIMED_BACK": "A funding source of this request pays its VAT, so the council does "
    "not get it back",
    "VOUCHER_ABOVE_COMMITMENT": "Only {committed} is on order, so {asked} cannot be handed out",
    "VOUCHER_ENDED": "The last day of this voucher has passed, so it cannot be used",
    "VOUCHER_OVERDRAWN": "Only {left} is left on this voucher",
    "VOUCHERS_OUTSTANDING": "{issued} of vouchers is neither used nor lapsed. Record what was "
    "used, or wait until their last day has passed",
    "WRITE_OFF_ABOVE_LOSS": "Only {live} is due back or handed out, so {asked} cannot be lost",
    "VIREMENT_INVALID": "The money can only go to another budget of the same year",
    "SAME_APPROVER_TWICE": "You have approved this already, so another officer must confirm it",
    "RECOMMENDER_MAY_NOT_DECIDE": "You recommended this, so another officer must decide",
    "QUOTES_MISSING": "The council's policy asks for more quotes than are with the request's "
    "papers. Add them first",
    "NOTHING_TO_PAY": "No invoice waits for payment now",
    "PAYMENT_FILE_USED": "The file was taken back or answered meanwhile. Look at it again",
    "PROPOSER_MAY_NOT_CONFIRM": "You proposed this, so another officer must confirm it",
    "PAYEE_CHANGE_WAITING": "Other bank details of this supplier wait or are on hold. Decide on "
    "them first",
    "PAYEE_CHANGE_DECIDED": "Somebody has decided on these bank details since you opened the page",
    "PROPOSAL_DECIDED": "Somebody has decided this proposal since you opened the page",
    "PERIOD_CLOSED": "The year is closed, so no money moves in it",
    "PUBLICATION_NOT_REVIEWED": "Suppliers wait to be reviewed, so nothing is published yet",
    "INVOICE_IN_DISPUTE": "An invoice above the order waits to be resolved: it is accepted, sent "
    "back or credited first",
    "RECEIVED_NOT_INVOICED": "{received} was delivered and not invoiced yet. Record the invoice "
    "before you close the request",
    "MONEY_ALREADY_USED": "Something was delivered or paid for, so the request can be closed but "
    "not cancelled",
    "WRONG_STATE": "Somebody has dealt with this request since you opened the page. Look at it "
    "again before you decide",
    "ETAG_STALE": "Somebody changed this request since you opened the page. Look at it again "
    "before you decide",
    "SERVICE_UNAVAILABLE": "Part of the service does not answer. Nothing was lost: try again in a "
    "minute",
    "DEADLINE_EXCEEDED": "This took too long and may have happened. Send it again: it will not "
    "happen twice",
    "RATE_LIMITED": "That was too many requests in a short time. Wait a minute and try again",
    "INTERNAL": "Something went wrong on our side. Nothing was lost: try again in a minute",
    "REQUEST_ID_REUSED": "This form was sent before with other answers. Open the page again",
    "ACTION_NOT_ALLOWED": "Your role does not allow this",
}

FIELDS: Mapping[str, str] = {
    "need": "need",
    "category": "category",
    "supplier_name": "supplier",
    "reason": "reason",
    "invoice_number": "invoice_number",
    "net": "net",
    "vat": "vat",
    "amount": "amount",
    "approved_amount": "amount",
    "order_number": "order_number",
    "credit_note_number": "credit_note_number",
    "account_holder": "holder",
    "sort_code": "sort_code",
    "account_number": "account_number",
    "delivered_date": "delivered-day",
    "invoice_date": "invoiced-day",
    "credit_date": "credited-day",
    "received_date": "received-day",
    "reference": "reference",
    "vat_recovery": "recovery",
    "number": "number",
    "expiry_date": "expiry-day",
    "target_budget_id": "target",
    "expected_change.review_date": "review-day",
}


# A reason that is about one answer of the form, where the service names no field.
BESIDE: Mapping[str, str] = {
    "INVOICE_ALREADY_RECORDED": "invoice_number",
    "CREDIT_NOTE_ALREADY_RECORDED": "credit_note_number",
    "CREDIT_ABOVE_INVOICED": "net",
    "REFUND_ALREADY_RECORDED": "reference",
    "REFUND_ABOVE_CREDIT": "amount",
    "VOUCHER_ABOVE_COMMITMENT": "amount",
    "VOUCHER_ENDED": "amount",
    "VOUCHER_OVERDRAWN": "amount",
    "WRITE_OFF_ABOVE_LOSS": "amount",
    "VAT_DOES_NOT_ADD_UP": "vat",
    "VAT_NOT_CLAIMED_BACK": "recovery",
    "SOURCE_EXHAUSTED": "amount",
}


def faults(refusal: Refusal) -> list[FieldError]:
    """Return the refusal as faults of the form that caused it.

    Field paths are for programs; a fault whose field is on no page is said in one sentence.
    """
    ours = refusal.reason in WORDS
    placed = [
        FieldError(FIELDS[one.path], sentence(refusal) if ours else _plain(one.description))
        for one in refusal.fields
        if one.path in FIELDS
    ]
    return placed or [FieldError(BESIDE.get(refusal.reason, ""), sentence(refusal))]


def sentence(refusal: Refusal) -> str:
    """Return what to tell the person; a reason without words of ours keeps the service's."""
    words = WORDS.get(refusal.reason)
    if words is None:
        return _plain(refusal.message)
    try:
        return words.format(**_amounts(refusal.metadata))
    except KeyError:
        return _plain(refusal.message)


def _plain(text: str) -> str:
    return text[:1].upper() + text[1:]


def _amounts(metadata: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removesuffix("_minor"): str(Money(int(value)))
        for name, value in metadata.items()
        if name.endswith("_minor") and value.lstrip("-").isdecimal()
    }
