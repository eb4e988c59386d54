from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.outcomes.episodes.domain.shares import share

PLACES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=4), st.integers(1, 30), min_size=1, max_size=12
)


@given(st.integers(0, 10**12), PLACES)
def test_every_penny_is_in_exactly_one_part(amount: int, places: dict[str, int]) -> None:
    parts = share(amount, places)

    assert sum(parts.values()) == amount
    assert parts.keys() == places.keys()


@given(st.integers(0, 10**9), PLACES)
def test_no_part_is_a_penny_or_more_from_its_share(amount: int, places: dict[str, int]) -> None:
    total = sum(places.values())

    parts = share(amount, places)

    assert all(abs(parts[each] * total - amount * count) < total for each, count in places.items())


def test_the_penny_that_is_left_goes_to_the_largest_share() -> None:
    assert share(100, {"ann": 1, "ben": 2}) == {"ann": 33, "ben": 67}
    assert share(101, {"ann": 1, "ben": 1}) == {"ann": 51, "ben": 50}


@pytest.mark.parametrize(
    ("amount", "places"),
    [
        pytest.param(-1, {"ann": 1}, id="an amount below zero"),
        pytest.param(1, {}, id="nobody"),
        pytest.param(1, {"ann": 0}, id="no place"),
    ],
)
def test_what_cannot_be_shared_is_refused(amount: int, places: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="is shared among"):
        share(amount, places)
