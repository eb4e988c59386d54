"""Opaque page tokens, signed and bound to the query that they continue."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.chassis.errors import InvalidArgument

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 200
_TAG = 16

T = TypeVar("T")


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

    def page(self, request: Any, whose: str) -> Page:
        """Return which page of a list is asked for.

        Args:
            request: A list request of the contract, with `page_size` and `page_token`.
            whose: Whom the list is for, the authority as a rule; a token is good for them alone.

        Raises:
            PageTokenInvalid: The token is not ours, or was made for another query.
        """
        return self.page_of(request, query_of(request, whose))

    def page_of(self, request: Any, query: str) -> Page:
        """Return which page is asked for, as `page` does, of a list that names its own query."""
        position = self.decode(request.page_token, query)
        return Page(self, query, page_size(request.page_size), position)

    def _tag(self, query: str, body: bytes) -> bytes:
        message = hashlib.sha256(query.encode()).digest() + body
        return hmac.digest(self._key, message, "sha256")[:_TAG]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, as it was asked for.

    Attributes:
        tokens: Make the token of the next one.
        query: What that token is bound to.
        size: The most rows to give.
        position: Where the page before it ended; empty for the first.
    """

    tokens: PageTokens
    query: str
    size: int
    position: dict[str, Any]

    @property
    def last_id(self) -> str:
        """The id at which the page before it ended; empty for the first."""
        return str(self.position.get("id", ""))

    @property
    def limit(self) -> int:
        """How many rows to read: one more than is given tells whether there is another page."""
        return self.size + 1

    def cut(self, rows: list[T], position: Callable[[T], dict[str, Any]]) -> tuple[list[T], str]:
        """Return the page's rows and the token of the next page, empty on the last.

        Args:
            rows: What follows the position, in order, `limit` of it or more where there is more.
            position: Where a row stands; the last one's is that of the next page.
        """
        shown = rows[: self.size]
        more = len(rows) > self.size
        return shown, self.tokens.encode(self.query, position(shown[-1])) if more else ""

    def part_of(self, every: list[T]) -> tuple[list[T], str]:
        """Return the page of a list that was read whole, and the token as `cut` does."""
        start = self.position.get("start", 0)
        end = start + self.size
        more = len(every) > end
        return every[start:end], self.tokens.encode(self.query, {"start": end}) if more else ""


def by_id(row: Any) -> dict[str, Any]:
    """Return the position of a row in a list that is ordered by id."""
    return {"id": row.id}


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
