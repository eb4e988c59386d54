from __future__ import annotations

import numpy as np
import pytest

from services.outcomes.analysis.method.children import (
    Direction,
    attendance,
    changes,
    persistently_absent,
    severely_absent,
)


@pytest.mark.parametrize(
    ("absent", "possible", "persistent", "severe"),
    [
        pytest.param(6, 60, True, False, id="exactly a tenth is persistent"),
        pytest.param(5, 60, False, False, id="a session less is not"),
        pytest.param(30, 60, True, True, id="exactly half is severe"),
        pytest.param(0, 0, False, False, id="no possible session is neither"),
    ],
)
def test_persistent_and_severe_are_compared_as_integers(
    absent: int, possible: int, *, persistent: bool, severe: bool
) -> None:
    counts = np.array([absent]), np.array([possible])

    assert bool(persistently_absent(*counts)[0]) is persistent
    assert bool(severely_absent(*counts)[0]) is severe


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        pytest.param((6, 60), (3, 60), Direction.IMPROVED, id="exactly five points better"),
        pytest.param((6, 60), (4, 60), Direction.SAME, id="less is the same"),
        pytest.param((3, 60), (6, 60), Direction.WORSE, id="exactly five points worse"),
        pytest.param((7, 70), (3, 60), Direction.IMPROVED, id="of different windows"),
    ],
)
def test_a_change_of_five_points_is_a_change(
    before: tuple[int, int], after: tuple[int, int], direction: Direction
) -> None:
    found = changes(
        (np.array([before[0]]), np.array([before[1]])),
        (np.array([after[0]]), np.array([after[1]])),
        measured=np.array([True]),
    )

    assert found.direction[0] == direction
    assert found.lower_pp[0] < found.change_pp[0] < found.upper_pp[0]


def test_a_window_that_says_nothing_is_unknown_and_not_an_improvement() -> None:
    none = np.array([0]), np.array([0])

    found = changes((np.array([30]), np.array([60])), none, measured=np.array([False]))

    assert found.direction[0] == Direction.UNKNOWN
    assert np.isnan(found.change_pp[0])
    assert np.isnan(attendance(*none)[0])
