from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.outcomes.analysis.method.intervals import (
    newcombe,
    upper_limit,
    upper_limit_of_none,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "trials", "ends"),
    [
        pytest.param(0, 10, (0.0, 0.2775), id="none of ten"),
        pytest.param(5, 10, (0.2366, 0.7634), id="half of ten"),
        pytest.param(81, 263, (0.2553, 0.3662), id="Newcombe's 81 of 263"),
    ],
)
def test_wilson_gives_the_published_intervals(
    successes: int, trials: int, ends: tuple[float, float]
) -> None:
    lower, upper = wilson(np.array([successes]), np.array([trials]))

    assert (lower[0], upper[0]) == pytest.approx(ends, abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_a_wilson_interval_holds_its_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))

    lower, upper = wilson(np.array([successes]), np.array([trials]))

    assert 0 <= lower[0] <= successes / trials <= upper[0] <= 1


def test_a_share_of_no_session_is_unknown() -> None:
    lower, upper = wilson(np.array([0]), np.array([0]))

    assert np.isnan(lower[0])
    assert np.isnan(upper[0])


def test_newcombe_gives_the_published_interval_of_a_difference() -> None:
    lower, upper = newcombe((np.array([56]), np.array([70])), (np.array([48]), np.array([80])))

    assert (lower[0], upper[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_none_of_twenty_may_still_be_one_in_seven() -> None:
    assert upper_limit_of_none(20) == pytest.approx(0.139, abs=5e-4)
    assert upper_limit(0, 20) == upper_limit_of_none(20)
    assert upper_limit(1, 20) > 1 / 20


def test_of_no_children_nothing_can_be_said() -> None:
    with pytest.raises(ValueError, match="nothing can be said"):
        upper_limit_of_none(0)
