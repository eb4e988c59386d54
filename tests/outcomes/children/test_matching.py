"""Rows that no identifier settles wait for a person: the same child, a new one, or nobody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import matching_service_pb2 as pb
from sqlalchemy import select

from services.chassis.auth import Principal
from services.chassis.errors import PermissionDenied
from services.outcomes.children.domain import Person
from services.outcomes.children.matching.domain import is_candidate, likenesses
from services.outcomes.children.matching.storage import MATCH_CASE
from services.outcomes.errors import AlreadyOnRoll, RowsRefused
from services.outcomes.errors.children import MatchDecided, MatchDecisionInvalid, MatchNotFound
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    STRANGER,
    TENANT,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)

BORN = date(2015, 3, 10)
OFFICER = Principal(TENANT, "officer", "liaison_officer", frozenset({URN, OTHER_URN}))
COLUMNS = ("upn", "urn", "first_date", "forename", "surname", "date_of_birth", "authority_child_id")


def test_names_are_compared_without_case_accents_and_signs() -> None:
    plain = likenesses(Person(forename="Zoe", surname="OBrien Smith", date_of_birth=BORN))
    spelt = likenesses(Person(forename="ZOË", surname="O'Brien-Smith", date_of_birth=BORN))

    assert plain == spelt
    assert set(plain) == {"full_name_and_birth", "surname_and_birth", "forename_and_birth"}
    assert likenesses(Person(forename="Zoe", surname="Smith")) == {}


@pytest.mark.parametrize(
    ("given", "known", "why", "candidate"),
    [
        pytest.param(upn(1), upn(2), "surname_and_birth", False, id="twins with numbers"),
        pytest.param(upn(1), "", "surname_and_birth", True, id="one has no number"),
        pytest.param(upn(1), "A80120000500A", "surname_and_birth", True, id="a temporary one"),
        pytest.param(upn(1), upn(2), "full_name_and_birth", True, id="one name, two numbers"),
    ],
)
def test_who_may_be_the_same_child(given: str, known: str, why: str, *, candidate: bool) -> None:
    assert is_candidate(Person(upn=given), Person(upn=known), {why: None}) is candidate


async def send(council: Authority, *rows: Any, who: Any = ADMINISTRATOR) -> Any:
    request = children_pb.ImportChildrenRequest(request_id=rid(), csv=table(COLUMNS, *rows))
    return await council.call(who, council.children.ImportChildren, request)


def row(serial: int, forename: str, urn: str = URN, la_id: str = "") -> tuple[Any, ...]:
    return (upn(serial) if serial else "", urn, MONDAY, forename, "Canary", BORN, la_id)


async def waiting(council: Authority, who: Any = PRACTITIONER, **fields: Any) -> list[Any]:
    request = pb.ListMatchesRequest(**fields)
    found = await council.call(who, council.served("MatchingService").ListMatches, request)
    return list(found.matches)


async def get(council: Authority, match_id: str, who: Any = PRACTITIONER) -> Any:
    request = pb.GetMatchRequest(match_id=match_id)
    return await council.call(who, council.served("MatchingService").GetMatch, request)


async def resolve(
    council: Authority,
    match_id: str,
    decision: pb.MatchDecision.ValueType,
    child_id: str = "",
    who: Any = OFFICER,
) -> Any:
    request = pb.ResolveMatchRequest(
        request_id=rid(),
        match_id=match_id,
        decision=decision,
        child_id=child_id,
    )
    return await council.call(who, council.served("MatchingService").ResolveMatch, request)


async def child(council: Authority, child_id: str) -> Any:
    request = children_pb.GetChildRequest(child_id=child_id)
    return await council.call(OFFICER, council.children.GetChild, request)


async def test_a_row_like_a_known_child_waits_and_becomes_that_child_when_a_person_says_so(
    authority: Authority,
) -> None:
    known = (await send(authority, row(9, "Ada"))).child_ids[0]
    again = row(10, "ADA", OTHER_URN)

    done = await send(authority, again, row(11, "Bo", OTHER_URN))
    await send(authority, again)

    assert (done.added, done.rows_held) == (1, 1)
    assert done.child_ids[0] == ""
    (case,) = await waiting(authority, OFFICER)
    seen = await get(authority, case.id, OFFICER)
    assert [(one.child_id, one.forename) for one in seen.candidates] == [(known, "Ada")]
    assert seen.candidates[0].why[0] == "forename_and_birth"
    assert (seen.row.forename, seen.row.upn) == ("ADA", upn(10))
    decided = await resolve(authority, case.id, pb.MATCH_DECISION_SAME_CHILD, known)
    assert (decided.decided_by, decided.child_id) == ("officer", known)
    merged = await child(authority, known)
    assert (merged.upn, list(merged.former_upns)) == (upn(10), [upn(9)])
    assert [one.urn for one in merged.enrolments] == [URN, OTHER_URN]
    assert await waiting(authority, OFFICER) == []
    with pytest.raises(MatchDecided):
        await resolve(authority, case.id, pb.MATCH_DECISION_REJECTED)
    sealed = select(MATCH_CASE.c.sealed)
    held = await authority.database.read(lambda held: bytes(held.execute(sealed).scalar_one()))
    assert b"ADA" not in held
    assert authority.vault.keys(TENANT, [case.id]) == {}


async def test_a_row_may_be_a_new_child_or_nobody(council: Authority) -> None:
    known = (await send(council, row(9, "Ada"))).child_ids[0]
    await send(council, row(10, "Ada"), row(0, "Ada", la_id="la-7"))
    rows = [await get(council, case.id) for case in await waiting(council)]
    first, second = sorted(rows, key=lambda case: case.row.upn, reverse=True)

    new = await resolve(council, first.id, pb.MATCH_DECISION_NEW_CHILD)
    await resolve(council, second.id, pb.MATCH_DECISION_REJECTED)

    assert new.child_id not in {known, ""}
    assert (await child(council, new.child_id)).upn == upn(10)
    again = await send(council, row(0, "Ada", la_id="la-7"))
    assert again.rows_held == 1
    assert await waiting(council) == []
    every = await waiting(council, with_decided=True)
    assert {one.id: one.decision for one in every} == {
        first.id: pb.MATCH_DECISION_NEW_CHILD,
        second.id: pb.MATCH_DECISION_REJECTED,
    }


async def test_identifiers_of_two_children_wait_and_are_never_joined(council: Authority) -> None:
    two = (await send(council, row(9, "Ada", la_id="la-1"), row(10, "Bo", la_id="la-2"))).child_ids

    done = await send(council, row(9, "Ada", OTHER_URN, la_id="la-2"))

    assert (done.rows_held, done.enrolments_added) == (1, 0)
    (case,) = await waiting(council, OFFICER)
    assert {one.child_id for one in case.candidates} == set(two)
    await resolve(council, case.id, pb.MATCH_DECISION_SAME_CHILD, two[0])
    assert (await child(council, two[0])).authority_child_id == "la-1"
    assert (await child(council, two[1])).upn == upn(10)


async def test_marks_of_an_unknown_child_wait_and_are_recorded_when_it_is_imported(
    authority: Authority,
) -> None:
    rows = [(upn(1), MONDAY, "AM", "/"), (upn(77), MONDAY, "AM", "L"), (upn(77), MONDAY, "PM", "I")]
    with pytest.raises(RowsRefused):
        await authority.load(rows)

    done = await authority.load(rows, hold_unknown_children=True)
    await authority.load(rows, hold_unknown_children=True)

    assert (done.marks_added, done.rows_held, done.rows_refused) == (1, 2, 0)
    (case,) = await waiting(authority)
    assert (case.kind, case.rows) == (pb.MATCH_KIND_REGISTER, 2)
    await send(authority, (upn(77), URN, MONDAY, "", "", "", ""))
    assert (await authority.week())[-1][:2] == ["L", "I"]
    (case,) = await waiting(authority, with_decided=True)
    assert case.decision == pb.MATCH_DECISION_FOUND_LATER


async def test_marks_that_waited_go_to_the_child_that_a_person_names(council: Authority) -> None:
    await council.load([("X77", MONDAY, "AM", "L")], hold_unknown_children=True)
    request = children_pb.ListChildrenRequest(page_size=1)
    listed = await council.call(OFFICER, council.children.ListChildren, request)
    (case,) = await waiting(council)
    named = await get(council, case.id)
    assert (named.row.upn, named.row.first_date) == ("X77", on(MONDAY))

    with pytest.raises(MatchDecisionInvalid):
        await resolve(council, case.id, pb.MATCH_DECISION_NEW_CHILD)
    await resolve(council, case.id, pb.MATCH_DECISION_SAME_CHILD, listed.children[0].id)

    assert (await council.week())[0][0] == "L"
    assert (await child(council, listed.children[0].id)).upn == upn(1)


async def test_what_cannot_be_applied_waits_on(council: Authority) -> None:
    known = (await send(council, row(9, "Ada"))).child_ids[0]
    later = (upn(10), URN, MONDAY + timedelta(days=1), "Ada", "Canary", BORN, "")
    await send(council, later)
    (case,) = await waiting(council)

    with pytest.raises(AlreadyOnRoll):
        await resolve(council, case.id, pb.MATCH_DECISION_SAME_CHILD, known)
    with pytest.raises(MatchDecisionInvalid):
        await resolve(council, case.id, pb.MATCH_DECISION_SAME_CHILD)

    assert [one.id for one in await waiting(council)] == [case.id]


async def test_only_the_school_of_a_row_sees_and_decides_it(council: Authority) -> None:
    await send(council, row(9, "Ada"))
    await send(council, row(10, "Ada"))
    (case,) = await waiting(council)

    assert await waiting(council, ELSEWHERE) == []
    with pytest.raises(PermissionDenied):
        await get(council, case.id, ELSEWHERE)
    with pytest.raises(PermissionDenied):
        await resolve(council, case.id, pb.MATCH_DECISION_REJECTED, who=ELSEWHERE)
    assert await waiting(council, ADMINISTRATOR) == []
    governance = Principal(STRANGER.tenant, "stranger", "information_governance")
    with pytest.raises(MatchNotFound):
        await get(council, case.id, governance)
    mine = Principal(TENANT, "governance", "information_governance")
    seen = await get(council, case.id, mine)
    assert (seen.row.forename, seen.candidates[0].forename) == ("", "")
