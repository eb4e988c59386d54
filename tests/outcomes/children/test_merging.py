"""Two children found to be one are read as one, and parted again exactly."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import matching_service_pb2 as pb
from sqlalchemy import select

from services.chassis.auth import Principal
from services.chassis.errors import PermissionDenied
from services.outcomes.children.domain import Enrolment
from services.outcomes.children.merging.rolls import joined, of_plain, parted, plain
from services.outcomes.errors import ChildNotFound
from services.outcomes.errors.children import MergeInvalid, MergeNotFound, MergeNotLast
from services.outcomes.feeds import facts
from services.outcomes.feeds.facts import Fact
from services.outcomes.storage.metadata import metadata
from services.outcomes.verification.comparing import differences
from tests.outcomes.authority import (
    ADMINISTRATOR,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    TENANT,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)
from tests.outcomes.children.test_rolls import at

TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
OFFICER = Principal(TENANT, "officer", "liaison_officer", frozenset({URN, OTHER_URN}))
SEPTEMBER, EASTER = date(2024, 9, 1), date(2025, 4, 1)


def test_times_on_one_roll_are_joined_and_parted_again() -> None:
    own = (Enrolment(urn=URN, first=SEPTEMBER, last=EASTER),)
    theirs = (
        Enrolment(urn=URN, first=MONDAY, last=None),
        Enrolment(urn=OTHER_URN, first=SEPTEMBER, last=MONDAY),
    )

    joint = joined(own, theirs)

    assert [(one.urn, one.first, one.last) for one in joint] == [
        (URN, SEPTEMBER, None),
        (OTHER_URN, SEPTEMBER, MONDAY),
    ]
    assert parted(joint, joint=joint, own=own, theirs=theirs) == (own, theirs)
    assert of_plain(plain(joint)) == joint


def test_what_was_said_since_goes_to_whose_it_was() -> None:
    own = (Enrolment(urn=URN, first=SEPTEMBER),)
    theirs = (Enrolment(urn=OTHER_URN, first=SEPTEMBER),)
    joint = joined(own, theirs)
    left = Enrolment(urn=OTHER_URN, first=SEPTEMBER, last=EASTER)
    new = Enrolment(urn="100003", first=EASTER)

    assert parted([joint[0], left, new], joint=joint, own=own, theirs=theirs) == (
        (*own, new),
        (left,),
    )


async def two(council: Authority) -> tuple[str, str]:
    """Return two children: one at one school, the other at both."""
    rows = [
        ("upn", "urn", "first_date", "forename"),
        (upn(8), URN, MONDAY, "Ada"),
        (upn(9), URN, MONDAY, "Adah"),
        (upn(9), OTHER_URN, MONDAY, ""),
    ]
    request = children_pb.ImportChildrenRequest(request_id=rid(), csv=table(*rows))
    done = await council.call(ADMINISTRATOR, council.children.ImportChildren, request)
    return done.child_ids[0], done.child_ids[1]


def matching(council: Authority) -> Any:
    return council.served("MatchingService")


async def merge(council: Authority, kept: str, other: str, who: Any = OFFICER, **more: Any) -> Any:
    request = pb.MergeChildrenRequest(
        request_id=rid(), child_id=kept, merged_child_id=other, **more
    )
    return await council.call(who, matching(council).MergeChildren, request)


async def undo(council: Authority, merge_id: str, who: Any = OFFICER) -> Any:
    request = pb.UnmergeChildrenRequest(request_id=rid(), merge_id=merge_id)
    return await council.call(who, matching(council).UnmergeChildren, request)


async def child(council: Authority, child_id: str, as_of: Any = None) -> Any:
    request = children_pb.GetChildRequest(child_id=child_id, as_of_time=as_of)
    return await council.call(OFFICER, council.children.GetChild, request)


async def marks(council: Authority, as_of: Any = None) -> list[str]:
    """Return the register of the last two children, a line each; empty rows are left out."""
    return ["".join(code or "." for code in row[:6]) for row in await council.week(as_of=as_of)]


MARKS = [
    (upn(8), MONDAY, "AM", "/"),
    (upn(9), MONDAY, "AM", "I"),
    (upn(9), MONDAY, "PM", "L"),
    (upn(8), TUESDAY, "AM", "C"),
    (upn(9), TUESDAY, "AM", "C"),
]


async def test_a_merged_child_is_read_through_the_other_and_comes_back_as_it_was(
    authority: Authority,
) -> None:
    kept, other = await two(authority)
    await authority.load(MARKS)
    before = [await child(authority, one) for one in (kept, other)]

    done = await merge(authority, kept, other)

    one = await child(authority, other)
    assert (one.id, one.forename, one.upn, list(one.former_upns)) == (kept, "Ada", upn(8), [upn(9)])
    assert {each.urn for each in one.enrolments} == {URN, OTHER_URN}
    assert await marks(authority) == ["/LC...", "......"]
    assert await authority.database.read(lambda held: differences(held, TENANT)) == []
    parted_again = await undo(authority, done.id)
    assert parted_again.unmerged_by == "officer"
    assert [await child(authority, one) for one in (kept, other)] == before
    assert await marks(authority) == ["/.C...", "ILC..."]
    assert await authority.database.read(lambda held: differences(held, TENANT)) == []
    with pytest.raises(MergeNotFound):
        await undo(authority, done.id)


async def test_a_merge_names_what_conflicts_and_leaves_what_was_known_before(
    council: Authority,
) -> None:
    kept, other = await two(council)
    await council.load(MARKS)
    moment = at(council.clock.now())
    council.clock.advance(days=1)

    seen = await merge(council, kept, other, dry_run=True)
    done = await merge(council, kept, other)

    named = [(one.kept_code, one.dropped_code, one.session) for one in done.conflicts]
    assert named == [("/", "I", 0)]
    assert seen.conflicts == done.conflicts
    assert await marks(council, moment) == ["/.C...", "ILC..."]
    assert [one.urn for one in (await child(council, kept, moment)).enrolments] == [URN]


async def test_what_is_recorded_of_either_while_they_are_one_finds_its_way(
    council: Authority,
) -> None:
    kept, other = await two(council)
    await council.load([(upn(9), MONDAY, "AM", "N")])
    done = await merge(council, kept, other)

    await council.load([(upn(9), MONDAY, "AM", "I"), (upn(8), WEDNESDAY, "AM", "/")])
    await council.load([(upn(9), MONDAY, "PM", "L")], ADMINISTRATOR, urn=OTHER_URN)
    leave = children_pb.EndEnrolmentRequest(
        request_id=rid(), child_id=kept, urn=OTHER_URN, last_date=on(WEDNESDAY)
    )
    await council.call(OFFICER, council.children.EndEnrolment, leave)
    assert await marks(council) == ["I.../.", "......"]
    await undo(council, done.id)

    assert await marks(council) == ["..../.", "I....."]
    apart = await child(council, other)
    assert [(one.urn, one.last_date.day) for one in apart.enrolments] == [(URN, 0), (OTHER_URN, 11)]
    assert [one.urn for one in (await child(council, kept)).enrolments] == [URN]


async def test_feeds_take_back_what_they_said_of_the_merged_child(council: Authority) -> None:
    kept, other = await two(council)
    told = Fact(child_id=other, measure="attendance_rate@1", span="1:baseline", value=0.9)

    def write(transaction: Any) -> None:
        facts.add(transaction.connection, TENANT, [told])

    await council.database.lane.submit(write)
    await merge(council, kept, other)

    def latest(held: Any) -> Any:
        return facts.latest(held, TENANT, other)

    assert await council.database.read(latest) == {}
    outbox = metadata.tables["outbox"].c
    query = select(outbox.type).where(outbox.resource == kept).order_by(outbox.sequence)
    types = await council.database.read(lambda held: held.execute(query).scalars().all())
    assert types[-1] == "localresponse.outcomes.child.merged.v1"


async def test_merges_are_undone_in_turn_and_listed(council: Authority) -> None:
    kept, other = await two(council)
    request = children_pb.ListChildrenRequest(page_size=1)
    third = (await council.call(OFFICER, council.children.ListChildren, request)).children[0].id
    first = await merge(council, kept, other)
    council.clock.advance(seconds=1)
    second = await merge(council, third, kept)

    with pytest.raises(MergeNotLast):
        await undo(council, first.id)
    with pytest.raises(MergeInvalid):
        await merge(council, third, other)
    assert (await child(council, other)).id == third
    await undo(council, second.id)
    assert (await child(council, other)).id == kept
    await undo(council, first.id)

    listed = await council.call(OFFICER, matching(council).ListMerges, pb.ListMergesRequest())
    assert [one.id for one in listed.merges] == [second.id, first.id]
    assert all(one.HasField("unmerge_time") for one in listed.merges)


async def test_only_who_has_every_school_of_both_merges_them(council: Authority) -> None:
    kept, other = await two(council)
    narrow = Principal(TENANT, "narrow", "liaison_officer", frozenset({URN}))

    for who in (narrow, PRACTITIONER, ADMINISTRATOR):
        with pytest.raises(PermissionDenied):
            await merge(council, kept, other, who)
    with pytest.raises(MergeInvalid):
        await merge(council, kept, kept)
    with pytest.raises(ChildNotFound):
        await merge(council, kept, rid())
    done = await merge(council, kept, other)
    with pytest.raises(PermissionDenied):
        await undo(council, done.id, narrow)
