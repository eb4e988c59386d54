"""A request's body: counted while it arrives, and JSON unless it is a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from gateway.api import json_text
from gateway.api.problems import FieldError, Problem

BODY_MAX = 10 * 1024 * 1024
"""The most bytes of a body without a file, and of a file whose field sets no limit."""

# Most clients read no answer before they have sent their body, so one that is a little too
# large is heard out, without keeping it; of one that is far too large the connection is closed.
_HEARD_OUT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long a body may be.

    Attributes:
        length: The most bytes of the body as it is sent.
        limit: The most bytes of what counts in it, which a refusal names.
        pointer: The field that holds them; empty for the body itself.
    """

    length: int = BODY_MAX
    limit: int = BODY_MAX
    pointer: str = ""

    def exceeded(self) -> Problem:
        """Return the refusal, PAYLOAD_TOO_LARGE."""
        errors = (FieldError(f"has more than {self.limit} bytes", pointer=self.pointer),)
        # The rest of the body may not be read, so the connection cannot be used again.
        return Problem(
            "PAYLOAD_TOO_LARGE",
            f"{self.pointer or 'The body'} is larger than {self.limit} bytes.",
            413,
            errors=errors if self.pointer else (),
            metadata={"limit_bytes": str(self.limit)},
            headers={"Connection": "close"},
        )


async def read(request: Request, allowance: Allowance) -> bytes:
    """Return the whole body.

    Raises:
        Problem: PAYLOAD_TOO_LARGE, by its Content-Length or by count.
    """
    length = request.headers.get("content-length", "")
    heard_max = allowance.length + _HEARD_OUT
    if length.isascii() and length.isdigit() and int(length) > heard_max:
        raise allowance.exceeded()
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= allowance.length:
            chunks.append(chunk)
        else:
            chunks.clear()
        if size > heard_max:
            break
    if size > allowance.length:
        raise allowance.exceeded()
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
    return media_type(content_type) == "application/json"


def media_type(content_type: str) -> str:
    """Return a Content-Type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()
