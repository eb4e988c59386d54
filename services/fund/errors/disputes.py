"""Refusals of invoices in dispute."""

from __future__ import annotations

from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound


class CreditNoteNumberMissing(InvalidArgument):
    """A credit note that takes an invoice back has a number."""

    reason = "CREDIT_NOTE_NUMBER_MISSING"


class InvoiceNotFound(NotFound):
    """The purchase has no such invoice that was ever in dispute."""

    reason = "INVOICE_NOT_FOUND"


class InvoiceNotInDispute(FailedPrecondition):
    """The invoice was accepted, returned or credited before."""

    reason = "INVOICE_NOT_IN_DISPUTE"


class InvoiceInDispute(FailedPrecondition):
    """An invoice above the order waits to be resolved, so the purchase is not finished."""

    reason = "INVOICE_IN_DISPUTE"
