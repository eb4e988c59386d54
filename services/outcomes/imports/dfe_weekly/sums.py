"""Regions and England as the sums of their authorities, as of each publication.

A region with an authority whose row was suppressed, or contradicts itself, cannot be made by
adding: its published row counts children of whom we know nothing. Such rows are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.outcomes.imports.dfe_weekly.comparing import Weeks, compare
from services.outcomes.imports.dfe_weekly.published import COUNTRY, EVERY_PHASE, Row
from services.outcomes.imports.replaying.comparison import Comparison

Key = tuple[date, str, str, date]
"""Publication, region or country, phase, and the week's Monday."""


_NONE = np.zeros(256, np.int64)


@dataclass(slots=True)
class Sums:
    """How often each code stands in the registers of each region and of England."""

    _codes: dict[Key, NDArray[np.int64]] = field(default_factory=dict)
    _broken: set[Key] = field(default_factory=set)

    def take(self, rows: Iterable[Row], weeks: Weeks) -> None:
        """Add an authority's rows of one publication, as the register stood on its day."""
        for row in rows:
            for key in _keys(row):
                if row.codes() is None:
                    self._broken.add(key)
                else:
                    ours = weeks.get((row.phase, row.monday), _NONE)
                    self._codes[key] = self._codes.get(key, _NONE) + ours

    def compare(self, rows: Sequence[Row], comparison: Comparison) -> int:
        """Compare what can be added up, and return how many rows cannot."""
        left_out = 0
        for row in rows:
            key = (row.published_on, row.name, row.phase, row.monday)
            ours = self._codes.get(key)
            if ours is None or key in self._broken or row.contradiction() is not None:
                left_out += 1
            else:
                compare(comparison, row, ours)
        return left_out


def _keys(row: Row) -> Iterable[Key]:
    for name in (row.region, COUNTRY):
        for phase in (row.phase, EVERY_PHASE):
            yield row.published_on, name, phase, row.monday
