"""The grammar of rules: judged in three values, written and read back, refused by field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from localresponse.outcomes.v1 import cohorts_types_pb2 as pb

from services.outcomes.cohorts.counting import told
from services.outcomes.cohorts.domain.judging import Verdict, judged
from services.outcomes.cohorts.domain.membership import Cause, Change, drawn, members, moves
from services.outcomes.cohorts.domain.rule import (
    Absent,
    AllOf,
    AnyOf,
    AtSchool,
    Funded,
    Happened,
    InPhase,
    InYear,
    Known,
    Leaf,
    Not,
    Rule,
    Span,
    leaves,
    read,
    sha256_of,
    text_of,
)
from services.outcomes.cohorts.rules import rule_in, rule_out
from services.outcomes.errors.cohorts import CohortRuleInvalid
from tests.outcomes.authority import on

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
YES, NO, UNKNOWN = InYear((7,)), InYear((8,)), InYear((9,))
SPAN = Span(first=date(2025, 9, 1), last=date(2025, 10, 24))


class ThreeValues:
    """One child of whom three things are known, not so, and not known."""

    def __len__(self) -> int:
        return 1

    def judge(self, leaf: Leaf) -> Verdict:
        known = np.array([leaf != UNKNOWN])
        return Verdict.where_known(np.array([leaf == YES]), known)


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        pytest.param(AllOf((YES, YES)), "yes", id="all of yes"),
        pytest.param(AllOf((YES, NO)), "no", id="all with a no"),
        pytest.param(AllOf((YES, UNKNOWN)), "unknown", id="all with a gap"),
        pytest.param(AllOf((NO, UNKNOWN)), "no", id="a no settles all"),
        pytest.param(AnyOf((NO, YES)), "yes", id="any with a yes"),
        pytest.param(AnyOf((NO, NO)), "no", id="any of no"),
        pytest.param(AnyOf((UNKNOWN, YES)), "yes", id="a yes settles any"),
        pytest.param(AnyOf((UNKNOWN, NO)), "unknown", id="any with a gap"),
        pytest.param(Not(YES), "no", id="not yes"),
        pytest.param(Not(UNKNOWN), "unknown", id="a gap is no opposite"),
        pytest.param(None, "no", id="no rule names nobody"),
    ],
)
def test_a_gap_in_the_facts_draws_nobody_in(rule: Rule | None, value: str) -> None:
    verdict = judged(rule, ThreeValues())
    said = "yes" if verdict.yes[0] else "no" if verdict.no[0] else "unknown"

    assert said == value
    assert bool(verdict.unknown[0]) is (value == "unknown")


LEAVES: st.SearchStrategy[Rule] = st.sampled_from(
    [
        AtSchool(("100001",), ("North",)),
        InPhase(("primary", "special")),
        InYear((0, 7)),
        Absent(span=Span(school_days=30), from_percent=10),
        Absent(span=Span(year_to_date=True), from_percent=0, below_percent=10, minimum_possible=5),
        Absent(span=SPAN, from_percent=50),
        Funded(categories=("travel",), first=SPAN.first, last=SPAN.last),
        Funded(),
        Known("free_school_meals", ("Y",)),
        Happened(kinds=("social_worker",)),
        Happened(kinds=("permanent_exclusion", "suspension"), within_days=90, at_least=2),
    ]
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(RULES)
def test_a_rule_is_data_that_reads_back(rule: Rule) -> None:
    assert read(text_of(rule)) == rule
    if _depth(rule) <= 6:
        assert rule_in(rule_out(rule), field="rule") == rule
    assert len(sha256_of(rule)) == 64
    assert leaves(rule)


def _depth(rule: Rule) -> int:
    match rule:
        case AllOf(parts) | AnyOf(parts):
            return 1 + max(_depth(each) for each in parts)
        case Not(part):
            return 1 + _depth(part)
        case _:
            return 1


def condition(**fields: Any) -> pb.CohortCondition:
    return pb.CohortCondition(**fields)


def nested(depth: int) -> pb.CohortCondition:
    inner = condition(year_group=pb.YearGroupCondition(years=[7]))
    for _ in range(depth):
        outer = pb.CohortCondition()
        getattr(outer, "not").CopyFrom(inner)
        inner = outer
    return inner


def absence(**fields: Any) -> pb.CohortCondition:
    return condition(absence=pb.AbsenceCondition(**{"school_days": 30, **fields}))


BACKWARDS = pb.CohortDates(first_date=on(date(2025, 9, 2)), last_date=on(date(2025, 9, 1)))


@pytest.mark.parametrize(
    ("message", "field"),
    [
        pytest.param(condition(), "rule", id="says nothing"),
        pytest.param(nested(7), "rule" + ".not" * 6, id="too deep"),
        pytest.param(condition(school=pb.SchoolCondition()), "rule.school", id="no school"),
        pytest.param(absence(), "rule.absence", id="every child"),
        pytest.param(
            absence(from_percent=10, below_percent=10),
            "rule.absence.below_percent",
            id="empty band",
        ),
        pytest.param(
            condition(absence=pb.AbsenceCondition(from_percent=10, dates=BACKWARDS)),
            "rule.absence.dates.last_date",
            id="backwards",
        ),
        pytest.param(
            condition(characteristic=pb.CharacteristicCondition(name="ethnic_group", values=["X"])),
            "rule.characteristic.name",
            id="what is sealed is in no rule",
        ),
        pytest.param(
            condition(characteristic=pb.CharacteristicCondition(name="sex", values=["F", "Q"])),
            "rule.characteristic.values[1]",
            id="no such code",
        ),
    ],
)
def test_what_is_not_of_the_grammar_is_refused_where_it_stands(
    message: pb.CohortCondition, field: str
) -> None:
    with pytest.raises(CohortRuleInvalid) as refused:
        rule_in(message, field="rule")

    assert refused.value.field == field


def test_a_rule_of_too_many_conditions_is_refused() -> None:
    year = condition(year_group=pb.YearGroupCondition(years=[7]))
    group = condition(any=pb.CohortConditions(conditions=[year] * 30))

    with pytest.raises(CohortRuleInvalid, match="at most 60 conditions, not 63"):
        rule_in(condition(all=pb.CohortConditions(conditions=[group, group])), field="rule")


def change(number: int, child: str, *, joined: bool, cause: Cause = Cause.RULE) -> Change:
    return Change(
        number=number,
        child_id=child,
        joined=joined,
        on=SPAN.last or date.min,
        cause=cause,
        reason="",
        rule_version=1,
        baseline="",
        recorded_at=NOON,
        recorded_by="somebody",
    )


def test_a_freeze_leaves_alone_what_a_person_decided() -> None:
    changes = [
        change(1, "stays", joined=True),
        change(2, "goes", joined=True),
        change(3, "put in", joined=True, cause=Cause.PERSON),
        change(4, "taken out", joined=True),
        change(5, "taken out", joined=False, cause=Cause.PERSON),
        change(6, "came back", joined=True),
        change(7, "came back", joined=False),
    ]
    known = {each.child_id: each for each in changes}

    moved = moves(known, {"stays", "taken out", "came back", "new"})

    assert (moved.joining, moved.leaving) == (("came back", "new"), ("goes",))
    assert set(members(changes)) == {"stays", "goes", "put in"}


def test_the_same_seed_draws_the_same_children_to_the_last() -> None:
    numbers = list(range(1, 500))

    first = drawn(numbers, 40, seed=7)

    assert first == drawn(reversed_(numbers), 40, seed=7)
    assert (len(set(first)), first) == (40, sorted(first))
    assert first != drawn(numbers, 40, seed=8)
    assert drawn([3, 1, 2], 9, seed=1) == [1, 2, 3]


def reversed_(numbers: list[int]) -> list[int]:
    return numbers[::-1]


@pytest.mark.parametrize(
    ("children", "exact", "shown"),
    [(3, True, 3), (9, False, None), (10, False, 10), (12, False, 10), (13, False, 15)],
)
def test_fewer_than_ten_are_told_to_nobody_who_may_not_see_them(
    children: int, *, exact: bool, shown: int | None
) -> None:
    assert told(children, exact=exact).children == shown
