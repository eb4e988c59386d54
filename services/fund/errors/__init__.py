"""Every refusal of the fund, in order of precedence within each family.

ServiceError
├── InvalidArgument      AmountNotPositive, CategoryUnknown, BudgetScopeInvalid, DateOutOfRange
├── NotFound             SourceNotFound, BudgetNotFound, PurchaseNotFound
├── PermissionDenied     NotTheRequester, RequesterMayNotDecide, OwnLimit, NoDelegatedLimit,
│                        OverDelegatedLimit
├── Aborted              StaleEtag
├── AlreadyExists        NameTaken, ReceiptAlreadyBanked, InvoiceAlreadyRecorded
└── FailedPrecondition
    ├── of state         WrongState, ReceivedNotInvoiced, MoneyAlreadyUsed
    ├── of the budget    NoBudgetForSchool, BudgetDoesNotCoverSchool, OutsidePeriod,
    │                    BudgetFrozen, SourceTermsBroken
    └── of money         NoEligibleSource, PotExhausted, SourceExhausted, ApprovalAboveRequest,
                         DeliveryAboveCommitment, InvoiceAboveCommitment

A module of this package holds the refusals of one subject and says its own order: `ledger`,
`approvals`, `disputes`, `papers`, `paying`.
"""

from __future__ import annotations

from services.chassis.errors import (
    Aborted,
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)
from services.fund.errors import approvals as approvals
from services.fund.errors import disputes as disputes
from services.fund.errors import papers as papers
from services.fund.errors import paying as paying
from services.fund.errors.ledger import (
    JournalAlreadyReversed as JournalAlreadyReversed,
)
from services.fund.errors.ledger import (
    JournalNotFound as JournalNotFound,
)
from services.fund.errors.ledger import (
    JournalNotReversible as JournalNotReversible,
)
from services.fund.errors.ledger import (
    NextBudgetMissing as NextBudgetMissing,
)
from services.fund.errors.ledger import (
    PeriodClosed as PeriodClosed,
)
from services.fund.errors.ledger import (
    PeriodNotEmpty as PeriodNotEmpty,
)
from services.fund.errors.ledger import (
    PeriodSoftClosed as PeriodSoftClosed,
)
from services.fund.errors.ledger import (
    ProposalDecided as ProposalDecided,
)
from services.fund.errors.ledger import (
    ProposalNotFound as ProposalNotFound,
)
from services.fund.errors.ledger import (
    ProposerMayNotConfirm as ProposerMayNotConfirm,
)
from services.fund.errors.ledger import (
    SecondOfficerNeeded as SecondOfficerNeeded,
)
from services.fund.errors.ledger import (
    SharesInvalid as SharesInvalid,
)
from services.fund.errors.ledger import (
    VirementInvalid as VirementInvalid,
)
from services.fund.errors.ledger import (
    WriteOffAboveLoss as WriteOffAboveLoss,
)
from services.fund.errors.ledger import (
    WrongPeriodState as WrongPeriodState,
)


class AmountNotPositive(InvalidArgument):
    """An amount must be one penny or more."""

    reason = "AMOUNT_NOT_POSITIVE"


class CategoryUnknown(InvalidArgument):
    """The category is not on the authority's list."""

    reason = "CATEGORY_UNKNOWN"


class BudgetScopeInvalid(InvalidArgument):
    """Scope, schools and parent of a budget do not fit together."""

    reason = "BUDGET_SCOPE_INVALID"


class DateOutOfRange(InvalidArgument):
    """A date lies where it may not."""

    reason = "DATE_OUT_OF_RANGE"


class SourceNotFound(NotFound):
    """No such source in this authority."""

    reason = "SOURCE_NOT_FOUND"


class BudgetNotFound(NotFound):
    """No such budget in this authority."""

    reason = "BUDGET_NOT_FOUND"


class PurchaseNotFound(NotFound):
    """No such purchase in this authority."""

    reason = "PURCHASE_NOT_FOUND"


class NotTheRequester(PermissionDenied):
    """Only who asked for the purchase may do this."""

    reason = "NOT_THE_REQUESTER"


class RequesterMayNotDecide(PermissionDenied):
    """Who asked for a purchase may not decide on it."""

    reason = "REQUESTER_MAY_NOT_DECIDE"


class OwnLimit(PermissionDenied):
    """Nobody sets their own delegated limit."""

    reason = "OWN_LIMIT"


class NoDelegatedLimit(PermissionDenied):
    """The officer holds no delegated limit today."""

    reason = "NO_DELEGATED_LIMIT"


class OverDelegatedLimit(PermissionDenied):
    """The counted amount is above the officer's limit."""

    reason = "OVER_DELEGATED_LIMIT"


class StaleEtag(Aborted):
    """The resource has changed since the etag was read."""

    reason = "ETAG_STALE"


class NameTaken(AlreadyExists):
    """Another source or budget of the authority has this name."""

    reason = "NAME_TAKEN"


class ReceiptAlreadyBanked(AlreadyExists):
    """The funder's receipt reference has been banked before."""

    reason = "RECEIPT_ALREADY_BANKED"


class InvoiceAlreadyRecorded(AlreadyExists):
    """The supplier's invoice number has been recorded before."""

    reason = "INVOICE_ALREADY_RECORDED"


class WrongState(FailedPrecondition):
    """The purchase's state does not allow this."""

    reason = "WRONG_STATE"


class ReceivedNotInvoiced(FailedPrecondition):
    """Goods were received that nobody has invoiced yet."""

    reason = "RECEIVED_NOT_INVOICED"


class MoneyAlreadyUsed(FailedPrecondition):
    """Goods were received or money was spent, so it is too late to cancel."""

    reason = "MONEY_ALREADY_USED"


class NoBudgetForSchool(FailedPrecondition):
    """No open budget covers the school on this day."""

    reason = "NO_BUDGET_FOR_SCHOOL"


class BudgetDoesNotCoverSchool(FailedPrecondition):
    """The named budget does not cover the school."""

    reason = "BUDGET_DOES_NOT_COVER_SCHOOL"


class OutsidePeriod(FailedPrecondition):
    """The day lies outside the budget's period."""

    reason = "OUTSIDE_PERIOD"


class BudgetFrozen(FailedPrecondition):
    """Nothing new may be promised from the budget."""

    reason = "BUDGET_FROZEN"


class SourceTermsBroken(FailedPrecondition):
    """The source's terms do not allow money for this budget."""

    reason = "SOURCE_TERMS_BROKEN"


class NoEligibleSource(FailedPrecondition):
    """No source of the budget may pay for this under its terms."""

    reason = "NO_ELIGIBLE_SOURCE"


class PotExhausted(FailedPrecondition):
    """The eligible pots together hold less than is asked."""

    reason = "POT_EXHAUSTED"


class SourceExhausted(FailedPrecondition):
    """The source has less banked and unallocated than is asked."""

    reason = "SOURCE_EXHAUSTED"


class ApprovalAboveRequest(FailedPrecondition):
    """More is approved than was asked for."""

    reason = "APPROVAL_ABOVE_REQUEST"


class DeliveryAboveCommitment(FailedPrecondition):
    """More is received than is still on order."""

    reason = "DELIVERY_ABOVE_COMMITMENT"


class InvoiceAboveCommitment(FailedPrecondition):
    """The invoice is above what is committed and received."""

    reason = "INVOICE_ABOVE_COMMITMENT"
