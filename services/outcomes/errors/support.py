"""Refusals of unfunded support, in order of precedence."""

from __future__ import annotations

from services.chassis.errors import Aborted, FailedPrecondition, InvalidArgument, NotFound


class SupportDatesInvalid(InvalidArgument):
    """It ends before it begins, or begins too early or too far ahead."""

    reason = "SUPPORT_DATES_INVALID"


class SupportNotFound(NotFound):
    """No such support in the caller's authority, or its child was erased."""

    reason = "SUPPORT_NOT_FOUND"

    def __init__(self, support_id: str) -> None:
        super().__init__(
            f"there is no support {support_id}", field="support_id", support_id=support_id
        )


class SupportChanged(Aborted):
    """Somebody added a version after the one that was read."""

    reason = "SUPPORT_CHANGED"


class SupportWithdrawn(FailedPrecondition):
    """The support was taken back."""

    reason = "SUPPORT_WITHDRAWN"


class SupportOverlaps(FailedPrecondition):
    """The child has the same kind from the same giver on one of those days."""

    reason = "SUPPORT_OVERLAPS"
