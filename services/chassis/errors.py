"""Refusals, as domain code raises them; nothing here knows gRPC or HTTP.

ServiceError
├── InvalidArgument      the request cannot be right in any state
├── Unauthenticated      we do not know who asks
├── PermissionDenied     we know, and they may not
├── NotFound             unknown, or another authority's
├── AlreadyExists        a second of what there is one of
├── FailedPrecondition   right request, wrong state, or no money left
├── Aborted              somebody changed it first: read again and decide
├── ResourceExhausted    too much, too often
└── Unavailable          try again later

Each service subclasses a family for each of its refusals and gives it a `reason`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Code(StrEnum):
    """The canonical codes that this product answers with (google.rpc.Code)."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    ABORTED = "ABORTED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    UNAVAILABLE = "UNAVAILABLE"


class ServiceError(Exception):
    """A refusal with a stable reason and every value that its message shows.

    Args:
        message: One sentence for a person; it holds no personal data.
        field: The request's field at fault, such as `lines[0].unit_price`; empty if none.
        metadata: The values in the message, by name, for programs.
    """

    code: ClassVar[Code]
    reason: ClassVar[str] = ""

    def __init__(self, message: str, *, field: str = "", **metadata: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.metadata = {name: str(value) for name, value in metadata.items()}


class InvalidArgument(ServiceError):
    """The request cannot be right in any state."""

    code = Code.INVALID_ARGUMENT
    reason = "INVALID_FIELD"


class Unauthenticated(ServiceError):
    """The caller is unknown."""

    code = Code.UNAUTHENTICATED
    reason = "TOKEN_INVALID"


class PermissionDenied(ServiceError):
    """The caller is known and may not do this."""

    code = Code.PERMISSION_DENIED
    reason = "ACTION_NOT_ALLOWED"


class NotFound(ServiceError):
    """Unknown, or another authority's: the two are never told apart."""

    code = Code.NOT_FOUND
    reason = "NOT_FOUND"


class AlreadyExists(ServiceError):
    """There is one already."""

    code = Code.ALREADY_EXISTS
    reason = "ALREADY_EXISTS"


class FailedPrecondition(ServiceError):
    """The request is right but the state, or the money, is not."""

    code = Code.FAILED_PRECONDITION
    reason = "WRONG_STATE"


class Aborted(ServiceError):
    """Somebody changed the resource first."""

    code = Code.ABORTED
    reason = "ETAG_STALE"


class ResourceExhausted(ServiceError):
    """Too much or too often."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_REQUESTS"


class Unavailable(ServiceError):
    """A part that is needed does not answer; the caller may try again."""

    code = Code.UNAVAILABLE
    reason = "UNAVAILABLE"


class RequestIdReused(InvalidArgument):
    """The same request id came with another input."""

    reason = "REQUEST_ID_REUSED"


FAMILIES: dict[Code, type[ServiceError]] = {
    family.code: family
    for family in (
        InvalidArgument,
        Unauthenticated,
        PermissionDenied,
        NotFound,
        AlreadyExists,
        FailedPrecondition,
        Aborted,
        ResourceExhausted,
        Unavailable,
    )
}


def restored(
    code: Code, reason: str, message: str, *, field: str, metadata: dict[str, str]
) -> ServiceError:
    """Return the error that was stored or received, with its own reason."""
    error = FAMILIES[code](message, field=field)
    error.metadata = dict(metadata)
    error.__dict__["reason"] = reason
    return error
