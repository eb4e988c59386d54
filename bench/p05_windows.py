"""P5: the windows and the change of 2,000 episodes, from the store, against DuckDB."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator
from datetime import date
from statistics import median

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from bench.big_register import TENANT, Year, over_sizes
from bench.references.duck_marks import DuckMarks
from bench.report import Result
from services.chassis.database import Database
from services.outcomes.children import storage as children
from services.outcomes.episodes.measuring import Support, measure, roll_of
from services.outcomes.episodes.windows import WindowKind

EPISODES = 2_000
_ROUNDS = 5
_KINDS = (WindowKind.BASELINE, WindowKind.TRIGGER, WindowKind.FOLLOW_UP_1)


async def run() -> AsyncIterator[Result]:
    """Yield seconds on each database, at one, four and sixteen times the children."""
    async for result in over_sizes(_measured):
        yield result


async def _measured(where: str, year: Year, database: Database) -> Result:
    random = np.random.default_rng(5)
    chosen = random.choice(year.numbers, EPISODES, replace=False)
    asked = random.integers(95, 140, EPISODES)
    requested, index = year.days[asked], year.days[asked + 10]
    numbers = chosen.tolist()
    ids = await database.read(lambda connection: children.ids(connection, TENANT, numbers))
    wanted = [
        Support(ids[number], date.fromordinal(day), date.fromordinal(first))
        for number, day, first in zip(numbers, requested.tolist(), index.tolist(), strict=True)
    ]
    reference = DuckMarks(year)
    # What was set up for both is not to be searched for garbage while either is timed.
    gc.collect()
    gc.freeze()
    ours, theirs, same = [], [], False
    for _ in range(_ROUNDS):
        took, found = reference.windows(numbers, requested.tolist(), index.tolist())
        theirs.append(took)
        began = time.perf_counter()
        changes = await database.read(lambda connection: _changes(connection, wanted))
        ours.append(time.perf_counter() - began)
        same = np.allclose(changes, found, rtol=0, atol=1e-9)
    gc.unfreeze()
    reference.close()
    return Result(
        name=f"P5 {where}",
        what=f"windows and change of {EPISODES:,} episodes among {len(year.numbers):,} children",
        ours=1000 * median(ours),
        reference=1000 * median(theirs),
        unit="ms",
        least="<= 0.5",
        n=EPISODES,
        more={"same_result": float(same)},
    )


def _changes(connection: Connection, wanted: list[Support]) -> NDArray[np.float64]:
    roll = roll_of(connection, TENANT, [each.child_id for each in wanted])
    measured = measure(connection, TENANT, wanted, roll=roll)
    windows = {
        kind: measured.windows.measure(kind, requested=measured.requested, index=measured.index)
        for kind in _KINDS
    }
    before, after = windows[WindowKind.BASELINE], windows[WindowKind.FOLLOW_UP_1]
    rates: NDArray[np.float64] = (
        100 * before.absent / before.possible - 100 * after.absent / after.possible
    )
    return rates
