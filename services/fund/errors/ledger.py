"""Refusals of the ledger, of closing years and of what needs two officers."""

from __future__ import annotations

from services.chassis.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)


class JournalNotFound(NotFound):
    """No such journal in this authority."""

    reason = "JOURNAL_NOT_FOUND"


class ProposalNotFound(NotFound):
    """No such proposal in this authority."""

    reason = "PROPOSAL_NOT_FOUND"


class JournalAlreadyReversed(AlreadyExists):
    """The journal has been reversed before."""

    reason = "JOURNAL_ALREADY_REVERSED"


class ProposerMayNotConfirm(PermissionDenied):
    """Who proposed may not confirm: two officers are needed."""

    reason = "PROPOSER_MAY_NOT_CONFIRM"


class PeriodClosed(FailedPrecondition):
    """The year takes no postings any more."""

    reason = "PERIOD_CLOSED"


class PeriodSoftClosed(FailedPrecondition):
    """The year is being closed and takes no new promises."""

    reason = "PERIOD_SOFT_CLOSED"


class WrongPeriodState(FailedPrecondition):
    """The year's state does not allow this."""

    reason = "WRONG_PERIOD_STATE"


class ProposalDecided(FailedPrecondition):
    """The proposal was confirmed or rejected before."""

    reason = "PROPOSAL_DECIDED"


class JournalNotReversible(FailedPrecondition):
    """Journals of this kind are undone by a step of their own."""

    reason = "JOURNAL_NOT_REVERSIBLE"


class SharesInvalid(InvalidArgument):
    """Fixed shares must add up to the whole and name their residual source."""

    reason = "SHARES_INVALID"


class VirementInvalid(InvalidArgument):
    """A virement goes to another budget of the same year."""

    reason = "VIREMENT_INVALID"


class SecondOfficerNeeded(FailedPrecondition):
    """The sum must be proposed, and confirmed by a second officer."""

    reason = "SECOND_OFFICER_NEEDED"


class NextBudgetMissing(FailedPrecondition):
    """There is no budget of this name in the next year to carry into."""

    reason = "NEXT_BUDGET_MISSING"


class PeriodNotEmpty(FailedPrecondition):
    """Money is still live in the year's pots."""

    reason = "PERIOD_NOT_EMPTY"


class WriteOffAboveLoss(FailedPrecondition):
    """More is written off than is due back or handed out."""

    reason = "WRITE_OFF_ABOVE_LOSS"


class VatNotClaimedBack(InvalidArgument):
    """A source pays all VAT of the purchase, so none of it is claimed back."""

    reason = "VAT_NOT_CLAIMED_BACK"
