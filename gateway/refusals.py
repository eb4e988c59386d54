"""What a service refused, read from the status of a failed call: for the API and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import grpc

from services.chassis import status
from services.chassis.errors import ServiceError

# What a library answered with when no service could: the code stands where a reason should.
_REASONS: Mapping[str, str] = {
    "INVALID_ARGUMENT": "INVALID_FIELD",
    "PERMISSION_DENIED": "ACTION_NOT_ALLOWED",
    "UNAUTHENTICATED": "TOKEN_INVALID",
    "FAILED_PRECONDITION": "WRONG_STATE",
    "ABORTED": "ETAG_STALE",
    "RESOURCE_EXHAUSTED": "RATE_LIMITED",
    "UNAVAILABLE": "SERVICE_UNAVAILABLE",
    "CANCELLED": "SERVICE_UNAVAILABLE",
    "UNKNOWN": "INTERNAL",
    "DATA_LOSS": "INTERNAL",
}
_WORDS: Mapping[str, str] = {
    "SERVICE_UNAVAILABLE": "A service behind this one does not answer. Try again.",
    "DEADLINE_EXCEEDED": "The service took too long. What was asked may have happened.",
    "UNIMPLEMENTED": "The service does not know this call.",
    "INTERNAL": "Something went wrong on our side.",
    "PAYLOAD_TOO_LARGE": "The message is larger than the service takes.",
}


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field of the request at fault: its proto path (`lines[0].amount`) and why."""

    path: str
    description: str


@dataclass(slots=True, eq=False)
class Refusal(Exception):
    """A call that was refused or could not be served.

    Args:
        code: The canonical code's name, such as `FAILED_PRECONDITION`.
        reason: The stable reason, such as `POT_EXHAUSTED`.
        message: A sentence for a person.
        metadata: The values in it, by name.
        fields: The fields at fault.
    """

    code: str
    reason: str
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[FieldFault, ...] = ()


def of_call(error: grpc.aio.AioRpcError) -> Refusal:
    """Return what a failed call says; words that no service wrote are replaced by our own."""
    failure = status.failure_of(error)
    reason = failure.reason
    if reason == failure.code:
        reason = _REASONS.get(reason, reason)
        if reason == "RATE_LIMITED" and "larger than max" in failure.message:
            reason = "PAYLOAD_TOO_LARGE"
    fields = tuple(FieldFault(one.field, one.message) for one in failure.violations)
    words = _WORDS.get(reason, failure.message)
    return Refusal(failure.code, reason, words, metadata=failure.metadata, fields=fields)


def of_error(error: ServiceError) -> Refusal:
    """Return a refusal of the gateway's own, such as a token that has ended."""
    fields = tuple(FieldFault(one.field, one.message) for one in status.violations_of(error))
    reason = _REASONS.get(error.reason, error.reason)
    return Refusal(error.code, reason, error.message, metadata=error.metadata, fields=fields)
