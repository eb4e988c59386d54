"""Callers of SubmitPurchase in a process of their own: a load generator, not a client library.

It sends a message that was made once, with another request id behind it each time, so that its
own work is small beside the server's, which runs on the same machine.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from dataclasses import dataclass
from typing import Any

import grpc
import uvloop
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money
from localresponse.fund.v1 import purchase_requests_pb2 as requests
from localresponse.fund.v1 import purchase_types_pb2 as types

RPC = "/localresponse.fund.v1.PurchasesService/SubmitPurchase"


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: how many callers for how many seconds, or until `most` were answered."""

    callers: int
    seconds: float
    most: int


def template(school: str) -> bytes:
    """Return a request for £10 without its id."""
    return requests.SubmitPurchaseRequest(
        school_urn=school,
        child_ids=[str(uuid.UUID(int=1))],
        need="shoes that keep the rain out",
        category="uniform",
        expected_change=types.ExpectedChange(
            measure="attendance_rate",
            direction=types.DIRECTION_INCREASE,
            review_date=Date(year=2099, month=2, day=1),
        ),
        urgency=types.URGENCY_THREE_DAYS,
        supplier_name="Clarks",
        lines=[
            types.PurchaseLine(
                description="shoes",
                quantity=1,
                unit_price=Money(currency_code="GBP", units=10),
            )
        ],
    ).SerializeToString()


class Load:
    """Callers on one channel; each waits for its answer before it asks again."""

    def __init__(self, target: str, token: str, school: str) -> None:
        self._channel = grpc.aio.insecure_channel(target)
        self._submit: Any = self._channel.unary_unary(RPC)
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._body = template(school)

    async def run(self, order: Order) -> dict[str, float]:
        """Return how many were answered, in how long, and how long each took."""
        took: list[float] = []
        start = time.perf_counter()
        end = start + order.seconds

        async def call() -> None:
            while (now := time.perf_counter()) < end and len(took) < order.most:
                own = requests.SubmitPurchaseRequest(request_id=str(uuid.uuid4()))
                await self._submit(
                    self._body + own.SerializeToString(), metadata=self._metadata, timeout=30
                )
                took.append(time.perf_counter() - now)

        await asyncio.gather(*(call() for _ in range(order.callers)))
        seconds = time.perf_counter() - start
        took.sort()
        return {
            "count": len(took),
            "seconds": seconds,
            "p50_ms": 1000 * took[len(took) // 2],
            "p99_ms": 1000 * took[len(took) * 99 // 100],
        }


async def _main() -> None:
    load = Load(*sys.argv[1:4])
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await load.run(Order(**json.loads(line)))), flush=True)


if __name__ == "__main__":
    uvloop.run(_main())
