from __future__ import annotations

import grpc
import pytest
from google.rpc import status_pb2
from grpc_status import rpc_status

from services.chassis.errors import Aborted, Code, InvalidArgument, NotFound, ServiceError
from services.chassis.status import (
    Failure,
    InvalidFields,
    Violation,
    error_of,
    failure_of,
    internal_status,
    status_of,
)


class PotSpent(Aborted):
    reason = "POT_SPENT"


def received(status: status_pb2.Status) -> grpc.aio.AioRpcError:
    rich = rpc_status.to_status(status)
    trailers = grpc.aio.Metadata(*rich.trailing_metadata)
    return grpc.aio.AioRpcError(rich.code, grpc.aio.Metadata(), trailers, details=rich.details)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(PotSpent("£1 is left of £5", left=100, all=500), id="values"),
        pytest.param(NotFound("there is no such purchase"), id="plain"),
        pytest.param(InvalidArgument("text: too long", field="text"), id="field"),
    ],
)
def test_a_refusal_arrives_as_it_was_raised(error: ServiceError) -> None:
    again = error_of(failure_of(received(status_of(error))))

    assert again is not None
    assert (again.code, again.reason, again.message) == (error.code, error.reason, error.message)
    assert (again.field, again.metadata) == (error.field, error.metadata)


def test_every_wrong_field_arrives() -> None:
    violations = [Violation("a", "is empty", "EMPTY"), Violation("b[1].c", "is long", "LONG")]

    again = error_of(failure_of(received(status_of(InvalidFields(violations)))))

    assert isinstance(again, InvalidFields)
    assert again.violations == tuple(violations)


def test_a_thousand_wrong_fields_still_fit_the_trailers() -> None:
    violations = [Violation(f"parts[{n}].text", "is empty", "EMPTY") for n in range(1000)]

    assert status_of(InvalidFields(violations)).ByteSize() < 8000


def test_what_is_no_refusal_of_ours_is_no_service_error() -> None:
    failure = failure_of(received(internal_status("a" * 32)))

    assert (failure.code, failure.metadata) == ("INTERNAL", {"trace_id": "a" * 32})
    assert error_of(failure) is None


def test_a_failure_without_details_has_its_code_as_reason() -> None:
    bare = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details="no route"
    )

    assert failure_of(bare) == Failure("UNAVAILABLE", "UNAVAILABLE", "no route")


@pytest.mark.parametrize("code", list(Code))
def test_every_code_of_ours_is_one_of_grpcs(code: Code) -> None:
    assert grpc.StatusCode[code]
