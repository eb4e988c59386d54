"""Random tables of real counts: the DfE's absence bands of one authority, phase and sex."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import numpy as np
import pyarrow.parquet as pq

from services.outcomes.disclosure.tables import Dimension, Table
from tests.support.paths import SHARED_DATA

_FILE = SHARED_DATA / "absence-bands" / "dfe_absence_bands_2021-22.parquet"
_BANDS = ("b0_5", "b5_10", "b10_15", "b15_20", "b20_25", "b25_30", "b30_35", "b50plus")
_KEYS = ("new_la_code", "school_type", "fsm_eligible", "gender")


@cache
def _authorities() -> list[dict[str, list[int]]]:
    """Return, for each authority, phase, meals and sex, the bands of each year group."""
    columns = pq.read_table(_FILE, columns=[*_KEYS, "geographic_level", "nc_year", *_BANDS])
    found: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(dict)
    for row in columns.to_pylist():
        counts = [row[band] for band in _BANDS]
        if row["new_la_code"] and row["nc_year"] != "Total" and all(c.isdigit() for c in counts):
            key = tuple(row[name] for name in _KEYS)
            found[key][row["nc_year"]] = [int(count) for count in counts]
    return [years for _, years in sorted(found.items()) if len(years) > 2]


def random_tables(count: int, seed: int) -> Iterator[Table]:
    """Yield tables of 3 or 4 year groups by 3 or 4 bands."""
    rng = np.random.Generator(np.random.PCG64(seed))
    pool = _authorities()
    for number in range(count):
        years = pool[int(rng.integers(len(pool)))]
        rows = rng.choice(
            sorted(years), size=min(len(years), int(rng.integers(3, 5))), replace=False
        )
        bands = rng.choice(len(_BANDS), size=int(rng.integers(3, 5)), replace=False)
        counts = np.array([[years[row][band] for band in bands] for row in rows], dtype=np.int64)
        yield Table(
            name=f"table {number}",
            population="enrolments",
            dimensions=(
                Dimension("year", tuple(str(row) for row in rows)),
                Dimension("band", tuple(_BANDS[band] for band in bands)),
            ),
            counts=counts,
        )
