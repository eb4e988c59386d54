"""Problems as RFC 9457 says them: one shape for every refusal of the API.

The HTTP status follows google.rpc.Code, with three choices of our own: FAILED_PRECONDITION
is 409 (the request is right, the resource's state is not), ABORTED is 412 when the caller
sent If-Match, and a reused idempotency key is 422 (Idempotency-Key draft, section 2.7).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"

STATUS_BY_CODE: Mapping[str, int] = {
    "CANCELLED": 503,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "UNAUTHENTICATED": 401,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 409,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: where it is and what to do.

    Args:
        detail: A sentence for a person; it never repeats the value that was sent.
        pointer: A JSON pointer into the body as a URI fragment, such as `#/lines/0/amount`.
        parameter: A query or path parameter's name, when the fault is not in the body.
        header: A header's name, likewise.
    """

    detail: str
    pointer: str = ""
    parameter: str = ""
    header: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the members that apply."""
        members = {
            "pointer": self.pointer,
            "parameter": self.parameter,
            "header": self.header,
            "detail": self.detail,
        }
        return {name: value for name, value in members.items() if value}


@dataclass(slots=True, eq=False)
class Problem(Exception):
    """A refusal on its way to the caller.

    Args:
        reason: A stable name, such as `POT_EXHAUSTED`; it makes the type URI.
        detail: What is wrong with this request, in a sentence.
        status: The HTTP status.
        errors: The faults, field by field.
        metadata: The values in the detail, by name.
        headers: More headers of the answer.
    """

    reason: str
    detail: str
    status: int = 400
    errors: tuple[FieldError, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The type URI, relative to the server: it answers with what the reason means."""
        return "/problems/" + kebab(self.reason)

    def as_json(self, trace_id: str = "") -> dict[str, Any]:
        """Return the problem document."""
        document: dict[str, Any] = {
            "type": self.type,
            "title": title(self.reason),
            "status": self.status,
            "detail": self.detail,
            "reason": self.reason,
        }
        if self.errors:
            document["errors"] = [error.as_json() for error in self.errors]
        if self.metadata:
            document["metadata"] = dict(self.metadata)
        if trace_id:
            document["traceId"] = trace_id
        return document

    def response(self, trace_id: str = "") -> Response:
        """Return the HTTP answer."""
        headers = {"Cache-Control": "no-store", **self.headers}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers.setdefault("WWW-Authenticate", 'Bearer realm="localresponse"')
        if self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers.setdefault("Retry-After", "1")
        content = json.dumps(self.as_json(trace_id), ensure_ascii=False)
        return Response(content, self.status, headers, media_type=MEDIA_TYPE)


def kebab(reason: str) -> str:
    """Return `pot-exhausted` for `POT_EXHAUSTED`."""
    return reason.lower().replace("_", "-")


def title(reason: str) -> str:
    """Return `Pot exhausted` for `POT_EXHAUSTED`."""
    return reason.replace("_", " ").capitalize()
