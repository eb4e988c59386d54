"""P2: submit over gRPC, 256 callers, one hot pot, against 256 tasks on 32 connections."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bench.report import Result
from bench.submitting import against_reference


async def run() -> AsyncIterator[Result]:
    """Yield the rate on PostgreSQL against the reference, then the rate on SQLite."""
    async for result in against_reference("P2", 256, ">= 2.0"):
        yield result
