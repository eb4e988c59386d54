"""P9: one purchase read over REST against the same rpc called by gRPC, in turns.

The fund and the gateway run as in a demonstration, in one process; the caller keeps one
connection of each kind open and waits for each answer, so that what is compared is the way there
and back, not how fast a client library is.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import grpc
import httpx
from localresponse.fund.v1.purchases_service_pb2 import GetPurchaseRequest
from localresponse.fund.v1.purchases_service_pb2_grpc import PurchasesServiceStub

from bench.report import Result
from gateway import app as gateway
from services.chassis.runtime import running
from services.chassis.settings import Settings
from services.fund import app as fund
from tests.gateway.api.over_the_fund import Office, submission

_ROUNDS = 10
_CALLS = 300
_WARM = 200

Read = Callable[[], Awaitable[None]]


async def run() -> AsyncIterator[Result]:
    """Yield the median latencies of both ways."""
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        settings = Settings(data_dir=Path(folder), gateway_port=0, operations_port=0)
        async with (
            running(settings, services=[fund.build], web=gateway.build) as process,
            httpx.AsyncClient(base_url=process.gateway_url, timeout=30) as http,
        ):
            office = await Office.open(http, settings)
            asked = await office.post("practitioner", "purchases", submission("12"))
            purchase_id = asked.json()["id"]
            headers = office.bearer("officer")
            async with grpc.aio.insecure_channel(process.targets["fund"]) as channel:
                by_grpc = _by_grpc(channel, purchase_id, headers["Authorization"])
                path = f"/api/v1/purchases/{purchase_id}"
                by_rest, close = await _by_rest(process.gateway_url, path, headers)
                ours, references = await _in_turns(by_rest, by_grpc)
                close()
    yield Result(
        name="P9",
        what="REST GET of one purchase, median",
        ours=median(ours) * 1000,
        reference=median(references) * 1000,
        unit="ms",
        least="<= 2.5",
        n=len(ours),
        more={
            "p95_ms": sorted(ours)[int(len(ours) * 0.95)] * 1000,
            "reference_p95_ms": sorted(references)[int(len(references) * 0.95)] * 1000,
        },
    )


async def _in_turns(ours: Read, reference: Read) -> tuple[list[float], list[float]]:
    for read in (ours, reference):
        await _took(read, _WARM)
    first: list[float] = []
    second: list[float] = []
    for _ in range(_ROUNDS):
        first += await _took(ours, _CALLS)
        second += await _took(reference, _CALLS)
    return first, second


async def _took(read: Read, calls: int) -> list[float]:
    took = []
    for _ in range(calls):
        began = time.perf_counter()
        await read()
        took.append(time.perf_counter() - began)
    return took


def _by_grpc(channel: grpc.aio.Channel, purchase_id: str, authorization: str) -> Read:
    call = PurchasesServiceStub(channel).GetPurchase
    request = GetPurchaseRequest(purchase_id=purchase_id)

    async def read() -> None:
        await call(request, metadata=(("authorization", authorization),), timeout=10)

    return read


async def _by_rest(
    address: str, path: str, headers: dict[str, str]
) -> tuple[Read, Callable[[], None]]:
    """Return a read over one connection that stays open, and what closes it."""
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    lines = [f"GET {path} HTTP/1.1", f"Host: {where.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def read() -> None:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200 "), head
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        assert await reader.readexactly(int(length))

    return read, writer.close
