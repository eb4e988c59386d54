"""Refusals of the approval policy, of changes to a purchase, of refunds and of vouchers."""

from __future__ import annotations

from services.chassis.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)


class PolicyInvalid(InvalidArgument):
    """Rungs or caps of an approval policy do not fit together."""

    reason = "POLICY_INVALID"


class CoverInvalid(InvalidArgument):
    """A cover is between two other people."""

    reason = "COVER_INVALID"


class PlacesInvalid(InvalidArgument):
    """There are fewer places than children."""

    reason = "PLACES_INVALID"


class CoverNotFound(NotFound):
    """No such cover in this authority, or it has ended."""

    reason = "COVER_NOT_FOUND"


class VoucherNotFound(NotFound):
    """The purchase has no such voucher."""

    reason = "VOUCHER_NOT_FOUND"


class AfterCheckNotFound(NotFound):
    """The decision was not drawn for an after-check."""

    reason = "AFTER_CHECK_NOT_FOUND"


class RecommenderMayNotDecide(PermissionDenied):
    """Who recommended a purchase may not decide on it."""

    reason = "RECOMMENDER_MAY_NOT_DECIDE"


class SameApproverTwice(PermissionDenied):
    """The caller, or who they stand in for, has approved it already; another person is needed."""

    reason = "SAME_APPROVER_TWICE"


class NotCovered(PermissionDenied):
    """The caller stands in for nobody of this id today."""

    reason = "NOT_COVERED"


class ApproverRoleNotAllowed(PermissionDenied):
    """The policy gives this sum to other roles."""

    reason = "APPROVER_ROLE_NOT_ALLOWED"


class NoOverrideRight(PermissionDenied):
    """The officer holds no right to override."""

    reason = "NO_OVERRIDE_RIGHT"


class OwnOverrideRight(PermissionDenied):
    """Nobody gives themselves the right to override."""

    reason = "OWN_OVERRIDE_RIGHT"


class AlreadyTookPart(PermissionDenied):
    """The caller has recommended or approved this version already."""

    reason = "ALREADY_TOOK_PART"


class CreditNoteAlreadyRecorded(AlreadyExists):
    """The supplier's credit note number has been recorded before."""

    reason = "CREDIT_NOTE_ALREADY_RECORDED"


class RefundAlreadyRecorded(AlreadyExists):
    """A refund with this reference has been recorded before."""

    reason = "REFUND_ALREADY_RECORDED"


class AfterCheckDone(AlreadyExists):
    """The after-check has been recorded before."""

    reason = "AFTER_CHECK_DONE"


class QuotesMissing(FailedPrecondition):
    """The policy asks for more quotes than are attached."""

    reason = "QUOTES_MISSING"


class ChildCapReached(FailedPrecondition):
    """A child would be given more than the policy allows in all."""

    reason = "CHILD_CAP_REACHED"


class CategoryCapReached(FailedPrecondition):
    """A child would be given more of this category than the policy allows."""

    reason = "CATEGORY_CAP_REACHED"


class DuplicateUnexplained(FailedPrecondition):
    """The same child was given the same category lately; the approver must say why again."""

    reason = "DUPLICATE_UNEXPLAINED"


class CreditAboveInvoiced(FailedPrecondition):
    """More is credited than was charged."""

    reason = "CREDIT_ABOVE_INVOICED"


class RefundAboveCredit(FailedPrecondition):
    """More came back than credit notes say is due."""

    reason = "REFUND_ABOVE_CREDIT"


class VoucherAboveCommitment(FailedPrecondition):
    """More is handed out than is committed."""

    reason = "VOUCHER_ABOVE_COMMITMENT"


class VoucherEnded(FailedPrecondition):
    """The voucher has lapsed."""

    reason = "VOUCHER_ENDED"


class VoucherOverdrawn(FailedPrecondition):
    """More is redeemed than is left on the voucher."""

    reason = "VOUCHER_OVERDRAWN"


class VouchersOutstanding(FailedPrecondition):
    """Vouchers are handed out that are neither redeemed nor lapsed."""

    reason = "VOUCHERS_OUTSTANDING"
