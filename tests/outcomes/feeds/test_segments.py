from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
from localresponse.outcomes.v1 import feeds_service_pb2 as pb

from services.outcomes.agreements import storage
from services.outcomes.feeds import segments
from tests.outcomes.authority import TENANT
from tests.outcomes.feeds.house import House, evaluator, fact

ALMA = evaluator("alma")


async def test_sealed_columns_say_what_the_lines_say(house: House) -> None:
    feed = await house.agree("alma")
    await house.learn(*(fact(f"c{number}", number / 20_000) for number in range(10_050)))
    await house.sequence()

    lines = await house.download(ALMA, feed, pb.FILE_FORMAT_NDJSON)
    parquet = await house.download(ALMA, feed, pb.FILE_FORMAT_PARQUET)
    (agreement,) = await house.database.read(
        lambda connection: storage.of_tenant(connection, TENANT)
    )
    sealed = await house.database.read(lambda connection: segments.sealed(connection, agreement))

    items = [json.loads(line) for line in lines.decode().splitlines()]
    columns = pq.read_table(io.BytesIO(parquet)).to_pylist()
    assert sealed == segments.ITEMS
    assert [item["feed_seq"] for item in items] == list(range(1, 10_051))
    assert columns == [{name: item[name] for name in columns[0]} for item in items]
