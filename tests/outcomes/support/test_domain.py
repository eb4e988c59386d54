"""Unfunded support: what is refused, what counts once, and what it takes of a child's gain."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fund.domain.category import DEFAULT_CATEGORIES
from services.outcomes.analysis.method.attribution import WHOLE, Attribution, Bought, shares_of
from services.outcomes.child_events.domain import Change
from services.outcomes.errors.support import SupportDatesInvalid, SupportOverlaps
from services.outcomes.support.domain import (
    Details,
    Giver,
    Kind,
    Support,
    between,
    check_dates,
    check_overlap,
)

TODAY = date(2025, 11, 3)
A_DAY = timedelta(days=1)


def details(first: int, last: int | None = None, giver: Giver = Giver.SCHOOL) -> Details:
    """Return mentoring from and until so many days after today."""
    end = None if last is None else TODAY + last * A_DAY
    return Details(kind=Kind.MENTORING, giver=giver, first=TODAY + first * A_DAY, last=end)


def support(name: str, given: Details, *, withdrawn: bool = False) -> Support:
    return Support(
        id=name,
        number=1,
        version=1,
        details=given,
        withdrawn=withdrawn,
        change=Change.FIRST,
        recorded_at=datetime(2025, 11, 3, 9, tzinfo=UTC),
        recorded_by="somebody",
    )


def test_the_kinds_are_the_funds_categories() -> None:
    assert [kind.name.lower() for kind in Kind] == list(DEFAULT_CATEGORIES)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param(details(0, -1), "details.last_date", id="ends before it begins"),
        pytest.param(details(-20_000, 0), "details.first_date", id="before any child was born"),
        pytest.param(details(32), "details.first_date", id="too far ahead"),
    ],
)
def test_days_out_of_order_are_refused(given: Details, field: str) -> None:
    check_dates(details(31), TODAY)

    with pytest.raises(SupportDatesInvalid) as refused:
        check_dates(given, TODAY)

    assert refused.value.field == field


def test_the_same_kind_from_the_same_giver_is_one_support_on_a_day() -> None:
    known = support("a", details(0, 10))

    for other in (details(10), details(-5), details(3, 4)):
        with pytest.raises(SupportOverlaps):
            check_overlap(support("b", other), [known])
    for other in (details(11), details(0, 10, Giver.CHARITY)):
        check_overlap(support("b", other), [known])
    check_overlap(support("a", details(2)), [known])
    check_overlap(support("b", details(0)), [support("a", details(0), withdrawn=True)])


def test_support_counts_once_where_it_shares_a_day_with_the_window() -> None:
    held = [
        support("over", details(-9, -1)),
        support("goes on", details(-9, None, Giver.HEALTH)),
        support("twice", details(5, 8)),
        support("again", details(5, 8)),
        support("later", details(21)),
        support("never was", details(5, 8, Giver.CHARITY), withdrawn=True),
    ]

    first = TODAY.toordinal()

    assert [each.id for each in between(held, first, first + 20)] == ["goes on", "again"]
    assert between(held, first, 0) == (), "a window that has not begun holds nothing"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        pytest.param(Attribution.EQUAL, {"a": 333_334, "b": 333_333, "s": 333_333}, id="equal"),
        pytest.param(
            Attribution.COST_WEIGHTED, {"a": 500_000, "b": 166_667, "s": 333_333}, id="by cost"
        ),
        pytest.param(Attribution.LAST, {"a": 0, "b": 0, "s": WHOLE}, id="it began last"),
    ],
)
def test_money_is_credited_with_its_own_part_alone(
    mode: Attribution, expected: dict[str, int]
) -> None:
    parts = [Bought("a", 300, TODAY), Bought("b", 100, TODAY), Bought("c", 900, None)]
    parts.append(Bought("s", 0, TODAY + A_DAY, funded=False))

    assert shares_of(parts, mode) == {**expected, "c": 0}


@given(
    costs=st.lists(st.integers(0, 10**7), max_size=12),
    others=st.integers(1, 5),
    mode=st.sampled_from(Attribution),
)
def test_shares_sum_to_one_beside_other_support(
    costs: list[int], others: int, mode: Attribution
) -> None:
    parts = [Bought(f"p{place}", cost, TODAY) for place, cost in enumerate(costs)]
    parts += [Bought(f"s{place}", 0, TODAY, funded=False) for place in range(others)]

    shares = shares_of(parts, mode)

    assert sum(shares.values()) == WHOLE
    equal = WHOLE // len(parts)
    if mode is not Attribution.LAST:
        assert all(shares[f"s{place}"] - equal in {0, 1} for place in range(others))
