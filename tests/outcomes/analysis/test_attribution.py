"""A child's gain is credited once, however many purchases it had and by whatever rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.outcomes.analysis.method.attribution import (
    WHOLE,
    Attribution,
    Bought,
    shares_of,
)

DAY = date(2025, 11, 3)
EARLY, LATE, NEVER = (
    Bought("a", 300, DAY),
    Bought("b", 100, DAY + timedelta(days=20)),
    Bought("c", 900, None),
)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        pytest.param(Attribution.EQUAL, {"a": 500_000, "b": 500_000, "c": 0}, id="equal"),
        pytest.param(Attribution.COST_WEIGHTED, {"a": 750_000, "b": 250_000, "c": 0}, id="by cost"),
        pytest.param(Attribution.LAST, {"a": 0, "b": WHOLE, "c": 0}, id="the last delivered"),
    ],
)
def test_what_was_never_delivered_is_credited_with_nothing(
    mode: Attribution, expected: dict[str, int]
) -> None:
    assert shares_of([EARLY, LATE, NEVER], mode) == expected


def test_support_that_cost_nothing_has_no_share_by_cost_unless_all_of_it_was_free() -> None:
    free = Bought("f", 0, DAY)

    assert shares_of([EARLY, free], Attribution.COST_WEIGHTED) == {"a": WHOLE, "f": 0}
    assert shares_of([free], Attribution.COST_WEIGHTED) == {"f": WHOLE}
    assert shares_of([NEVER], Attribution.EQUAL) == {"c": 0}


_COSTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=30)


@given(costs=_COSTS, mode=st.sampled_from(Attribution))
def test_shares_always_sum_to_one(costs: list[int], mode: Attribution) -> None:
    parts = [Bought(f"p{place}", cost, DAY) for place, cost in enumerate(costs)]

    shares = shares_of(parts, mode)

    assert sum(shares.values()) == WHOLE
    assert min(shares.values()) >= 0
