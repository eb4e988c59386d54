"""Cohorts over stored facts: named by rule, frozen with their version, moved with a reason."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import child_events_service_pb2 as events_pb
from localresponse.outcomes.v1 import cohorts_service_pb2 as pb
from localresponse.outcomes.v1 import cohorts_types_pb2 as types
from localresponse.outcomes.v1 import comparison_pools_service_pb2 as pools_pb
from localresponse.outcomes.v1 import outcomes_events_pb2 as outcomes_pb
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb

from services.chassis.auth import Principal
from services.chassis.errors import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
)
from services.outcomes.access import ACTIONS
from tests.outcomes.authority import (
    MANAGER,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    STRANGER,
    URN,
    Authority,
    on,
    rid,
)
from tests.outcomes.cohorts import house
from tests.outcomes.cohorts.house import (
    EVALUATOR,
    FINANCE,
    FRIDAY,
    LIAISON,
    all_of,
    condition,
    missed,
    opposite,
)

EVERYBODY = condition(school=types.SchoolCondition(urns=[URN, OTHER_URN]))
PRIMARY = condition(phase=types.PhaseCondition(phases=[schools_pb.PHASE_PRIMARY]))
YEAR_8 = condition(year_group=types.YearGroupCondition(years=[8]))
SUSPENDED = condition(
    event=types.EventCondition(kinds=[events_pb.CHILD_EVENT_KIND_SUSPENSION], within_days=30)
)
MEALS = condition(
    characteristic=types.CharacteristicCondition(name="free_school_meals", values=["y"])
)
FUNDED = condition(funded=types.FundedCondition(categories=["travel"]))
FIRST_WEEK = types.CohortDates(first_date=on(MONDAY), last_date=on(date(2024, 9, 13)))

NAMED = [
    (EVERYBODY, 14, 0, "schools"),
    (condition(school=types.SchoolCondition(clusters=["North"])), 4, 0, "cluster"),
    (PRIMARY, 10, 0, "phase"),
    (YEAR_8, 12, 2, "a year, where the age is known"),
    (missed(10), 5, 6, "persistent in nine school days"),
    (missed(50, year_to_date=True), 2, 6, "severe this year"),
    (missed(0, below_percent=10), 3, 6, "less than persistent"),
    (missed(10, dates=FIRST_WEEK), 5, 6, "between two days"),
    (missed(10, minimum_possible_sessions=20), 0, 14, "too few sessions to say"),
    (FUNDED, 2, 0, "funded"),
    (opposite(FUNDED), 12, 0, "not funded"),
    (MEALS, 1, 12, "a characteristic"),
    (opposite(MEALS), 1, 12, "known not to be, and not merely unknown"),
    (SUSPENDED, 1, 0, "an event"),
    (all_of(PRIMARY, missed(10), opposite(FUNDED)), 4, 1, "all together"),
]


async def loaded(authority: Authority) -> list[str]:
    children = await house.known(authority)
    await house.fund(authority, children[6], children[8])
    await house.meals(authority, children[0])
    await house.meals(authority, children[1], "N")
    await house.suspend(authority, children[3])
    return children


async def test_a_rule_names_whom_the_facts_say(authority: Authority) -> None:
    await loaded(authority)
    wrong = []
    for rule, named, unknown, what in NAMED:
        found = await house.preview(authority, rule)
        counts = (found.named.children, found.unknown.children)
        if counts != (named, unknown):
            wrong.append((what, counts, (named, unknown)))

    assert wrong == []


async def test_membership_is_frozen_with_the_version_and_the_baseline(
    authority: Authority,
) -> None:
    children = await loaded(authority)
    cohort = await house.made(authority, missed(50))

    done = await house.frozen(authority, cohort.id)
    found = await house.members(authority, cohort.id)

    assert {one.child_id for one in found} == set(children[6:8])
    assert (done.state, done.size.children) == (types.COHORT_STATE_FROZEN, 2)
    assert (done.freeze.rule_version, done.freeze.unknown.children) == (1, 6)
    trigger = {each.kind: each for each in found[0].baseline}[outcomes_pb.WINDOW_KIND_TRIGGER]
    assert (trigger.possible_sessions, trigger.absent_sessions) == (18, 12)
    assert not trigger.measured


async def test_marks_that_come_later_move_neither_members_nor_baselines(
    authority: Authority,
) -> None:
    await loaded(authority)
    cohort = await house.made(authority, missed(50))
    await house.frozen(authority, cohort.id)
    before = await house.members(authority, cohort.id)
    authority.clock.advance(hours=1)

    present = [(upn, day, half, "/") for upn, day, half, _ in house.marks()]
    await authority.load(present)

    assert await house.members(authority, cohort.id) == before


async def test_a_later_freeze_writes_who_came_and_went(authority: Authority) -> None:
    children = await loaded(authority)
    cohort = await house.made(authority, missed(10))
    await house.frozen(authority, cohort.id)
    then = Timestamp()
    then.FromDatetime(authority.clock.now())
    authority.clock.advance(hours=1)
    await house.moved(authority, cohort.id, children[9], joining=True)
    await house.moved(authority, cohort.id, children[3], joining=False)
    narrower = await house.versioned(authority, cohort, missed(50))

    done = await house.frozen(authority, cohort.id)
    now = {one.child_id: one for one in await house.members(authority, cohort.id)}
    was = await house.members(authority, cohort.id, as_of_time=then)

    assert narrower.rule.version == done.freeze.rule_version == 2
    assert set(now) == {children[6], children[7], children[9]}
    assert now[children[9]].cause == types.COHORT_CAUSE_PERSON
    assert {one.child_id for one in was} == set(children[3:8])


async def test_everybodys_way_in_and_out_is_kept_with_its_reason(council: Authority) -> None:
    children = await loaded(council)
    cohort = await house.made(council, missed(50))
    await house.frozen(council, cohort.id)
    await house.moved(council, cohort.id, children[6], joining=False)
    await house.moved(council, cohort.id, children[6], joining=True)
    request = pb.ListCohortChangesRequest(cohort_id=cohort.id, child_id=children[6])

    found = await council.call(MANAGER, council.cohorts.ListCohortChanges, request)

    assert [(one.joined, one.reason) for one in found.changes] == [
        (True, "rule version 1 holds on 2024-09-20"),
        (False, "the panel decided"),
        (True, "the panel decided"),
    ]
    assert [len(one.baseline) for one in found.changes] == [2, 0, 2]


async def test_children_may_be_picked_by_people_alone(council: Authority) -> None:
    children = await loaded(council)
    cohort = await house.made(council, None)
    await house.frozen(council, cohort.id)

    await house.moved(council, cohort.id, children[2], joining=True)

    assert [one.child_id for one in await house.members(council, cohort.id)] == [children[2]]


async def test_what_cannot_be_done_to_a_cohort_is_refused(council: Authority) -> None:
    children = await loaded(council)
    cohort = await house.made(council, missed(50))

    with pytest.raises(FailedPrecondition, match="freeze it first"):
        await house.moved(council, cohort.id, children[0], joining=True)
    with pytest.raises(InvalidArgument, match="has not come yet"):
        await house.frozen(council, cohort.id, date(2026, 11, 3))
    with pytest.raises(NotFound, match="no cohort"):
        await house.frozen(council, rid())
    with pytest.raises(NotFound, match="no cohort"):
        await house.frozen(council, cohort.id, rule_version=2)
    await house.frozen(council, cohort.id)
    with pytest.raises(FailedPrecondition, match="before that day"):
        await house.frozen(council, cohort.id, MONDAY)
    with pytest.raises(FailedPrecondition, match="in the cohort already"):
        await house.moved(council, cohort.id, children[6], joining=True)
    with pytest.raises(NotFound, match="no child"):
        await house.moved(council, cohort.id, rid(), joining=True)
    await house.versioned(council, cohort, missed(10))
    with pytest.raises(Aborted, match="newest version is 2, not 1"):
        await house.versioned(council, cohort, missed(10))


async def test_numbers_are_told_to_those_alone_who_may_see_the_children(
    council: Authority,
) -> None:
    await loaded(council)
    cohort = await house.made(council, missed(50))
    await house.frozen(council, cohort.id)

    few = await house.preview(council, missed(50), FINANCE)
    many = await house.preview(council, EVERYBODY, FINANCE)
    mine = await house.preview(council, EVERYBODY, LIAISON)
    request = pb.GetCohortRequest(cohort_id=cohort.id)
    seen = await council.call(EVALUATOR, council.cohorts.GetCohort, request)

    assert not few.named.HasField("children")
    assert (many.named.children, many.named.exact) == (15, False)
    assert (mine.named.children, mine.named.exact) == (4, True)
    assert not seen.size.HasField("children")


@pytest.mark.parametrize("who", [EVALUATOR, FINANCE, PRACTITIONER], ids=lambda who: who.role)
def test_an_evaluator_has_no_action_that_shows_members(who: Principal) -> None:
    assert who.role not in ACTIONS["cohort.members"]


async def test_a_liaison_officer_sees_members_of_its_own_cluster(authority: Authority) -> None:
    children = await loaded(authority)
    cohort = await house.made(authority, EVERYBODY)
    await house.frozen(authority, cohort.id)

    found = await house.members(authority, cohort.id, LIAISON)

    assert {one.child_id for one in found} == set(children[10:])


async def test_another_authority_knows_nothing_of_a_cohort(council: Authority) -> None:
    await loaded(council)
    cohort = await house.made(council, EVERYBODY)

    with pytest.raises(NotFound):
        await house.members(council, cohort.id, STRANGER)
    request = pb.CreateCohortRequest(request_id=rid(), name="x", draft=house.draft(None))
    with pytest.raises(PermissionDenied):
        await council.call(PRACTITIONER, council.cohorts.CreateCohort, request)


async def test_members_are_read_in_pages(council: Authority) -> None:
    await loaded(council)
    cohort = await house.made(council, EVERYBODY)
    await house.frozen(council, cohort.id)
    token, found = "", list[Any]()
    while True:
        request = pb.ListCohortMembersRequest(cohort_id=cohort.id, page_size=5, page_token=token)
        page = await council.call(MANAGER, council.cohorts.ListCohortMembers, request)
        found += page.members
        if not (token := page.next_page_token):
            break

    assert len({one.child_id for one in found}) == 14


async def test_a_definition_says_what_a_cohort_is_and_names_nobody(council: Authority) -> None:
    children = await loaded(council)
    cohort = await house.made(council, all_of(PRIMARY, missed(10)))
    await house.frozen(council, cohort.id)
    request = pb.ExportCohortRequest(cohort_id=cohort.id)

    found = await council.call(EVALUATOR, council.cohorts.ExportCohort, request)
    held = json.loads(found.json)

    assert held["rules"][0]["rule"]["all"][0] == {"phase": {"phases": ["primary"]}}
    assert held["rules"][0]["sha256"] == cohort.rule.sha256
    assert (held["freezes"][0]["on"], held["name"]) == ("2024-09-20", "Autumn")
    assert not any(child in found.json for child in children)


async def test_a_pool_is_drawn_again_to_the_last_child(authority: Authority) -> None:
    children = await loaded(authority)
    cohort = await house.made(authority, missed(50))
    await house.frozen(authority, cohort.id)
    authority.clock.advance(hours=1)

    pool = await house.pooled(authority, cohort.id, EVERYBODY)
    authority.clock.advance(hours=1)
    await house.fund(authority, children[0])
    again = pools_pb.RedrawComparisonPoolRequest(cohort_id=cohort.id, pool_id=pool.id)
    same = await authority.call(MANAGER, authority.pools.RedrawComparisonPool, again)
    listing = pools_pb.ListPoolChildrenRequest(cohort_id=cohort.id, pool_id=pool.id)
    found = await authority.call(MANAGER, authority.pools.ListPoolChildren, listing)

    assert (pool.candidates.children, pool.drawn.children) == (11, 3)
    assert (same.same, same.same_candidates, same.in_both.children) == (True, True, 3)
    assert not set(found.child_ids) & {children[6], children[7], children[8]}


async def test_a_pool_needs_a_rule_and_a_frozen_cohort(council: Authority) -> None:
    await loaded(council)
    cohort = await house.made(council, missed(50))

    with pytest.raises(FailedPrecondition, match="freeze it first"):
        await house.pooled(council, cohort.id, EVERYBODY)
    with pytest.raises(NotFound, match="no cohort"):
        await house.pooled(council, rid(), EVERYBODY)
    request = pools_pb.RedrawComparisonPoolRequest(cohort_id=cohort.id, pool_id=rid())
    with pytest.raises(NotFound, match="no comparison pool"):
        await council.call(MANAGER, council.pools.RedrawComparisonPool, request)


async def test_an_evaluation_of_a_stored_rule_writes_nothing(council: Authority) -> None:
    await loaded(council)
    cohort = await house.made(council, missed(50))
    request = pb.EvaluateCohortRequest(cohort_id=cohort.id, on_date=on(FRIDAY))

    found = await council.call(MANAGER, council.cohorts.EvaluateCohort, request)
    listed = await council.call(MANAGER, council.cohorts.ListCohorts, pb.ListCohortsRequest())

    assert found.named.children == 2
    assert [one.state for one in listed.cohorts] == [types.COHORT_STATE_DRAFT]


async def test_a_built_in_measure_is_summed_over_a_cohort_and_over_everybody(
    council: Authority,
) -> None:
    children = await loaded(council)
    cohort = await house.made(council, missed(10))
    await house.frozen(council, cohort.id)

    rate = await house.summed(council, "absence_rate")
    mine = await house.summed(council, "absence_rate", cohort_id=cohort.id)
    spells = await house.summed(council, "suspension_spells")

    assert (rate.children, rate.measured, rate.insufficient) == (len(children), 8, 6)
    assert not rate.HasField("figure"), "eight children are too few for a figure"
    assert (mine.children, mine.measured) == (5, 5)
    assert (spells.measured, spells.figure) == (14, 1)
