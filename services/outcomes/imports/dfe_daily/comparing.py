"""Our figures, counted from the store, beside the published ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.outcomes.imports.dfe_daily.published import Level, Row
from services.outcomes.imports.replaying.comparison import Comparison
from services.outcomes.imports.replaying.made_up_schools import phase_of
from services.outcomes.measures.counts import COUNTERS, counts_of_columns
from services.outcomes.measures.rates import Attendance
from services.outcomes.register import storage

EXACT = 1e-9
"""Percentage points below which two rates are the same figure, written in fifteen digits."""

Key = tuple[str, date]
"""A phase and a day."""

Counted = dict[Key, NDArray[np.int64]]
"""Counters (`measures.counts.Counter`) of each phase and day."""


def counted(connection: Connection, tenant: str) -> Counted:
    """Return the counters of an authority for each phase and day, from its blocks."""
    found: Counted = {}
    for held in storage.blocks(connection, tenant):
        counters = counts_of_columns(held.block.codes)
        by_day = counters.reshape(7, 2, COUNTERS).sum(axis=1)
        for weekday in np.flatnonzero(by_day.any(axis=1)).tolist():
            day = date.fromordinal(held.week * 7 + 1 + weekday)
            add(found, (phase_of(held.urn), day), by_day[weekday])
    return found


def add(found: Counted, key: Key, counters: NDArray[np.int64]) -> None:
    """Add counters to those of a phase and day."""
    before = found.get(key)
    found[key] = counters.copy() if before is None else before + counters


def compare(comparison: Comparison, row: Row, counters: NDArray[np.int64]) -> None:
    """Compare a published row with our counters."""
    ours = Attendance.of(counters)
    counts = all(getattr(ours, name) == count for name, count in row.counts.items())
    worst = max(
        abs((ours.percent(getattr(ours, name)) or 0.0) - published)
        for name, published in row.rates.items()
    )
    comparison.apart(worst)
    same = counts and worst < EXACT
    comparison.count(
        authority=row.level is Level.AUTHORITY,
        differing="" if same else f"{row.name} {row.phase} {row.day}",
    )


@dataclass(slots=True)
class Sums:
    """Our authorities' counters added up for each region and for England.

    A region or country with a suppressed authority in it cannot be made by adding: its published
    row counts children of whom we know nothing. Such rows are left out and counted.
    """

    _counters: dict[tuple[Level, str], Counted] = field(default_factory=dict)
    _broken: set[tuple[Level, str, str, date]] = field(default_factory=set)

    def take(self, rows: Iterable[Row], mine: Counted) -> None:
        """Add an authority's counters to those of its region and country."""
        for row in rows:
            for level, name in ((Level.REGION, row.region), (Level.COUNTRY, "England")):
                key = (row.phase, row.day)
                if row.marks is None:
                    self._broken.add((level, name, *key))
                else:
                    add(self._counters.setdefault((level, name), {}), key, mine[key])

    def compare(self, rows: Sequence[Row], comparison: Comparison) -> int:
        """Compare what can be added up, and return how many rows cannot."""
        left_out = 0
        for row in rows:
            whole = (row.level, row.name, row.phase, row.day) not in self._broken
            ours = self._counters.get((row.level, row.name), {}).get((row.phase, row.day))
            if whole and ours is not None and row.marks is not None:
                compare(comparison, row, ours)
            else:
                left_out += 1
        return left_out
