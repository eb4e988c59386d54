"""An invoice above its order: kept as it came, charged to nobody, until somebody resolves it.

It is accepted once enough was committed by a new decision, goes back to the supplier, or is taken
back by the supplier's credit notes. One for a part of it leaves less to be accepted. Source:
ledger.md d2; ADR 57.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.fund.domain.lines import check_vat
from services.fund.domain.purchase import Purchase
from services.fund.errors.approvals import CreditAboveInvoiced
from services.fund.errors.disputes import (
    CreditNoteNumberMissing,
    InvoiceInDispute,
    InvoiceNotInDispute,
)


class InvoiceState(StrEnum):
    """Where an invoice stands."""

    CHARGED = "charged"
    DISPUTED = "disputed"
    RETURNED = "returned"
    CREDITED = "credited"


class Resolution(StrEnum):
    """How a dispute ends."""

    ACCEPTED = "accepted"
    RETURNED = "returned"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """How somebody ends a dispute; the number is that of the supplier's credit note."""

    invoice_id: str
    resolution: Resolution
    credit_note_number: str = ""


def check_resolving(invoice_id: str, state: InvoiceState, resolved: Resolved) -> None:
    """Check that an invoice may be resolved like this.

    Raises:
        CreditNoteNumberMissing: It is credited without a number (INVALID_ARGUMENT).
        InvoiceNotInDispute: It was resolved before (FAILED_PRECONDITION).
    """
    if resolved.resolution is Resolution.CREDITED and not resolved.credit_note_number.strip():
        raise CreditNoteNumberMissing(
            "credit_note_number: the supplier's credit note has a number",
            field="credit_note_number",
        )
    if state is not InvoiceState.DISPUTED:
        raise InvoiceNotInDispute(f"the invoice is {state}", invoice_id=invoice_id, state=state)


def left_after(
    purchase: Purchase, paper: tuple[int, int], credit: tuple[int, int]
) -> tuple[int, int]:
    """Return what a credit note leaves of an invoice in dispute; amounts are (net, VAT), pence.

    Raises:
        CreditAboveInvoiced: It is for more than is left, or leaves only VAT (FAILED_PRECONDITION).
        VatDoesNotAddUp: What it leaves has more VAT than the rates give (INVALID_ARGUMENT).
    """
    net, vat = paper[0] - credit[0], paper[1] - credit[1]
    if net < 0 or vat < 0 or (not net and vat):
        raise CreditAboveInvoiced(
            f"{sum(credit)} pence are credited and {sum(paper)} of the invoice are left",
            asked_minor=sum(credit),
            spent_minor=sum(paper),
        )
    check_vat(purchase.lines, net=net, vat=vat)
    return net, vat


def check_none_open(open_ids: list[str]) -> None:
    """Check that a purchase has no invoice in dispute before it is finished.

    Raises:
        InvoiceInDispute: It has (FAILED_PRECONDITION).
    """
    if open_ids:
        raise InvoiceInDispute(
            "an invoice above the order waits to be resolved", invoice_id=open_ids[0]
        )
