"""Reading a feed over HTTPS: in pages, resumable, each line as it was hashed.

Keep a page's items and its cursor in one transaction of your own: whatever breaks afterwards,
reading on from the last cursor kept loses nothing and doubles nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
from localresponse.client.items import Item, item_of
from localresponse.client.note import Checkpoint, PublicKey
from localresponse.client.retrying import TRIES, pause_s, worth_another

_TIMEOUT_S = 30.0
_PAGE = 200


class FeedRefused(RuntimeError):
    """The service refused, with a reason that a program can read.

    Attributes:
        reason: Such as `AGREEMENT_LAPSED`.
        status: Of HTTP.
    """

    def __init__(self, status: int, reason: str, detail: str) -> None:
        super().__init__(f"{status} {reason}: {detail}")
        self.status, self.reason = status, reason


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a feed, in order.

    Attributes:
        lines: The items' lines, for `verify_feed`.
        cursor: Reads on after the last of them.
        last: Whether there was nothing more when it was read.
    """

    lines: tuple[str, ...]
    cursor: str
    last: bool

    @property
    def items(self) -> list[Item]:
        """The items of the lines."""
        return [item_of(line) for line in self.lines]


@dataclass(frozen=True, slots=True)
class _Feed:
    """What both readers ask for."""

    feed_id: str
    measures: tuple[str, ...]
    periods: tuple[str, ...]
    page_size: int

    def page(self, cursor: str) -> tuple[str, dict[str, Any]]:
        query: dict[str, Any] = {"page_size": self.page_size, "page_token": cursor}
        if self.measures:
            query["filter.measures"] = list(self.measures)
        if self.periods:
            query["filter.periods"] = list(self.periods)
        return f"/api/v1/feeds/{self.feed_id}/items", query

    def about(self) -> tuple[str, dict[str, Any]]:
        return f"/api/v1/feeds/{self.feed_id}", {}


class FeedReader:
    """Reads one feed.

    Args:
        base_url: Of the council's service.
        token: A bearer token of the evaluator.
        feed_id: The feed, which is the agreement.
        measures: Only these; all when empty.
        periods: Only values of these half-terms; all when empty.
        page_size: Items a page, 1 to 200.
        wait: Sleeps so many seconds before another try.
        client: For tests and proxies; one of our own when None.
    """

    def __init__(  # noqa: PLR0913 (a client's settings)
        self,
        base_url: str,
        token: str,
        *,
        feed_id: str,
        measures: Sequence[str] = (),
        periods: Sequence[str] = (),
        page_size: int = _PAGE,
        wait: Callable[[float], None] = time.sleep,
        client: httpx.Client | None = None,
    ) -> None:
        self._client = client or httpx.Client(base_url=base_url, timeout=_TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._feed = _Feed(feed_id, tuple(measures), tuple(periods), page_size)
        self._wait = wait

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def pages(self, cursor: str = "") -> Iterator[Page]:
        """Yield pages after `cursor` up to the present end.

        Raises:
            FeedRefused: The service refused.
            httpx.HTTPError: It could not be reached, also not at the sixth try.
        """
        page = None
        while page is None or not page.last:
            page = _page(self._get(*self._feed.page(cursor)))
            cursor = page.cursor
            yield page

    def checkpoint(self, key: PublicKey) -> Checkpoint | None:
        """Return the newest checkpoint, its signature verified; None while there is no item.

        Raises:
            NoteInvalid: `key` did not sign it.
        """
        note = self._get(*self._feed.about())["checkpoint"]
        return key.open(note) if note else None

    def _get(self, path: str, query: Mapping[str, Any]) -> Any:
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._client.get(path, params=query, headers=self._headers)
            except httpx.TransportError:
                if attempt == TRIES:
                    raise
                answer = None
            if answer is not None and (attempt == TRIES or not worth_another(answer)):
                return _body(answer)
            self._wait(pause_s(attempt, answer))
        raise AssertionError("the last try returns or raises")


class AsyncFeedReader:
    """As `FeedReader`, for programs that do other things meanwhile."""

    def __init__(  # noqa: PLR0913 (a client's settings)
        self,
        base_url: str,
        token: str,
        *,
        feed_id: str,
        measures: Sequence[str] = (),
        periods: Sequence[str] = (),
        page_size: int = _PAGE,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._client = client or httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._feed = _Feed(feed_id, tuple(measures), tuple(periods), page_size)
        self._wait = wait

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def pages(self, cursor: str = "") -> AsyncIterator[Page]:
        """Yield pages after `cursor` up to the present end; raises as `FeedReader.pages`."""
        page = None
        while page is None or not page.last:
            page = _page(await self._get(*self._feed.page(cursor)))
            cursor = page.cursor
            yield page

    async def checkpoint(self, key: PublicKey) -> Checkpoint | None:
        """Return the newest checkpoint, verified, as `FeedReader.checkpoint`."""
        note = (await self._get(*self._feed.about()))["checkpoint"]
        return key.open(note) if note else None

    async def _get(self, path: str, query: Mapping[str, Any]) -> Any:
        for attempt in range(1, TRIES + 1):
            try:
                answer = await self._client.get(path, params=query, headers=self._headers)
            except httpx.TransportError:
                if attempt == TRIES:
                    raise
                answer = None
            if answer is not None and (attempt == TRIES or not worth_another(answer)):
                return _body(answer)
            await self._wait(pause_s(attempt, answer))
        raise AssertionError("the last try returns or raises")


def _page(body: Any) -> Page:
    lines = tuple(item["line"] for item in body["items"])
    return Page(lines, body["cursor"], last=not body["nextPageToken"])


def _body(answer: httpx.Response) -> Any:
    try:
        body = answer.json()
    except ValueError:
        # What stands between may answer with a page of its own.
        raise FeedRefused(answer.status_code, "", "the answer is not JSON") from None
    if answer.is_error:
        raise FeedRefused(answer.status_code, body.get("reason", ""), body.get("detail", ""))
    return body
