"""P7: a child-level feed to a Parquet file, against pyarrow writing the finished columns.

Ours comes over gRPC through the service's unix socket, with its log and its hash; the reference
has the columns in memory already.
"""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from statistics import median

import pyarrow.parquet as pq
from localresponse.outcomes.v1 import feeds_service_pb2 as pb

from bench.feeds import FEED_ID, Council, council
from bench.report import Result
from bench.submitting import database
from tests.support import providers

_ITEMS, _ROUNDS = 300_000, 5


async def run() -> AsyncIterator[Result]:
    """Yield the rate on each database."""
    # Started first: a process that has called gRPC had better not fork.
    postgres = providers.postgres()
    try:
        yield await _measured("sqlite", None)
        yield await _measured("postgresql", database(postgres.url, "feed"))
    finally:
        postgres.stop()


async def _measured(where: str, url: str | None) -> Result:
    ours, references = [], []
    async with council(url, _ITEMS) as found:
        columns = pq.read_table(io.BytesIO(await _file(found)))
        assert columns.num_rows == _ITEMS
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            sink = io.BytesIO()
            with pq.ParquetWriter(sink, columns.schema, compression="zstd") as writer:
                writer.write_table(columns)
            references.append(_ITEMS / (time.perf_counter() - began))
            began = time.perf_counter()
            await _file(found)
            ours.append(_ITEMS / (time.perf_counter() - began))
    return Result(
        name=f"P7 {where}",
        what=f"a feed of {_ITEMS:,} items to Parquet",
        ours=median(ours),
        reference=median(references),
        unit="rows/s",
        least=">= 0.3",
        n=_ITEMS,
    )


async def _file(found: Council) -> bytes:
    request = pb.DownloadFeedRequest(feed_id=FEED_ID, format=pb.FILE_FORMAT_PARQUET)
    parts = found.feeds.DownloadFeed(request, metadata=found.caller())
    return b"".join([part.content async for part in parts])
