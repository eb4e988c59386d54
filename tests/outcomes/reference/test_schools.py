"""Schools as they were on a day and were known to be, and how they follow one another."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import register_service_pb2 as register_pb
from localresponse.outcomes.v1 import schools_service_pb2 as pb

from services.outcomes.errors import SchoolNotFound
from services.outcomes.reference.domain import Phase, School
from services.outcomes.reference.lineage import lineage
from tests.outcomes.authority import (
    ADMINISTRATOR,
    MANAGER,
    MONDAY,
    OTHER_URN,
    URN,
    Authority,
    on,
    rid,
    upn,
)


def school(urn: str, *before: str) -> School:
    first, *others = before or ("",)
    return School(
        urn=urn,
        name=urn,
        phase=Phase.PRIMARY,
        predecessor_urn=first,
        other_predecessor_urns=tuple(others),
    )


def test_links_are_followed_both_ways_and_a_circle_once() -> None:
    known = [school("3", "1", "2"), school("4", "3"), school("1"), school("5", "4"), school("6")]
    schools = {one.urn: one for one in known}

    assert [(one.urn, one.steps) for one in lineage(schools, "3")] == [
        ("1", -1),
        ("2", -1),
        ("4", 1),
        ("5", 2),
    ]
    assert [one.school is None for one in lineage(schools, "3")] == [False, True, False, False]
    assert [(one.urn, one.steps) for one in lineage(schools, "1")][-1] == ("5", 3)
    circle = {"a": school("a", "b"), "b": school("b", "a")}
    assert [one.urn for one in lineage(circle, "a")] == ["b"]
    assert lineage(schools, "6") == []


async def upsert(authority: Authority, name: str, first: date, **more: Any) -> None:
    given = pb.School(urn=URN, name=name, phase=pb.PHASE_PRIMARY, **more)
    request = pb.UpsertSchoolRequest(request_id=rid(), school=given, effective_date=on(first))
    await authority.call(ADMINISTRATOR, authority.schools.UpsertSchool, request)


async def name_of(authority: Authority, **asked: Any) -> str:
    request = pb.GetSchoolRequest(urn=URN, **asked)
    return str((await authority.call(MANAGER, authority.schools.GetSchool, request)).name)


async def test_a_school_is_answered_as_it_was_and_as_it_was_known(authority: Authority) -> None:
    moment = Timestamp()
    moment.FromDatetime(authority.clock.now())
    authority.clock.advance(days=1)
    await upsert(authority, "An Academy", date(2027, 9, 1), close_date=on(date(2030, 8, 31)))

    assert await name_of(authority) == "An Academy"
    assert await name_of(authority, on_date=on(date(2027, 9, 1))) == "An Academy"
    assert await name_of(authority, on_date=on(date(2027, 8, 31))) == f"School {URN}"
    assert await name_of(authority, on_date=on(date(2020, 1, 1))) == f"School {URN}"
    later = {"on_date": on(date(2027, 9, 1)), "as_of_time": moment}
    assert await name_of(authority, **later) == f"School {URN}"
    moment.FromDatetime(authority.clock.now() - timedelta(days=2))
    with pytest.raises(SchoolNotFound):
        await name_of(authority, as_of_time=moment)


async def test_a_schools_attendance_counts_those_it_followed_where_asked(
    council: Authority,
) -> None:
    await council.load([(upn(1), MONDAY, "AM", "/")])
    given = pb.School(urn=OTHER_URN, name="B", phase=pb.PHASE_PRIMARY, predecessor_urn=URN)
    request = pb.UpsertSchoolRequest(request_id=rid(), school=given)
    await council.call(ADMINISTRATOR, council.schools.UpsertSchool, request)

    async def possible(*, followed: bool) -> int:
        asked = register_pb.GetSchoolAttendanceRequest(urn=OTHER_URN, with_predecessors=followed)
        found = await council.call(MANAGER, council.registers.GetSchoolAttendance, asked)
        return int(found.total.possible)

    assert await possible(followed=False) == 0
    assert await possible(followed=True) == 1
    links = await council.call(
        MANAGER, council.schools.ListSchoolLinks, pb.ListSchoolLinksRequest(urn=URN)
    )
    assert [(one.urn, one.steps, one.school.name) for one in links.links] == [(OTHER_URN, 1, "B")]
