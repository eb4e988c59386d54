"""Request headers that are fields of the message: Idempotency-Key and If-Match."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.message import Message

from gateway.api.contract import Rpc, shape
from gateway.api.problems import FieldError, Problem

# RFC 8941 strings; a bare key without quotes is taken as well, because so many clients send it.
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE = re.compile(r"[!#-\[\]-~]+")
_ETAG = re.compile(r'"([\x21\x23-\x7e]*)"')
_KEY_MAX = 255
_NAMESPACE = uuid.UUID("2b7bc0a5-3b1c-5d0e-9f0a-6c1f4d9be1d4")


def bind_idempotency_key(rpc: Rpc, message: Message, headers: Mapping[str, str]) -> None:
    """Set `request_id` of a write from Idempotency-Key; the body's own is good as well.

    A key that is not a UUID becomes one (version 5), so any quoted string may be used.

    Raises:
        Problem: IDEMPOTENCY_KEY_MISSING, IDEMPOTENCY_KEY_MISMATCH or INVALID_FIELD.
    """
    if rpc.read_only or not rpc.takes("request_id"):
        return
    target: Any = message
    header = headers.get("idempotency-key")
    if header is None:
        if not target.request_id and requires(rpc, "request_id"):
            raise _missing()
        return
    key = _key(header)
    if target.request_id and target.request_id.lower() not in {key, header.strip('"').lower()}:
        raise Problem(
            "IDEMPOTENCY_KEY_MISMATCH",
            "The Idempotency-Key header and requestId name two different requests.",
            errors=(
                FieldError("differs from Idempotency-Key", pointer="#/requestId"),
                FieldError("differs from requestId", header="Idempotency-Key"),
            ),
        )
    target.request_id = key


def _key(header: str) -> str:
    quoted = _QUOTED.fullmatch(header.strip())
    text = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else header.strip()
    if not text or len(text) > _KEY_MAX or not (quoted or _BARE.fullmatch(text)):
        raise _bad("Idempotency-Key", "must be a quoted string of 1 to 255 ASCII characters")
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(_NAMESPACE, text))


def bind_if_match(rpc: Rpc, message: Message, headers: Mapping[str, str]) -> bool:
    """Set `etag` from If-Match; return whether the header was given.

    Raises:
        Problem: PRECONDITION_REQUIRED when the rpc needs an etag and there is none, or
            INVALID_FIELD when the header is not one strong entity tag.
    """
    if not rpc.takes("etag"):
        return False
    target: Any = message
    header = headers.get("if-match")
    if header is None or header.strip() == "*":
        if not target.etag and requires(rpc, "etag"):
            raise Problem(
                "PRECONDITION_REQUIRED",
                "Send If-Match with the ETag that was read, so that no change is overwritten.",
                428,
                errors=(FieldError("is missing", header="If-Match"),),
            )
        return header is not None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise _bad("If-Match", 'must be one strong entity tag, such as "3"')
    if target.etag and target.etag != found[1]:
        raise _bad("If-Match", "differs from the body's etag")
    target.etag = found[1]
    return True


def requires(rpc: Rpc, name: str) -> bool:
    """Whether the contract calls a field of the request REQUIRED."""
    options = shape(rpc.request).fields_by_name[name].GetOptions()
    return field_behavior_pb2.REQUIRED in options.Extensions[field_behavior_pb2.field_behavior]


def _missing() -> Problem:
    detail = "A write needs an Idempotency-Key header, or requestId in its body."
    return Problem(
        "IDEMPOTENCY_KEY_MISSING",
        detail,
        errors=(
            FieldError("is missing", header="Idempotency-Key"),
            FieldError("is missing", pointer="#/requestId"),
        ),
    )


def _bad(header: str, detail: str) -> Problem:
    return Problem(
        "INVALID_FIELD", f"{header} {detail}.", errors=(FieldError(detail, header=header),)
    )
