"""Submits against the references in turns, so that all meet the same machine at the same time."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg import sql

from bench.hot_fund import Callers, hot_fund
from bench.references.bare_rpc import bare_rpc
from bench.references.hot_row import rates
from bench.report import Result
from tests.support import providers
from tests.support.postgres import psycopg_url

_ROUNDS = 5
_ROUND_S = 4.0
_REFERENCE_S = 2.0
_WARM_S = 3.0
_BARE = "bare rpc"


async def against_reference(name: str, callers: int, least: str) -> AsyncIterator[Result]:
    """Measure `callers` on one hot pot, on PostgreSQL against each reference, then otherwise.

    Otherwise is two replicas on PostgreSQL, against one of them, and SQLite.
    """
    postgres = providers.postgres()
    try:
        async for result in _postgresql(postgres.url, name, callers, least):
            yield result
            one = result.ours
        two = await _rounds(database(postgres.url, "two"), callers, replicas=2)
    finally:
        postgres.stop()
    yield _result(f"{name} two replicas", callers, two, reference=one, least="")
    alone = await _rounds(None, callers, replicas=1)
    yield _result(f"{name} sqlite", callers, alone, reference=None, least="")


async def _rounds(url: str | None, callers: int, *, replicas: int) -> list[dict[str, Any]]:
    async with hot_fund(url, replicas=replicas) as fund:
        await fund.submit(callers=callers, seconds=_WARM_S)
        return [await fund.submit(callers=callers, seconds=_ROUND_S) for _ in range(_ROUNDS)]


async def _postgresql(url: str, name: str, callers: int, least: str) -> AsyncIterator[Result]:
    ours_url, reference_url = (database(url, each) for each in ("ours", "reference"))
    ours: list[dict[str, Any]] = []
    references: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        async with hot_fund(ours_url) as fund, bare_rpc(Path(folder)) as target:
            bare = Callers()
            await bare.start(target, "none")
            await fund.submit(callers=callers, seconds=_WARM_S)
            for _ in range(_ROUNDS):
                dsn = psycopg_url(reference_url)
                found = await rates(dsn, tasks=callers, seconds=_REFERENCE_S)
                empty = await bare.submit(callers=callers, seconds=_REFERENCE_S)
                for form, rate in (found | {_BARE: empty["rate"]}).items():
                    references[form].append(rate)
                ours.append(await fund.submit(callers=callers, seconds=_ROUND_S))
            await bare.stop()
    for form, measured in references.items():
        asked = "" if form == _BARE else least
        yield _result(f"{name} {form}", callers, ours, reference=median(measured), least=asked)


def _result(
    name: str,
    callers: int,
    rounds: list[dict[str, Any]],
    *,
    reference: float | None,
    least: str,
) -> Result:
    return Result(
        name=name,
        what=f"submit over gRPC, {callers} callers, one hot pot",
        ours=median(each["rate"] for each in rounds),
        reference=reference,
        unit="submits/s",
        least=least,
        n=sum(int(each["count"]) for each in rounds),
        more={key: median(each[key] for each in rounds) for key in ("p50_ms", "p99_ms")},
    )


def database(url: str, name: str) -> str:
    """Make an empty database on the server and return its URL."""
    with psycopg.connect(psycopg_url(url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{url.rpartition('/')[0]}/{name}"
