"""Payments, proposals, codes and publication in the words and colours of a page."""

from __future__ import annotations

from localresponse.fund.v1 import export_rules_service_pb2 as rules
from localresponse.fund.v1 import payments_service_pb2 as payments
from localresponse.fund.v1 import proposals_service_pb2 as proposals
from localresponse.fund.v1 import suppliers_service_pb2 as suppliers

FILE_STATES = {
    payments.PAYMENT_FILE_STATE_OPEN: ("Not all paid", "blue"),
    payments.PAYMENT_FILE_STATE_PAID: ("Paid", "green"),
    payments.PAYMENT_FILE_STATE_CANCELLED: ("Taken back", "grey"),
}

HOLDS = {
    payments.HOLD_REASON_UNSPECIFIED: "Nothing: you can pay it now",
    payments.HOLD_REASON_NO_PAYEE: "The supplier has no bank details yet",
    payments.HOLD_REASON_PAYEE_ON_HOLD: "New bank details are on hold for 24 hours",
    payments.HOLD_REASON_YOU_RECORDED_IT: "You recorded it, so another officer pays it",
    payments.HOLD_REASON_YOU_SET_THE_PAYEE: "You set the bank details, so another officer pays it",
    payments.HOLD_REASON_YOU_APPROVED_IT: "You approved the request, so another officer pays it",
}
"""What holds an invoice back from whoever looks."""

MATCHES = {
    payments.MATCH_OUTCOME_MATCHED: ("Paid as asked", "green"),
    payments.MATCH_OUTCOME_UNMATCHED: ("No such invoice waits in the file", "red"),
    payments.MATCH_OUTCOME_OVER: ("More was paid than asked", "red"),
    payments.MATCH_OUTCOME_UNDER: ("Less was paid than asked", "red"),
}
"""What became of a line of the finance system's answer."""

PAYEE_STATES = {
    suppliers.PAYEE_CHANGE_STATE_PROPOSED: ("Waiting", "yellow"),
    suppliers.PAYEE_CHANGE_STATE_ON_HOLD: ("On hold", "blue"),
    suppliers.PAYEE_CHANGE_STATE_IN_FORCE: ("Confirmed", "green"),
    suppliers.PAYEE_CHANGE_STATE_REJECTED: ("Not used", "grey"),
}
"""Where a change of bank details stands; one that was confirmed may have been replaced."""

PROPOSALS = {
    proposals.PROPOSAL_KIND_VIREMENT: "Move money to another budget",
    proposals.PROPOSAL_KIND_ALLOCATION: "Put money into a budget",
    proposals.PROPOSAL_KIND_WRITE_OFF: "Accept a loss",
    proposals.PROPOSAL_KIND_REVERSAL: "Undo a transfer",
    proposals.PROPOSAL_KIND_REOPENING: "Open a closed year again",
    proposals.PROPOSAL_KIND_MONEY_RULES: "Change what needs a second officer",
    proposals.PROPOSAL_KIND_RETURN: "Hand money back to its funder",
    proposals.PROPOSAL_KIND_BUDGET: "Make a new budget",
}

PROPOSAL_STATES = {
    proposals.PROPOSAL_STATE_WAITING: ("Waiting", "yellow"),
    proposals.PROPOSAL_STATE_DONE: ("Done", "green"),
    proposals.PROPOSAL_STATE_REJECTED: ("Not done", "grey"),
}

ACCOUNTS = {
    "external": "Funders and suppliers",
    "source": "Funding sources, not in a budget yet",
    "available": "Left in budgets",
    "reserved": "Held for requests",
    "committed": "Approved or ordered",
    "received": "Delivered",
    "issued": "Vouchers handed out",
    "spent": "Spent",
    "refund_due": "Refunds that are due",
    "written_off": "Written off",
    "vat": "VAT that comes back",
    "year": "Carried between years",
}
"""The ledger's accounts, in the order in which their codes are asked for."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

SUPPLIER_KINDS = {
    "organisation": ("An organisation", "Its name is published", rules.SUPPLIER_KIND_ORGANISATION),
    "sole-trader": (
        "A person who trades alone",
        "Personal data: the name is not published",
        rules.SUPPLIER_KIND_SOLE_TRADER,
    ),
    "foster-carer": (
        "A foster carer",
        "Personal data: the name is not published",
        rules.SUPPLIER_KIND_FOSTER_CARER,
    ),
    "person": (
        "Another person",
        "Personal data: the name is not published",
        rules.SUPPLIER_KIND_PRIVATE_PERSON,
    ),
    "place": (
        "A place whose name can endanger somebody, such as a refuge",
        "The name is not published",
        rules.SUPPLIER_KIND_SENSITIVE_PLACE,
    ),
    "confidential": (
        "An organisation whose dealings are confidential",
        "The name is not published: the council has weighed the public interest",
        rules.SUPPLIER_KIND_CONFIDENTIAL,
    ),
}
"""What a supplier is, by what the form sends: the words, what follows, the fund's name for it."""

KIND_WORDS = {number: words for words, _, number in SUPPLIER_KINDS.values()}
