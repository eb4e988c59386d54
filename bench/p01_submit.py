"""P1: submit over gRPC, 32 callers, one hot pot; and its growth with the journals that are there.

Server, callers and database are three processes; the reference has no server between its callers
and the database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from bench.hot_fund import Replicas, hot_fund
from bench.report import Result
from bench.submitting import against_reference, database
from tests.support import providers

_CALLERS = 32
_JOURNALS = 2_000
_MEASURED = 2_000


async def run() -> AsyncIterator[Result]:
    """Yield the rate against the reference, then the rate as the ledger grows sixteenfold."""
    async for result in against_reference("P1", _CALLERS, ">= 1.0"):
        yield result
    postgres = providers.postgres()
    try:
        async with hot_fund(database(postgres.url, "growth")) as fund:
            async for result in _growth(fund, "postgresql"):
                yield result
    finally:
        postgres.stop()
    async with hot_fund(None) as fund:
        async for result in _growth(fund, "sqlite"):
            yield result


async def _growth(fund: Replicas, where: str) -> AsyncIterator[Result]:
    first = 0.0
    for times in (1, 4, 16):
        await fund.submit(callers=256, most=max(1, times * _JOURNALS - fund.submitted))
        at = fund.submitted
        measured = await fund.submit(callers=_CALLERS, most=_MEASURED)
        first = first or measured["rate"]
        yield Result(
            name=f"P1 {where} {times}x",
            what=f"with {at:,} journals; the reference is the rate at 1x",
            ours=measured["rate"],
            reference=first,
            unit="submits/s",
            least="flat",
            n=int(measured["count"]),
            more={key: measured[key] for key in ("p50_ms", "p99_ms")},
        )
