"""Time on rolls: as it was, and as it was known to be; leaving, moving and late corrections."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from localresponse.outcomes.v1 import children_service_pb2 as pb
from sqlalchemy import select

from services.chassis.errors import PermissionDenied
from services.outcomes.errors import AlreadyOnRoll, EnrolmentDatesInvalid, NotOnRoll
from services.outcomes.storage.metadata import metadata
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    MANAGER,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)

FRIDAY = MONDAY + timedelta(days=4)
WEDNESDAY = MONDAY + timedelta(days=2)


def at(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


async def first_child(council: Authority) -> str:
    request = pb.ListChildrenRequest(page_size=1)
    found = await council.call(MANAGER, council.children.ListChildren, request)
    return str(found.children[0].id)


async def leave(council: Authority, child_id: str, last: date) -> Any:
    request = pb.EndEnrolmentRequest(
        request_id=rid(), child_id=child_id, urn=URN, last_date=on(last)
    )
    return await council.call(PRACTITIONER, council.children.EndEnrolment, request)


async def correct(council: Authority, child_id: str, who: Any = PRACTITIONER, **fields: Any) -> Any:
    request = pb.CorrectEnrolmentRequest(
        request_id=rid(), child_id=child_id, urn=URN, first_date=on(MONDAY), **fields
    )
    return await council.call(who, council.children.CorrectEnrolment, request)


async def rolls(council: Authority, child_id: str, moment: datetime | None = None) -> list[Any]:
    stamp = at(moment) if moment else None
    request = pb.GetChildRequest(child_id=child_id, as_of_time=stamp)
    child = await council.call(MANAGER, council.children.GetChild, request)
    return [(one.urn, one.first_date.day, one.last_date.day) for one in child.enrolments]


async def test_a_leaving_date_put_right_late_brings_the_marks_back(authority: Authority) -> None:
    child = await first_child(authority)
    days = [(upn(1), MONDAY + timedelta(days=day), "AM", "I") for day in range(5)]
    await authority.load(days)
    enrolled = authority.clock.now()
    authority.clock.advance(days=1)
    await leave(authority, child, MONDAY)
    left = authority.clock.now()
    assert (await authority.week())[0] == ["I", *[""] * 13]

    authority.clock.advance(days=1)
    await correct(authority, child, last_date=on(WEDNESDAY))

    assert (await authority.week())[0] == ["I", "", "I", "", "I", *[""] * 9]
    assert (await authority.week(as_of=at(left)))[0] == ["I", *[""] * 13]
    assert (await authority.week(as_of=at(enrolled)))[0][:9:2] == ["I"] * 5
    known = [await rolls(authority, child, moment) for moment in (enrolled, left, None)]
    assert known == [[(URN, 9, 0)], [(URN, 9, 9)], [(URN, 9, 11)]]
    told = metadata.tables["outbox"].c
    query = select(told.type).where(told.resource == child).order_by(told.sequence)
    types = await authority.database.read(lambda held: held.execute(query).scalars().all())
    assert [name.split(".", 2)[2] for name in types] == [
        "child.enrolled.v1",
        "child.left.v1",
        "enrolment.corrected.v1",
    ]


async def test_who_is_on_roll_is_answered_as_it_was_known(authority: Authority) -> None:
    child = await first_child(authority)
    before = authority.clock.now()
    authority.clock.advance(days=1)
    await leave(authority, child, MONDAY)

    async def listed(moment: datetime | None) -> set[str]:
        stamp = at(moment) if moment else None
        request = pb.ListChildrenRequest(urn=URN, on_date=on(FRIDAY), as_of_time=stamp)
        found = await authority.call(MANAGER, authority.children.ListChildren, request)
        return {one.id for one in found.children}

    assert child in await listed(before)
    assert child not in await listed(None)
    assert await listed(before - timedelta(days=1)) == set()


async def test_a_child_who_never_came_has_no_enrolment_and_no_marks(council: Authority) -> None:
    child = await first_child(council)
    await council.load([(upn(1), MONDAY, "AM", "/")])

    await correct(council, child, never_on_roll=True)

    assert await rolls(council, child) == []
    assert await council.week() == [[""] * 14]


async def test_a_first_day_is_put_right(council: Authority) -> None:
    child = await first_child(council)
    await council.load([(upn(1), day, "AM", "/") for day in (MONDAY, WEDNESDAY)])

    await correct(council, child, corrected_first_date=on(WEDNESDAY))

    assert await rolls(council, child) == [(URN, WEDNESDAY.day, 0)]
    assert (await council.week())[0] == ["", "", "", "", "/", *[""] * 9]


async def test_a_correction_that_cannot_be_is_refused(council: Authority) -> None:
    child = await first_child(council)
    await leave(council, child, MONDAY)
    again = pb.EnrolChildRequest(
        request_id=rid(), urn=URN, child_id=child, first_date=on(WEDNESDAY)
    )
    await council.call(PRACTITIONER, council.children.EnrolChild, again)

    with pytest.raises(AlreadyOnRoll):
        await correct(council, child)
    with pytest.raises(EnrolmentDatesInvalid):
        await correct(council, child, last_date=on(MONDAY - timedelta(days=1)))
    with pytest.raises(PermissionDenied):
        await correct(council, child, ELSEWHERE)
    request = pb.CorrectEnrolmentRequest(
        request_id=rid(), child_id=child, urn=URN, first_date=on(FRIDAY)
    )
    with pytest.raises(NotOnRoll):
        await council.call(PRACTITIONER, council.children.CorrectEnrolment, request)


async def test_a_move_ends_the_other_roll_the_day_before(council: Authority) -> None:
    child = await first_child(council)
    move = {"urn": OTHER_URN, "child_id": child, "first_date": on(WEDNESDAY), "is_move": True}

    request = pb.EnrolChildRequest(request_id=rid(), **move)
    with pytest.raises(PermissionDenied):
        await council.call(ELSEWHERE, council.children.EnrolChild, request)
    assert await rolls(council, child) == [(URN, 9, 0)]
    request = pb.EnrolChildRequest(request_id=rid(), **move)
    await council.call(ADMINISTRATOR, council.children.EnrolChild, request)

    assert await rolls(council, child) == [(URN, 9, 10), (OTHER_URN, 11, 0)]


async def test_a_file_that_knows_the_leaving_date_puts_it_right(council: Authority) -> None:
    child = await first_child(council)

    async def send(last: object) -> Any:
        rows = [("upn", "urn", "first_date", "last_date"), (upn(1), URN, MONDAY, last)]
        request = pb.ImportChildrenRequest(request_id=rid(), csv=table(*rows))
        return await council.call(ADMINISTRATOR, council.children.ImportChildren, request)

    assert (await send(FRIDAY)).enrolments_corrected == 1
    assert (await send(FRIDAY)).enrolments_corrected == 0
    assert (await send("")).enrolments_corrected == 0
    assert await rolls(council, child) == [(URN, 9, 13)]
