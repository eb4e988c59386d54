"""Opaque page tokens, signed and bound to the query that they continue."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from google.protobuf.message import Message

from services.chassis.errors import InvalidArgument

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 200
_TAG = 16


class PageTokenInvalid(InvalidArgument):
    """A page token was altered, or belongs to another query."""

    reason = "PAGE_TOKEN_INVALID"


class PageTokens:
    """Makes and reads page tokens.

    Args:
        key: A secret of this deployment; the same in every replica.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, query: str, position: dict[str, Any]) -> str:
        """Return the token that continues `query` after `position`."""
        body = json.dumps(position, separators=(",", ":"), sort_keys=True).encode()
        return base64.urlsafe_b64encode(self._tag(query, body) + body).decode().rstrip("=")

    def decode(self, token: str, query: str) -> dict[str, Any]:
        """Return the position in `token`; an empty token is the start, an empty position.

        Raises:
            PageTokenInvalid: The token is not ours, or was made for another query.
        """
        if not token:
            return {}
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raw = b""
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(query, body)):
            raise PageTokenInvalid(
                "page_token: it was not made by this list with these filters", field="page_token"
            )
        position: dict[str, Any] = json.loads(body)
        return position

    def _tag(self, query: str, body: bytes) -> bytes:
        message = hashlib.sha256(query.encode()).digest() + body
        return hmac.digest(self._key, message, "sha256")[:_TAG]


def query_of(request: Message, tenant: str) -> str:
    """Return what a token is bound to: the caller's authority and every filter but the page."""
    copy = type(request)()
    copy.CopyFrom(request)
    for field in ("page_token", "page_size"):
        copy.ClearField(field)
    body = hashlib.sha256(copy.SerializeToString(deterministic=True)).hexdigest()
    return f"{tenant}:{request.DESCRIPTOR.full_name}:{body}"


def page_size(asked: int) -> int:
    """Return the rows to give: the default when 0, never above the maximum."""
    return min(asked or PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)
