"""Who may be compared with: met the trigger at another's dates, and not yet helped themselves."""

from __future__ import annotations

import numpy as np
import pytest

from services.outcomes.analysis.drawing import drawn
from services.outcomes.analysis.method.resampling import generator
from services.outcomes.analysis.rows import Row
from services.outcomes.children.domain import Child
from services.outcomes.episodes.measuring import Roll
from services.outcomes.episodes.windows import DailyCounts, SchoolDayWindows

DAYS, ASKED, DELIVERED = 200, 100, 105
ENDS = 1 + DELIVERED + 30
PART = ["a", "b"]


def windows() -> SchoolDayWindows:
    """Return two children, each absent every other day of two hundred."""
    both = np.full((2, DAYS), 2, np.uint8)
    absent = both * (np.arange(DAYS) % 2).astype(np.uint8)
    none = np.zeros_like(both)
    days = np.arange(1, DAYS + 1, dtype=np.int32)
    return SchoolDayWindows(DailyCounts(days, both, both, absent, none, both))


def model() -> Row:
    return Row(
        child_id="model",
        supported=True,
        requested_day=1 + ASKED,
        index_day=1 + DELIVERED,
        urn="100001",
        phase="secondary",
        year_group=9,
        half_term=(2025, 4),
    )


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param(None, ["a", "b"], id="never funded"),
        pytest.param([ENDS + 1, ENDS], ["a"], id="the follow-up ends before one's own request"),
        pytest.param([1, 1], [], id="both were helped before"),
    ],
)
def test_a_candidate_helped_before_the_follow_up_ended_is_not_drawn(
    until: list[int] | None, expected: list[str]
) -> None:
    roll = Roll({name: Child(number=1, id=name) for name in PART}, {})
    limit = None if until is None else np.array(until, np.int32)

    rows, kept = drawn(PART, windows(), ([model()], roll), generator(1), until=limit)

    assert [row.child_id for row in rows] == expected
    assert kept.sum() == len(expected)
    assert not any(row.supported for row in rows)
