"""Refusals of events of children, in order of precedence."""

from __future__ import annotations

from services.chassis.errors import Aborted, FailedPrecondition, InvalidArgument, NotFound


class EventDetailsInvalid(InvalidArgument):
    """A detail is missing, or does not belong to this kind of event."""

    reason = "EVENT_DETAILS_INVALID"


class EventDatesInvalid(InvalidArgument):
    """An event ends before it begins, lies too far ahead, or a span is too long."""

    reason = "EVENT_DATES_INVALID"


class EventSessionsInvalid(InvalidArgument):
    """A suspension takes more sessions than the school held in its days."""

    reason = "EVENT_SESSIONS_INVALID"


class ReasonNotInForce(InvalidArgument):
    """A reason is unknown, or was not in force on the first day."""

    reason = "REASON_NOT_IN_FORCE"


class ChildEventNotFound(NotFound):
    """No such event in the caller's authority, or its child was erased."""

    reason = "CHILD_EVENT_NOT_FOUND"

    def __init__(self, child_event_id: str) -> None:
        super().__init__(
            f"there is no event {child_event_id}",
            field="child_event_id",
            child_event_id=child_event_id,
        )


class ChildEventChanged(Aborted):
    """Somebody added a version after the one that was read."""

    reason = "CHILD_EVENT_CHANGED"


class ChildEventWithdrawn(FailedPrecondition):
    """The event was taken back."""

    reason = "CHILD_EVENT_WITHDRAWN"


class EventOutsideEnrolment(FailedPrecondition):
    """The child was not on the roll of the school on that day."""

    reason = "EVENT_OUTSIDE_ENROLMENT"


class EventOverlaps(FailedPrecondition):
    """The child has an event of the same kind in that time."""

    reason = "EVENT_OVERLAPS"


class EventStatusWrong(FailedPrecondition):
    """The exclusion cannot become that from what it is."""

    reason = "EVENT_STATUS_WRONG"
