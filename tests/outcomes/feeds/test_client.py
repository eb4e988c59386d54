from __future__ import annotations

import httpx
import pytest
from localresponse.client import AsyncFeedReader, FeedReader, FeedRefused
from localresponse.client.items import line_of
from localresponse.client.retrying import TRIES, pause_s

LINES = [
    line_of(
        {
            **dict.fromkeys(("pseudonym", "measure", "window", "symbol", "phase"), "x"),
            **dict.fromkeys(("valid_from", "valid_to", "recorded_at", "basis"), "x"),
            **dict.fromkeys(("value", "supersedes", "age_years")),
            "feed_seq": number,
            "op": "assert",
        }
    )
    for number in range(1, 6)
]


class Council:
    """Answers pages of two lines over HTTP, and fails each request once before it answers."""

    def __init__(self) -> None:
        self.failed: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        token = request.url.params["page_token"]
        if request.headers["Authorization"] != "Bearer good":
            return httpx.Response(403, json={"reason": "ACTION_NOT_ALLOWED", "detail": "no"})
        if token not in self.failed:
            self.failed.add(token)
            raise httpx.ConnectError("the line broke")
        start = int(token or 0)
        end = min(start + 2, len(LINES))
        body = {
            "items": [{"line": line} for line in LINES[start:end]],
            "cursor": str(end),
            "nextPageToken": str(end) if end < len(LINES) else "",
        }
        return httpx.Response(200, json=body)


def test_a_reader_goes_on_where_the_line_broke() -> None:
    client = httpx.Client(base_url="https://council", transport=httpx.MockTransport(Council()))

    waits: list[float] = []

    with FeedReader("", "good", feed_id="f", wait=waits.append, client=client) as reader:
        pages = list(reader.pages())

    assert [item.feed_seq for page in pages for item in page.items] == [1, 2, 3, 4, 5]
    assert [page.last for page in pages] == [False, False, True]
    assert len(waits) == 3


async def test_an_async_reader_resumes_after_a_cursor() -> None:
    transport = httpx.MockTransport(Council())
    client = httpx.AsyncClient(base_url="https://council", transport=transport)

    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    async with AsyncFeedReader("", "good", feed_id="f", wait=wait, client=client) as reader:
        pages = [page async for page in reader.pages("4")]

    assert [page.lines for page in pages] == [(LINES[4],)]


def test_a_refusal_has_its_reason() -> None:
    client = httpx.Client(base_url="https://council", transport=httpx.MockTransport(Council()))

    with (
        FeedReader("", "bad", feed_id="f", client=client) as reader,
        pytest.raises(FeedRefused) as refused,
    ):
        next(reader.pages())

    assert (refused.value.status, refused.value.reason) == (403, "ACTION_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        pytest.param("7", 7, 7, id="as the service asks"),
        pytest.param("86400", 60, 60, id="never more than a minute"),
        pytest.param("", 1, 2, id="twice as long each time"),
        pytest.param("Fri, 20 Nov 2026 09:00:00 GMT", 1, 2, id="a date is not read"),
    ],
)
def test_a_reader_waits_as_it_is_asked_to(asked: str, least: float, most: float) -> None:
    answer = httpx.Response(429, headers={"Retry-After": asked} if asked else {})

    assert least <= pause_s(3, answer) <= most


def test_a_service_that_stays_away_is_given_up_with_its_reason() -> None:
    def away(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, content=b"<html>maintenance</html>")

    client = httpx.Client(base_url="https://council", transport=httpx.MockTransport(away))
    waits: list[float] = []

    with (
        FeedReader("", "good", feed_id="f", wait=waits.append, client=client) as reader,
        pytest.raises(FeedRefused, match="503"),
    ):
        next(reader.pages())

    assert len(waits) == TRIES - 1
