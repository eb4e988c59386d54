"""Refusals on the wire: ServiceError to google.rpc.Status and back, for services and clients.

The status carries an ErrorInfo (reason, domain, the values in the message) and, when fields are
at fault, a BadRequest that names each of them with its own reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.chassis.errors import Code, InvalidArgument, ServiceError, restored

DOMAIN = "localresponse"
"""ErrorInfo's domain: who defines the reasons."""

_VIOLATIONS_MAX = 20
"""Details travel in trailers, and gRPC takes at most 8 KB of those."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that is wrong.

    Attributes:
        field: Its path in the request, such as `lines[0].unit_price`.
        message: Why, as a sentence without the value.
        reason: For programs, such as `STRING_MIN_LEN`.
    """

    field: str
    message: str
    reason: str


class InvalidFields(InvalidArgument):
    """One or more fields break the rules that the contract states for them.

    Args:
        violations: Every one of them, at least one.
        message: The first of them by default.
    """

    reason = "INVALID_FIELD"

    def __init__(self, violations: Iterable[Violation], message: str = "") -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        super().__init__(message or f"{first.field}: {first.message}", field=first.field)


class Unparsable(InvalidArgument):
    """The bytes are not a message of the rpc's request type."""

    reason = "UNPARSABLE"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a client learns of a call that failed, whoever refused it.

    Attributes:
        code: The canonical name, such as `NOT_FOUND` or `DEADLINE_EXCEEDED`.
        reason: Stable, for programs; the code's name where a library refused, not a service.
        message: One sentence for a person.
        metadata: The values in the message, by name.
        violations: The fields at fault, if any.
    """

    code: str
    reason: str
    message: str
    metadata: dict[str, str] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()


def violations_of(error: ServiceError) -> tuple[Violation, ...]:
    """Return the fields that the error blames."""
    if isinstance(error, InvalidFields):
        return error.violations
    return (Violation(error.field, error.message, error.reason),) if error.field else ()


def status_of(error: ServiceError) -> status_pb2.Status:
    """Return the error as google.rpc.Status."""
    return _status(
        Failure(error.code, error.reason, error.message, dict(error.metadata), violations_of(error))
    )


def internal_status(trace: str) -> status_pb2.Status:
    """Return what a caller learns of our own mistake: that it was one, and its trace id."""
    message = "something went wrong on our side; the trace id finds it in our logs"
    return _status(Failure("INTERNAL", "INTERNAL", message, {"trace_id": trace}))


def library_status(code: str, message: str) -> status_pb2.Status:
    """Return a status whose reason is its code, for ends that no service decided on.

    Args:
        code: A canonical name, such as `DEADLINE_EXCEEDED`.
        message: A sentence for a person.
    """
    return _status(Failure(code, code, message))


def _status(failure: Failure) -> status_pb2.Status:
    status = status_pb2.Status(code=code_pb2.Code.Value(failure.code), message=failure.message)
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(reason=failure.reason, domain=DOMAIN, metadata=failure.metadata)
    )
    if failure.violations:
        request = error_details_pb2.BadRequest()
        for violation in failure.violations[:_VIOLATIONS_MAX]:
            request.field_violations.add(
                field=violation.field, description=violation.message, reason=violation.reason
            )
        status.details.add().Pack(request)
    return status


async def abort(context: grpc.aio.ServicerContext[Any, Any], status: status_pb2.Status) -> None:
    """End the rpc with the status and its details.

    Raises:
        grpc.aio.AbortError: Always; that is how grpc.aio ends an rpc.
    """
    rich = rpc_status.to_status(status)
    await context.abort(rich.code, rich.details, rich.trailing_metadata)


def failure_of(error: grpc.aio.AioRpcError) -> Failure:
    """Return what a failed call says, with or without details of ours."""
    code = error.code().name
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        status = None
    if status is None:
        return Failure(code, code, error.details() or code)
    reason, metadata = code, dict[str, str]()
    violations: tuple[Violation, ...] = ()
    for detail in status.details:
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo.FromString(detail.value)
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            violations = tuple(
                Violation(part.field, part.description, part.reason)
                for part in error_details_pb2.BadRequest.FromString(detail.value).field_violations
            )
    return Failure(code, reason, status.message, metadata, violations)


def error_of(failure: Failure) -> ServiceError | None:
    """Return the refusal that a service raised, or None for what is no refusal of ours.

    Cancelled, late and INTERNAL calls are none: nobody decided anything.
    """
    if failure.code not in Code.__members__:
        return None
    if failure.violations and failure.reason == InvalidFields.reason:
        return InvalidFields(failure.violations, failure.message)
    blamed = failure.violations[0].field if failure.violations else ""
    return restored(
        Code(failure.code),
        failure.reason,
        failure.message,
        field=blamed,
        metadata=failure.metadata,
    )
