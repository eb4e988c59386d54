"""P6: page 10,000 of a feed against its first, each with the check of the agreement and its log.

Both are asked over gRPC through the service's unix socket, in turns, so that they meet the same
machine.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from statistics import median

from localresponse.outcomes.v1 import feeds_service_pb2 as pb

from bench.feeds import FEED_ID, Council, council
from bench.report import Result
from bench.submitting import database
from tests.support import providers

_DEEP, _PAGE, _ROUNDS, _WARM = 10_000, 50, 400, 50
_GROWTH = (1, 4, 16)


async def run() -> AsyncIterator[Result]:
    """Yield both databases, then how the deepest page's time grows with the feed."""
    # Started first: a process that has called gRPC had better not fork.
    postgres = providers.postgres()
    try:
        yield await _measured("sqlite", None, _DEEP)
        yield await _measured("postgresql", database(postgres.url, "feed"), _DEEP)
    finally:
        postgres.stop()
    for times in _GROWTH:
        pages = _DEEP * times // _GROWTH[-1]
        yield await _measured(f"sqlite x{times}", None, pages)


async def _measured(where: str, url: str | None, pages: int) -> Result:
    async with council(url, (pages + 1) * _PAGE) as found:
        deep = found.cursor((pages - 1) * _PAGE)
        took: dict[str, list[float]] = {"": [], deep: []}
        for number in range(_ROUNDS + _WARM):
            for token, times in took.items():
                times.append(await _page_ms(found, token))
            if number == _WARM:
                took = {token: [] for token in took}
    return Result(
        name=f"P6 {where}",
        what=f"page {pages:,} of {_PAGE} items, against the first",
        ours=median(took[deep]),
        reference=median(took[""]),
        unit="ms",
        least="<= 1.5",
        n=_ROUNDS,
    )


async def _page_ms(found: Council, token: str) -> float:
    request = pb.ListFeedItemsRequest(feed_id=FEED_ID, page_size=_PAGE, page_token=token)
    caller = found.caller()
    began = time.perf_counter()
    page = await found.feeds.ListFeedItems(request, metadata=caller)
    taken = (time.perf_counter() - began) * 1000
    assert len(page.items) == _PAGE
    return taken
