"""Sessions of every child between two days, counted over whole blocks of marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.outcomes.measures.counts import COUNTERS, counts_of_rows
from services.outcomes.register import storage
from services.outcomes.register.domain.marks import week_of

_DAYS, _SESSIONS = 7, 14


@dataclass(frozen=True, slots=True)
class PeriodCounts:
    """Counters of children.

    Attributes:
        numbers: The children who have a mark, ascending.
        counts: int64[children, 8], in the order of `Counter`.
    """

    numbers: NDArray[np.int64]
    counts: NDArray[np.int64]

    def of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the counters of these children; zeros where a child has no mark."""
        found = np.zeros((len(numbers), COUNTERS), np.int64)
        if len(self.numbers):
            place = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
            there = self.numbers[place] == numbers
            found[there] = self.counts[place[there]]
        return found


def counts_between(
    connection: Connection,
    tenant: str,
    spans: Mapping[str, tuple[int, int]],
    *,
    as_of: datetime | None = None,
) -> PeriodCounts:
    """Return the sessions of every child with a mark in its school's span, across schools.

    Args:
        connection: To read with.
        tenant: The authority.
        spans: URN -> ordinals of the first and last day; a span that ends early is empty.
        as_of: The register as it was recorded then; as it is now when None.
    """
    wanted = {urn: span for urn, span in spans.items() if span[0] <= span[1]}
    if not wanted:
        return _summed([], [])
    weeks = (
        week_of(min(first for first, _ in wanted.values())),
        week_of(max(last for _, last in wanted.values())),
    )
    numbers, counts = list[NDArray[np.int64]](), list[NDArray[np.int64]]()
    for held in storage.blocks(connection, tenant, urns=wanted, weeks=weeks, as_of=as_of):
        first, last = wanted[held.urn]
        codes = _between(held.block.codes, held.week * _DAYS + 1, first, last)
        numbers.append(held.block.numbers.astype(np.int64))
        counts.append(counts_of_rows(codes).astype(np.int64))
    return _summed(numbers, counts)


def _between(codes: NDArray[np.uint8], monday: int, first: int, last: int) -> NDArray[np.uint8]:
    """Return a week's codes with the sessions outside the span blanked."""
    low = min(max(2 * (first - monday), 0), _SESSIONS)
    past = min(max(2 * (last - monday + 1), 0), _SESSIONS)
    if (low, past) == (0, _SESSIONS):
        return codes
    kept = np.zeros_like(codes)
    kept[:, low:past] = codes[:, low:past]
    return kept


def _summed(numbers: list[NDArray[np.int64]], counts: list[NDArray[np.int64]]) -> PeriodCounts:
    if not numbers:
        return PeriodCounts(np.zeros(0, np.int64), np.zeros((0, COUNTERS), np.int64))
    distinct, place = np.unique(np.concatenate(numbers), return_inverse=True)
    total = np.zeros((len(distinct), COUNTERS), np.int64)
    np.add.at(total, place, np.concatenate(counts))
    return PeriodCounts(distinct, total)
