"""A form with one file: read within its limit, and only from this session's own pages."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from gateway.api.bodies import Allowance, read
from gateway.api.problems import Problem
from gateway.identity.origin import CSRF_FIELD, require_genuine
from gateway.pages.forms import Form
from gateway.pages.visit import Visit

_BESIDE_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A form with a file: its fields, the file's own name and its bytes."""

    form: Form
    name: str = ""
    content: bytes = b""


async def received_of(request: Request, visit: Visit, *, most: int, too_large: str) -> Received:
    """Read a form with one file in its field `file`.

    Args:
        request: What was sent.
        visit: Whose page it must have come from.
        most: The largest file, in bytes.
        too_large: What is said beside the field about a larger one.

    Raises:
        CsrfRefused: It did not come from this session's pages.
    """
    try:
        body = await read(request, Allowance(most + _BESIDE_MAX, most))
        received = await _parsed(request.headers.get("content-type", ""), body)
    except Problem:
        received = Received(Form({}))
        received.form.refuse("file", too_large)
        return received
    given = received.form.values.get(CSRF_FIELD, "")
    require_genuine(request, expected=visit.csrf, given=given)
    if len(received.content) > most:
        received.form.refuse("file", too_large)
    return received


async def _parsed(content_type: str, body: bytes) -> Received:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    headers = Headers({"content-type": content_type})
    parser = MultiPartParser(headers, stream(), max_files=1, max_part_size=_BESIDE_MAX)
    try:
        parts = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        return Received(Form({}))
    values = {name: part for name, part in parts.multi_items() if isinstance(part, str)}
    upload = parts.get("file")
    try:
        if not isinstance(upload, UploadFile):
            return Received(Form(values))
        return Received(Form(values), upload.filename or "", await upload.read())
    finally:
        await parts.close()
