"""P4: absence per child and half-term, recomputed from the store, against DuckDB's group-by.

Ours reads the database, block by block; the reference has every mark in memory already.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from statistics import median

from bench import memory
from bench.big_register import TENANT, Year, over_sizes
from bench.references.duck_marks import DuckMarks
from bench.report import Result
from services.chassis.database import Database
from services.outcomes.measures.counts import Counter
from services.outcomes.register.queries import half_term_counts

_ROUNDS = 5


async def run() -> AsyncIterator[Result]:
    """Yield seconds on each database, at one, four and sixteen times the children."""
    async for result in over_sizes(_measured):
        yield result


async def _measured(where: str, year: Year, database: Database) -> Result:
    memory.forget_peak()
    before = memory.resident_mb()
    await _absent(database)
    added = max(0.0, memory.peak_mb() - before)
    reference = DuckMarks(year)
    ours, theirs, absent, found = [], [], 0, -1
    for _ in range(_ROUNDS):
        took, found = reference.by_half_term()
        theirs.append(took)
        began = time.perf_counter()
        absent = await _absent(database)
        ours.append(time.perf_counter() - began)
    reference.close()
    return Result(
        name=f"P4 {where}",
        what=f"absence per child and half-term, {len(year.numbers):,} children x "
        f"{year.codes.shape[1]} sessions; {added:,.0f} MB more",
        ours=1000 * median(ours),
        reference=1000 * median(theirs),
        unit="ms",
        least="<= 1.0",
        n=year.codes.size,
        more={"added_memory_mb": added, "same_result": float(absent == found)},
    )


async def _absent(database: Database) -> int:
    counts = await database.read(lambda connection: half_term_counts(connection, TENANT))
    chosen = counts.counts[:, :, [Counter.AUTHORISED, Counter.UNAUTHORISED]]
    return int(chosen.sum())
