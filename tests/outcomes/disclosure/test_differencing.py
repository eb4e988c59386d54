from __future__ import annotations

import pytest

from services.outcomes.disclosure.differencing import Group, differences


def group(*spans: tuple[int, int], where: str = "x") -> Group:
    return Group(where, frozenset(n for first, end in spans for n in range(first, end)))


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        pytest.param(group((0, 41)), True, id="one child more"),
        pytest.param(group((0, 39)), True, id="one child less"),
        pytest.param(group((1, 41)), True, id="one child another"),
        pytest.param(group((0, 49)), True, id="nine more"),
        pytest.param(group((0, 40)), False, id="the same children"),
        pytest.param(group((0, 50)), False, id="ten more"),
        pytest.param(group((100, 140)), False, id="nobody shared"),
    ],
)
def test_a_group_that_differs_by_one_to_nine_children_is_refused(
    asked: Group, *, refused: bool
) -> None:
    found = differences([asked], [group((0, 40), where="earlier")], fewest=10)

    assert bool(found) is refused
