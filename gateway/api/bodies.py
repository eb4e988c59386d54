"""A request's body: counted while it arrives, and JSON only."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from gateway.api import json_text
from gateway.api.problems import FieldError, Problem

BODY_MAX = 10 * 1024 * 1024


async def read(request: Request) -> bytes:
    """Return the whole body.

    Raises:
        Problem: PAYLOAD_TOO_LARGE, by its Content-Length or by count.
    """
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > BODY_MAX:
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_MAX:
            raise _too_large()
        chunks.append(chunk)
    return b"".join(chunks)


def as_json(body: bytes, content_type: str) -> Any:
    """Return a body's JSON value; an empty body is an empty object.

    Raises:
        Problem: UNSUPPORTED_CONTENT_TYPE, MALFORMED_JSON or NESTED_TOO_DEEP.
    """
    if not body:
        return {}
    charset = content_type.lower().replace('"', "").replace(" ", "").partition("charset=")[2]
    if not is_json(content_type) or charset not in {"", "utf-8", "utf8"}:
        raise Problem(
            "UNSUPPORTED_CONTENT_TYPE",
            "Send the body as application/json in UTF-8.",
            415,
            errors=(FieldError("must be application/json", header="Content-Type"),),
            headers={"Accept": "application/json"},
        )
    return json_text.read(body)


def is_json(content_type: str) -> bool:
    """Whether a Content-Type says JSON, whatever its parameters."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _too_large() -> Problem:
    # The rest of the body is not read, so the connection cannot be used again.
    return Problem(
        "PAYLOAD_TOO_LARGE",
        f"The body is larger than {BODY_MAX} bytes.",
        413,
        metadata={"limit_bytes": str(BODY_MAX)},
        headers={"Connection": "close"},
    )
