"""A service's field paths turned back into places of the HTTP request that caused them."""

from __future__ import annotations

import re

from google.protobuf.descriptor import FieldDescriptor

from gateway.api.contract import shape
from gateway.api.json_reading import escaped
from gateway.api.problems import STATUS_BY_CODE, FieldError, Problem
from gateway.api.routing import Match
from gateway.refusals import FieldFault, Refusal

_STEP = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)|\[(?:"((?:[^"\\]|\\.)*)"|([^\]"]+))\]')
_STATUS_BY_REASON = {"REQUEST_ID_REUSED": 422, "PAYLOAD_TOO_LARGE": 413}


def problem(refusal: Refusal, match: Match | None, *, conditional: bool = False) -> Problem:
    """Return a refusal as a problem.

    Args:
        refusal: What the service, or the gateway itself, answered.
        match: The call; None when the refusal came before there was one.
        conditional: Whether If-Match was given, which makes a stale etag a 412.
    """
    status = _STATUS_BY_REASON.get(refusal.reason) or STATUS_BY_CODE.get(refusal.code, 500)
    if refusal.code == "ABORTED" and conditional:
        status = 412
    errors = () if match is None else tuple(_error(fault, match) for fault in refusal.fields)
    return Problem(
        refusal.reason, refusal.message, status, errors=errors, metadata=refusal.metadata
    )


def _error(fault: FieldFault, match: Match) -> FieldError:
    binding = match.binding
    path = fault.path
    if path == "request_id":
        return FieldError(fault.description, header="Idempotency-Key")
    if path in match.variables:
        return FieldError(fault.description, parameter=path.rpartition(".")[2])
    top = path.partition(".")[0].partition("[")[0]
    if binding.body == "*":
        return FieldError(fault.description, pointer=pointer(path, match))
    if binding.body == top:
        inside = pointer(path, match).split("/")[2:]
        return FieldError(fault.description, pointer="/".join(["#", *inside]))
    return FieldError(fault.description, parameter=_dotted(path, match))


def pointer(path: str, match: Match) -> str:
    """Return `#/lines/0/unitPrice` for `lines[0].unit_price`."""
    return "/".join(["#", *(escaped(step) for step in _steps(path, match))])


def _dotted(path: str, match: Match) -> str:
    return ".".join(_steps(path, match))


def _steps(path: str, match: Match) -> list[str]:
    descriptor = shape(match.rpc.request)
    steps: list[str] = []
    field: FieldDescriptor | None = None
    for name, quoted, index in _STEP.findall(path):
        if not name:
            steps.append(quoted or index)
            continue
        field = descriptor.fields_by_name.get(name) if descriptor else None
        steps.append(field.json_name if field else name)
        descriptor = field.message_type if field else None  # type: ignore[assignment]  # leaf
    return steps
