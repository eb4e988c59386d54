"""An rpc's answer as HTTP: JSON with an ETag, pages with Link, CSV twins and NDJSON streams."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.responses import Response

from gateway.api.contract import Rpc, shape
from gateway.api.problems import Problem

NDJSON = "application/x-ndjson"
VARY = "Authorization, Cookie"
"""What an answer depends on besides its address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the HTTP request decides the form of its answer."""

    method: str
    path: str
    query: str
    if_none_match: str


def as_json(message: Message) -> Any:
    """Return a message as proto3 JSON; fields without presence are there with their defaults."""
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


def unary(rpc: Rpc, message: Message, asked: Asked, response_body: str) -> Response:
    """Return one message as JSON."""
    value = as_json(message)
    if response_body:
        value = value[shape(message).fields_by_name[response_body].json_name]
    headers = {"Cache-Control": "private, no-cache" if rpc.read_only else "no-store"}
    headers["Vary"] = VARY
    etag = getattr(message, "etag", "") if not response_body else ""
    if etag:
        headers["ETag"] = f'"{etag}"'
        if asked.method == "GET" and matches(asked.if_none_match, headers["ETag"]):
            return Response(status_code=304, headers=headers)
    token = getattr(message, "next_page_token", "") if rpc.items else ""
    if token:
        headers["Link"] = f'<{next_page(asked, token)}>; rel="next"'
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(content, 200, headers, media_type="application/json")


def next_page(asked: Asked, token: str) -> str:
    """Return the same query with another page token."""
    pairs = [
        pair
        for pair in parse_qsl(asked.query, keep_blank_values=True)
        if pair[0] not in {"page_token", "pageToken"}
    ]
    return f"{asked.path}?{urlencode([*pairs, ('pageToken', token)])}"


def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match names this entity tag (RFC 9110, weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags


async def ndjson(messages: AsyncIterable[Message], trace_id: str) -> AsyncIterator[bytes]:
    """Return one line a message; a fault after the first line is a last line with `problem`."""
    try:
        async for message in messages:
            yield _line(as_json(message))
    except Problem as fault:
        yield _line({"problem": fault.as_json(trace_id)})


def _line(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def page_token(message: Message) -> str:
    """Return a list answer's token of the next page; empty on the last."""
    return cast("str", getattr(message, "next_page_token", ""))


def stream_headers(media_type: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an answer that is written as it comes."""
    fixed = {"Content-Type": media_type, "Cache-Control": "no-store", "Vary": VARY}
    return {**fixed, **extra}
