from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from services.outcomes.episodes.windows import (
    DailyCounts,
    SchoolDayWindows,
    WindowKind,
    Windows,
    WindowStatus,
)

LENGTH = 200


def counts(
    absent: npt.NDArray[np.bool_],
    *,
    closed: npt.NDArray[np.bool_] | None = None,
    recorded: int = LENGTH,
) -> DailyCounts:
    """Return days of two sessions each; closed days have none, late days no mark yet."""
    shut = np.zeros_like(absent) if closed is None else closed
    marked = ~shut & (np.arange(absent.shape[1]) < recorded)
    return DailyCounts(
        np.arange(1, absent.shape[1] + 1, dtype=np.int32),
        (2 * ~shut).astype(np.uint8),
        (2 * marked).astype(np.uint8),
        (2 * (absent & marked)).astype(np.uint8),
        np.zeros(absent.shape, np.uint8),
        (2 * marked).astype(np.uint8),
    )


def measured(
    held: DailyCounts, kind: WindowKind, *, requested: int, index: int, left: int = 0
) -> Windows:
    rows = len(held.nominal)
    return SchoolDayWindows(held, np.full(rows, left, np.int32)).measure(
        kind, requested=np.full(rows, requested, np.int32), index=np.full(rows, index, np.int32)
    )


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        pytest.param(WindowKind.BASELINE, 11, 70, id="60 days that end 30 before the request"),
        pytest.param(WindowKind.TRIGGER, 71, 100, id="the 30 days before the request"),
        pytest.param(WindowKind.FOLLOW_UP_1, 106, 135, id="days 1 to 30 after the index date"),
        pytest.param(WindowKind.FOLLOW_UP_2, 136, 195, id="days 31 to 90"),
    ],
)
def test_a_window_has_its_school_days(kind: WindowKind, first: int, last: int) -> None:
    absent = np.zeros((1, LENGTH), np.bool_)
    absent[0, first - 1] = absent[0, last - 1] = True

    found = measured(counts(absent), kind, requested=101, index=105)

    assert (found.start_day[0], found.end_day[0]) == (first, last)
    assert found.possible[0] == 2 * (last - first + 1)
    assert found.absent[0] == 4


def test_closed_days_are_skipped_in_each_childs_own_calendar() -> None:
    closed = np.zeros((2, LENGTH), np.bool_)
    closed[1, 80:90] = True

    found = measured(
        counts(np.zeros((2, LENGTH), np.bool_), closed=closed),
        WindowKind.TRIGGER,
        requested=101,
        index=105,
    )

    assert found.start_day.tolist() == [71, 61]
    assert found.possible.tolist() == [60, 60]


@pytest.mark.parametrize(
    ("days", "status"),
    [
        pytest.param(15, WindowStatus.MEASURED, id="half of what it should have"),
        pytest.param(14, WindowStatus.INSUFFICIENT, id="a day less"),
    ],
)
def test_a_window_needs_half_of_its_sessions(days: int, status: WindowStatus) -> None:
    held = counts(np.zeros((1, LENGTH), np.bool_))
    held.possible[0, 70 : 100 - days] = 0

    found = measured(held, WindowKind.TRIGGER, requested=101, index=105)

    assert found.status[0] == status


def test_a_window_whose_last_day_has_no_register_is_still_running() -> None:
    held = counts(np.zeros((1, LENGTH), np.bool_), recorded=130)

    found = measured(held, WindowKind.FOLLOW_UP_1, requested=101, index=105)

    assert found.status[0] == WindowStatus.RUNNING


def test_without_a_delivery_the_windows_after_it_have_not_begun() -> None:
    held = counts(np.zeros((1, LENGTH), np.bool_))

    found = measured(held, WindowKind.FOLLOW_UP_1, requested=101, index=0)

    assert (found.status[0], found.start_day[0]) == (WindowStatus.RUNNING, 0)


def test_a_leaver_is_insufficient_and_never_an_improvement() -> None:
    gone = np.zeros((1, LENGTH), np.bool_)
    gone[0, 125:] = True
    held = counts(np.zeros((1, LENGTH), np.bool_), closed=gone)

    found = measured(held, WindowKind.FOLLOW_UP_1, requested=101, index=105, left=125)

    assert (found.status[0], bool(found.truncated[0])) == (WindowStatus.INSUFFICIENT, True)


def test_a_history_that_begins_too_late_is_insufficient() -> None:
    held = counts(np.zeros((1, LENGTH), np.bool_))

    found = measured(held, WindowKind.BASELINE, requested=41, index=45)

    assert (found.possible[0], found.status[0]) == (20, WindowStatus.INSUFFICIENT)


def test_windows_of_many_children_are_those_of_each_alone() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    absent, closed = rng.random((40, LENGTH)) < 0.2, rng.random((40, LENGTH)) < 0.1
    together = counts(absent, closed=closed)

    found = measured(together, WindowKind.FOLLOW_UP_1, requested=101, index=105)
    alone = [
        measured(counts(absent[[row]], closed=closed[[row]]), found.kind, requested=101, index=105)
        for row in range(40)
    ]

    for name in ("start_day", "end_day", "possible", "absent", "status"):
        assert getattr(found, name).tolist() == [getattr(each, name)[0] for each in alone]
