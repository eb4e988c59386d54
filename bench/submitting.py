"""Submits against the reference in turns, so that both meet the same machine at the same time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from statistics import median

import psycopg
from psycopg import sql

from bench.hot_fund import hot_fund
from bench.references.hot_row import reserve_rate
from bench.report import Result
from tests.support import providers
from tests.support.postgres import psycopg_url

ROUNDS = 5
ROUND_S = 4.0
WARM_S = 3.0


async def against_reference(name: str, callers: int, least: str) -> AsyncIterator[Result]:
    """Measure `callers` on one hot pot, on PostgreSQL against the reference, then on SQLite."""
    postgres = providers.postgres()
    try:
        yield await _postgresql(postgres.url, name, callers, least)
    finally:
        postgres.stop()
    async with hot_fund(None) as fund:
        await fund.submit(callers=callers, seconds=WARM_S)
        rounds = [await fund.submit(callers=callers, seconds=ROUND_S) for _ in range(ROUNDS)]
    yield Result(
        name=f"{name} sqlite",
        what=f"submit over gRPC, {callers} callers, one hot pot",
        ours=median(each["rate"] for each in rounds),
        reference=None,
        unit="submits/s",
        least="",
        n=sum(int(each["count"]) for each in rounds),
        more={key: median(each[key] for each in rounds) for key in ("p50_ms", "p99_ms")},
    )


async def _postgresql(url: str, name: str, callers: int, least: str) -> Result:
    ours_url, reference_url = (database(url, each) for each in ("ours", "reference"))
    async with hot_fund(ours_url) as fund:
        await fund.submit(callers=callers, seconds=WARM_S)
        ours, references = [], []
        for _ in range(ROUNDS):
            rate, _count = await reserve_rate(
                psycopg_url(reference_url), tasks=callers, seconds=ROUND_S
            )
            references.append(rate)
            ours.append(await fund.submit(callers=callers, seconds=ROUND_S))
    return Result(
        name=f"{name} postgresql",
        what=f"submit over gRPC, {callers} callers, one hot pot",
        ours=median(each["rate"] for each in ours),
        reference=median(references),
        unit="submits/s",
        least=least,
        n=sum(int(each["count"]) for each in ours),
        more={key: median(each[key] for each in ours) for key in ("p50_ms", "p99_ms")},
    )


def database(url: str, name: str) -> str:
    """Make an empty database on the server and return its URL."""
    with psycopg.connect(psycopg_url(url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{url.rpartition('/')[0]}/{name}"
