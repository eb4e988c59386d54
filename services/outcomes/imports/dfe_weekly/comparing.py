"""The register as of each publication, beside what was published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.outcomes.imports.dfe_weekly.published import AUTHORITY, EVERY_PHASE, Row
from services.outcomes.imports.replaying.comparison import Comparison
from services.outcomes.imports.replaying.made_up_schools import phase_of
from services.outcomes.measures.counts import counts_of_columns
from services.outcomes.measures.rates import Attendance
from services.outcomes.reference.codes import CODES
from services.outcomes.register import storage
from services.outcomes.register.domain.marks import week_of

EXACT = 1e-8
"""Percentage points: the published figures carry nine decimal places or more."""

_INDEX = {code.code: code.index for code in CODES}

_COUNTERS = counts_of_columns(np.arange(256, dtype=np.uint8)[None, :]).astype(np.int64)
"""What one mark of each code index adds to the counters."""

Weeks = dict[tuple[str, date], NDArray[np.int64]]
"""Phase and Monday -> how often each code index stands in the register."""


def weeks_as_of(
    connection: Connection, tenant: str, moment: datetime, *, mondays: Collection[date]
) -> Weeks:
    """Return an authority's register, from the first to the last week, as known at a moment."""
    found: Weeks = {}
    weeks = (week_of(min(mondays).toordinal()), week_of(max(mondays).toordinal()))
    for held in storage.blocks(connection, tenant, weeks=weeks, as_of=moment):
        key = (phase_of(held.urn), date.fromordinal(held.week * 7 + 1))
        codes = np.bincount(held.block.codes.reshape(-1), minlength=256)
        found[key] = found.get(key, np.zeros(256, np.int64)) + codes
    return found


def compare(comparison: Comparison, row: Row, codes: NDArray[np.int64]) -> None:
    """Compare a published row with how often each code stands in the register.

    Over all phases only counts are compared: their percentages were weighted by the DfE.
    """
    assert row.counts is not None
    ours = _counts(codes)
    wrong = [
        f"{name} {ours[name]} for {value}"
        for name, value in row.counts.items()
        if ours[name] != value
    ]
    wrong += [] if row.phase == EVERY_PHASE else _wrong_rates(comparison, row, ours)
    place = f"{row.name}, {row.phase}, {row.monday}, published {row.published_on}"
    comparison.count(
        authority=row.level == AUTHORITY, differing=f"{place}: {'; '.join(wrong)}" if wrong else ""
    )


def compare_weeks(comparison: Comparison, rows: Sequence[Row], weeks: Weeks) -> None:
    """Compare every row of an authority's publication."""
    for row in rows:
        compare(comparison, row, weeks.get((row.phase, row.monday), np.zeros(256, np.int64)))


def _wrong_rates(comparison: Comparison, row: Row, ours: Mapping[str, int]) -> list[str]:
    wrong = []
    for name, value in row.rates.items():
        rate = 100 * ours[name] / ours["possible"] if ours["possible"] else 0.0
        comparison.apart(abs(rate - value))
        if abs(rate - value) > EXACT:
            wrong.append(f"{name} {rate} % for {value} %")
    return wrong


def _counts(codes: NDArray[np.int64]) -> dict[str, int]:
    attendance = Attendance.of(codes @ _COUNTERS)
    return {
        "present": int(sum(codes[_INDEX[code]] for code in ("/", "\\", "L"))),
        "approved": int(codes[_INDEX["B"]]),
        "attended": attendance.attended,
        "absent": attendance.absent,
        "authorised": attendance.authorised,
        "unauthorised": attendance.unauthorised,
        "late": attendance.late,
        "possible": attendance.possible,
        "illness": attendance.illness,
        "excluded": int(codes[_INDEX["E"]]),
        "part_time": int(codes[_INDEX["C2"]]),
    }
