"""Counters that ride in one word agree with counting one by one, and rates with the DfE's rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from services.outcomes.measures.counts import Counter, counts_of_columns, counts_of_rows
from services.outcomes.measures.rates import Attendance, persistent, severe
from services.outcomes.reference.codes import BY_INDEX, WITHDRAWN, CodeClass

ATTENDING = {CodeClass.PRESENT, CodeClass.APPROVED}
indexes = st.sampled_from([0, WITHDRAWN, *BY_INDEX])
blocks = st.integers(1, 6).flatmap(
    lambda rows: arrays.arrays(np.uint8, (rows, 14), elements=indexes)
)


def one_by_one(codes: list[int]) -> list[int]:
    known = [BY_INDEX[index] for index in codes if index in BY_INDEX]
    classes = [code.code_class for code in known]
    names = [code.code for code in known]
    counted = {
        Counter.POSSIBLE: sum(one is not CodeClass.NOT_POSSIBLE for one in classes),
        Counter.ATTENDED: sum(one in ATTENDING for one in classes),
        Counter.AUTHORISED: classes.count(CodeClass.AUTHORISED),
        Counter.UNAUTHORISED: classes.count(CodeClass.UNAUTHORISED),
        Counter.ILLNESS: names.count("I"),
        Counter.LATE: names.count("L") + names.count("U"),
        Counter.PROVISIONAL: names.count("N"),
        Counter.NOT_POSSIBLE: classes.count(CodeClass.NOT_POSSIBLE),
    }
    return [counted[counter] for counter in Counter]


@given(blocks)
def test_a_row_is_counted_as_one_by_one(block: Any) -> None:
    assert counts_of_rows(block).tolist() == [one_by_one(row) for row in block.tolist()]


@given(blocks)
def test_a_column_is_counted_as_one_by_one(block: Any) -> None:
    assert counts_of_columns(block).tolist() == [one_by_one(row) for row in block.T.tolist()]


def counters(possible: int, authorised: int, unauthorised: int) -> Any:
    found = np.zeros(8, np.int64)
    found[[Counter.POSSIBLE, Counter.AUTHORISED, Counter.UNAUTHORISED]] = (
        possible,
        authorised,
        unauthorised,
    )
    return found


@pytest.mark.parametrize(
    ("possible", "authorised", "unauthorised", "is_persistent", "is_severe"),
    [
        pytest.param(100, 9, 0, False, False, id="just under a tenth"),
        pytest.param(100, 5, 5, True, False, id="a tenth of both kinds"),
        pytest.param(390, 39, 0, True, False, id="a tenth that floats miss"),
        pytest.param(99, 49, 0, True, False, id="just under half"),
        pytest.param(100, 0, 50, True, True, id="half"),
        pytest.param(0, 0, 0, False, False, id="nothing was possible"),
        pytest.param(1, 1, 0, True, True, id="one session"),
    ],
)
def test_thresholds_are_compared_in_whole_numbers(
    possible: int, authorised: int, unauthorised: int, *, is_persistent: bool, is_severe: bool
) -> None:
    given_counters = counters(possible, authorised, unauthorised)

    assert bool(persistent(given_counters)) is is_persistent
    assert bool(severe(given_counters)) is is_severe


def test_severe_absence_is_also_persistent() -> None:
    every = np.array(
        [counters(possible, absent, 0) for possible in range(30) for absent in range(possible + 1)]
    )

    assert not (severe(every) & ~persistent(every)).any()


def test_a_rate_of_no_possible_session_is_absent() -> None:
    assert Attendance().percent(0) is None
    assert Attendance(possible=8, attended=7).percent(7) == 87.5
