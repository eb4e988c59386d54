"""Refusals of payment files, of reconciliation files and of invoices that do not add up."""

from __future__ import annotations

from services.chassis.errors import FailedPrecondition, InvalidArgument, NotFound


class ReconciliationRefused(InvalidArgument):
    """A reconciliation file is wrong, so nothing of it was taken."""

    reason = "RECONCILIATION_REFUSED"


class CardFileRefused(InvalidArgument):
    """A card statement is wrong, so nothing of it was taken."""

    reason = "CARD_FILE_REFUSED"


class VatDoesNotAddUp(InvalidArgument):
    """An invoice's VAT is more than the rates of the purchase give."""

    reason = "VAT_DOES_NOT_ADD_UP"


class PaymentFileNotFound(NotFound):
    """No such payment file in this authority."""

    reason = "PAYMENT_FILE_NOT_FOUND"


class NothingToPay(FailedPrecondition):
    """No invoice waits for payment."""

    reason = "NOTHING_TO_PAY"


class PaymentFileUsed(FailedPrecondition):
    """The payment file was taken back or answered."""

    reason = "PAYMENT_FILE_USED"
