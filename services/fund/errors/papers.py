"""Refusals of drafts, comments, attachments, suppliers and payees."""

from __future__ import annotations

from services.chassis.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)


class AttachmentTypeRefused(InvalidArgument):
    """The bytes are no PDF, JPEG or PNG."""

    reason = "ATTACHMENT_TYPE_REFUSED"


class AttachmentTooLarge(InvalidArgument):
    """An attachment has at most 10,485,760 bytes."""

    reason = "ATTACHMENT_TOO_LARGE"


class DraftIncomplete(InvalidArgument):
    """Something that a request needs is missing or wrong in the draft."""

    reason = "DRAFT_INCOMPLETE"


class DraftNotFound(NotFound):
    """The caller has no such draft."""

    reason = "DRAFT_NOT_FOUND"


class AttachmentNotFound(NotFound):
    """The purchase has no such attachment."""

    reason = "ATTACHMENT_NOT_FOUND"


class SupplierNotFound(NotFound):
    """Nobody in this authority has asked for this supplier."""

    reason = "SUPPLIER_NOT_FOUND"


class PayeeChangeNotFound(NotFound):
    """No such change of payee details in this authority."""

    reason = "PAYEE_CHANGE_NOT_FOUND"


class CommentInternal(PermissionDenied):
    """Internal comments are for the authority."""

    reason = "COMMENT_INTERNAL"


class PayeeChangeWaiting(AlreadyExists):
    """Another change of this payee waits or is on hold."""

    reason = "PAYEE_CHANGE_WAITING"


class PayeeChangeDecided(FailedPrecondition):
    """The change was rejected before, or is in force."""

    reason = "PAYEE_CHANGE_DECIDED"


class PayeeOnHold(FailedPrecondition):
    """Every invoice waits for payee details: none are in force, or new ones are on hold."""

    reason = "PAYEE_ON_HOLD"
