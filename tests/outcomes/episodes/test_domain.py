from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.outcomes.episodes.domain.calendar import SchoolDays
from services.outcomes.episodes.domain.episode import Episode, EpisodeState, episodes_of
from services.outcomes.episodes.domain.purchase import Fact, SourceCost, purchase_of
from tests.outcomes.episodes.facts import (
    CALENDAR,
    COUNCIL,
    MONDAY,
    TRUST,
    bought,
    make_fact,
    noon,
    weekdays,
)


def episodes(facts: list[Fact], child_id: str = "ann") -> list[Episode]:
    by_purchase: dict[str, list[Fact]] = {}
    for fact in facts:
        by_purchase.setdefault(fact.purchase_id, []).append(fact)
    return episodes_of(child_id, [purchase_of(each) for each in by_purchase.values()], CALENDAR)


def school_day(number: int) -> date:
    return date.fromordinal(weekdays(MONDAY, number + 1)[number])


def test_an_approved_purchase_is_an_episode_that_awaits_delivery() -> None:
    (episode,) = episodes([make_fact(sequence=2, approved_at=noon(MONDAY))])

    assert episode.state is EpisodeState.AWAITING_DELIVERY
    assert (episode.intent_on, episode.index_on) == (MONDAY, None)


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(make_fact(), id="submitted"),
        pytest.param(make_fact(given_up=True), id="declined"),
        pytest.param(make_fact(given_up=True, approved_at=noon(MONDAY)), id="cancelled"),
    ],
)
def test_what_was_not_approved_or_never_came_is_no_support(fact: Fact) -> None:
    assert episodes([fact]) == []


def test_the_index_date_is_the_first_delivery() -> None:
    facts = [*bought("p1", school_day(3)), *bought("p2", school_day(1))]

    (episode,) = episodes(facts)

    assert episode.index_on == school_day(1)


@pytest.mark.parametrize(
    ("days", "count"),
    [
        pytest.param(30, 1, id="thirty school days apart are one"),
        pytest.param(31, 2, id="thirty-one are two"),
    ],
)
def test_deliveries_within_thirty_school_days_are_one_episode(days: int, count: int) -> None:
    facts = [*bought("p1", school_day(0)), *bought("p2", school_day(days))]

    assert len(episodes(facts)) == count


def test_a_day_that_starts_in_london_before_utc_counts_there() -> None:
    late = noon(date(2026, 6, 30)).replace(hour=23, minute=30)

    (episode,) = episodes([make_fact(submitted_at=late, approved_at=late)])

    assert episode.requested_on == date(2026, 7, 1)


def test_a_refund_after_delivery_leaves_the_episode_and_lowers_its_cost() -> None:
    facts = bought("p1", MONDAY)

    (episode,) = episodes([*facts, replace(facts[-1], sequence=5, costs=())])

    assert (episode.state, episode.cost_minor) == (EpisodeState.OPEN, 0)


def test_a_group_purchase_is_shared_to_the_penny_by_places() -> None:
    children = ("ann", "ben", "cat")
    costs = (SourceCost(COUNCIL, "council", 1_000), SourceCost(TRUST, "philanthropic", 501))
    last = replace(bought("p1", MONDAY, child_ids=children)[-1], costs=costs)

    shared = [episodes([last], child)[0] for child in children]

    assert sum(each.cost_minor for each in shared) == 1_501
    assert sum(c.cost_minor for e in shared for c in e.costs() if c.source_id == TRUST) == 501


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """Return some purchases of three children, some of them refunded or shared."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(1, 5))):
        children = draw(st.lists(st.sampled_from(["ann", "ben", "cat"]), min_size=1, max_size=4))
        day = school_day(draw(st.integers(0, 120)))
        pence = draw(st.integers(0, 99_999))
        story = bought(f"p{number}", day, child_ids=tuple(children), pence=pence)
        if draw(st.booleans()):
            story.append(replace(story[-1], sequence=5, costs=()))
        facts += story
    return facts


@settings(max_examples=1_000, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(facts: list[Fact], random: object) -> None:
    expected = {child: episodes(facts, child) for child in ("ann", "ben", "cat")}
    shuffled = [*facts, *facts[::2]]

    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert {child: episodes(shuffled, child) for child in ("ann", "ben", "cat")} == expected


@settings(max_examples=200, deadline=None)
@given(stories())
def test_every_penny_of_a_purchase_is_in_exactly_one_episode(facts: list[Fact]) -> None:
    newest = {fact.purchase_id: fact for fact in sorted(facts, key=lambda f: f.sequence)}
    paid = sum(cost.cost_minor for fact in newest.values() for cost in fact.costs)

    held = [
        part for child in ("ann", "ben", "cat") for e in episodes(facts, child) for part in e.parts
    ]

    assert sum(part.cost_minor for part in held) == paid


def test_outside_its_calendar_weekdays_count_less_bank_holidays() -> None:
    friday, tuesday = date(2026, 4, 3), date(2026, 4, 7)
    easter_monday = date(2026, 4, 6).toordinal()

    assert SchoolDays((), {easter_monday}).between(friday, tuesday) == 1
    assert SchoolDays(()).between(friday, tuesday) == 2
    assert SchoolDays(weekdays(MONDAY, 5)).between(friday - timedelta(days=7), tuesday) == 7
