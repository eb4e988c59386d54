"""An rpc's answer as a file: the bytes themselves, as they come, under a name that is safe.

A file that breaks off is never ended as if it were whole: the connection is closed instead.
Nothing is gathered: the next part is asked for when the one before it has left.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import structlog
from google.protobuf.message import Message
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from gateway.api import answers, rows
from gateway.api.answers import Asked
from gateway.api.calling import Call, started
from gateway.api.contract import field_at
from gateway.api.file_routes import FileRoute
from gateway.api.problems import Problem

_NAME_MAX = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.-]+)*", re.ASCII)
_BYTES = "application/octet-stream"
# What an upload holds was written by others: it may not run in our origin, even when opened.
_SANDBOX = "sandbox; default-src 'none'"
_log = structlog.get_logger("gateway.files")


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file when its first part is there.

    Attributes:
        name: Safe to put in a header and to save under.
        media_type: As the service says; bytes of no kind when it does not.
        sha256: Hexadecimal; empty when the service gives none.
    """

    name: str
    media_type: str
    sha256: str = ""

    def headers(self) -> dict[str, str]:
        """Return the headers of a download (RFC 6266, RFC 9530)."""
        plain = self.name.encode("ascii", "replace").decode().replace("?", "_")
        disposition = f'attachment; filename="{plain}"'
        if plain != self.name:
            disposition += f"; filename*=UTF-8''{quote(self.name, safe='')}"
        fields = {
            "Content-Type": self.media_type,
            "Content-Disposition": disposition,
            "Content-Security-Policy": _SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
            "Vary": answers.VARY,
        }
        if self.sha256:
            digest = base64.b64encode(bytes.fromhex(self.sha256)).decode()
            fields |= {"ETag": f'"{self.sha256}"', "Repr-Digest": f"sha-256=:{digest}:"}
        return fields


class Download(StreamingResponse):
    """A streamed body that ends only when all of it was sent."""

    async def stream_response(self, send: Send) -> None:
        """Send the parts; after a fault return without the end, so that the server hangs up."""
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        try:
            async for chunk in self.body_iterator:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except Problem as fault:
            _log.warning("download cut", reason=fault.reason)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def answer(call: Call, route: FileRoute, asked: Asked, *, head: bool) -> Response:
    """Return the file that a call answers with.

    Args:
        call: Ready to be made.
        route: The address that was asked for.
        asked: The path and If-None-Match.
        head: True when only the headers are wanted.

    Raises:
        Problem: The service refused before the first part.
    """
    if not call.match.rpc.descriptor.server_streaming:
        message = await call.unary()
        content = _bytes(message, route)
        headers = _file(message, call, route, asked).headers()
        return _known(headers, asked) or Response(content, 200, headers)
    parts = call.stream()
    first = await anext(parts, None)
    if first is None:
        raise Problem("INTERNAL", "The service sent no file.", 500)
    file = _file(first, call, route, asked)
    headers = file.headers()
    known = _known(headers, asked)
    if known is not None or head:
        await parts.aclose()
        return known or _head(headers)
    if route.answer.HasField("rows"):
        written = rows.written(first, parts, route.answer.rows, ending=next(iter(route.endings)))
        return Download(await started(written), 200, headers)
    return Download(_content(first, parts, route, sha256=file.sha256), 200, headers)


async def _content(
    first: Message, rest: AsyncIterator[Message], route: FileRoute, *, sha256: str
) -> AsyncIterator[bytes]:
    digest = hashlib.sha256()
    chunk = _bytes(first, route)
    digest.update(chunk)
    yield chunk
    async for message in rest:
        chunk = _bytes(message, route)
        digest.update(chunk)
        yield chunk
    if sha256 and digest.hexdigest() != sha256:
        raise Problem("INTERNAL", "The file is not the one that was announced.", 500)


def _head(headers: Mapping[str, str]) -> Response:
    # How long a streamed file is, is known when it has been sent: no length is better than 0.
    response = Response(None, 200, headers)
    del response.headers["content-length"]
    return response


def _known(headers: Mapping[str, str], asked: Asked) -> Response | None:
    etag = headers.get("ETag", "")
    if etag and answers.matches(asked.if_none_match, etag):
        kept = {name: headers[name] for name in ("ETag", "Cache-Control", "Vary")}
        return Response(status_code=304, headers=kept)
    return None


def _file(message: Message, call: Call, route: FileRoute, asked: Asked) -> File:
    option = route.answer
    name = _text(message, option.name) or _text(call.message, option.name)
    given = _text(message, option.media_type) or option.media_type
    media_type = given if _MEDIA_TYPE.fullmatch(given) else _BYTES
    if media_type.startswith("text/") and ";" not in media_type:
        media_type += "; charset=utf-8"
    sha256 = _text(message, option.sha256)
    ending = asked.path.rpartition(".")[2] if "" not in route.endings else ""
    return File(safe_name(name, ending if ending in route.endings else ""), media_type, sha256)


def safe_name(name: str, ending: str) -> str:
    """Return a name that no system takes for a path, a device or a hidden file."""
    text = _UNSAFE.sub("_", name).strip(" .")
    if ending and not text.lower().endswith(f".{ending}"):
        text = f"{text[: _NAME_MAX - len(ending) - 1]}.{ending}" if text else f"file.{ending}"
    return text[-_NAME_MAX:] or "file"


def _bytes(message: Message, route: FileRoute) -> bytes:
    value = field_at(message, route.answer.content)
    return value.encode() if isinstance(value, str) else bytes(value)


def _text(message: Message, path: str) -> str:
    value = field_at(message, path)
    return value if isinstance(value, str) else ""
