"""Children whose follow-up is unlike others': each is counted where it belongs, none as a gain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb
from sqlalchemy import Connection

from services.outcomes.episodes.measuring import Support, measure, roll_of
from services.outcomes.episodes.windows import WindowKind, WindowStatus
from services.outcomes.reference.calendars import bank_holidays
from tests.outcomes.authority import (
    ADMINISTRATOR,
    MONDAY,
    OTHER_URN,
    TENANT,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)

DAYS = [
    day
    for step in range(220)
    if (day := MONDAY + timedelta(days=step)).weekday() < 5
    and day.toordinal() not in bank_holidays()
]
REQUESTED, INDEX = 95, 99
AFTER = range(INDEX + 1, INDEX + 31)


@dataclass(frozen=True)
class Followed:
    """What follow-up 1 says of a child that missed half of its baseline."""

    status: WindowStatus
    possible: int
    absent: int
    provisional: int
    improved: bool


def marks(after: str, *, urn: str = URN, from_day: int = 0) -> Iterator[tuple[object, ...]]:
    """Yield half of the days ill until the index date, and one code for every session after."""
    for place, day in enumerate(DAYS[:140]):
        if place < from_day:
            continue
        for session, present in (("AM", "/"), ("PM", "\\")):
            before = "I" if place % 2 else present
            code = before if place not in AFTER else after.replace("/", present)
            yield (urn, upn(1), day, session, code)


async def load(council: Authority, rows: Iterator[tuple[object, ...]]) -> None:
    await council.set_calendar((MONDAY, DAYS[-1], schools_pb.DAY_KIND_OPEN))
    content = table(("urn", "upn", "date", "session", "code"), *rows)
    await council.load_file(content, ADMINISTRATOR, urn="")


async def leave(council: Authority, child: str, last: date) -> None:
    request = children_pb.EndEnrolmentRequest(
        request_id=rid(), child_id=child, urn=URN, last_date=on(last)
    )
    await council.call(ADMINISTRATOR, council.children.EndEnrolment, request)


async def enrol(council: Authority, child: str, first: date, status: int = 1) -> None:
    request = children_pb.EnrolChildRequest(
        request_id=rid(),
        child_id=child,
        urn=OTHER_URN,
        first_date=on(first),
        status=children_pb.EnrolmentStatus.ValueType(status),
    )
    await council.call(ADMINISTRATOR, council.children.EnrolChild, request)


async def follow_up(council: Authority, child: str) -> Followed:
    def read(connection: Connection) -> Followed:
        roll = roll_of(connection, TENANT, [child])
        wanted = [Support(child, DAYS[REQUESTED], DAYS[INDEX])]
        held = measure(connection, TENANT, wanted, roll=roll)
        base, after = (
            held.windows.measure(kind, requested=held.requested, index=held.index)
            for kind in (WindowKind.BASELINE, WindowKind.FOLLOW_UP_1)
        )
        possible, absent = int(after.possible[0]), int(after.absent[0])
        gained = absent * int(base.possible[0]) < int(base.absent[0]) * possible
        return Followed(
            WindowStatus(int(after.status[0])),
            possible,
            absent,
            int(after.provisional[0]),
            bool(after.measured[0] and base.measured[0] and gained),
        )

    return await council.database.read(read)


MEASURED, INSUFFICIENT = WindowStatus.MEASURED, WindowStatus.INSUFFICIENT


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param("/", Followed(MEASURED, 60, 0, 0, improved=True), id="present"),
        pytest.param("E", Followed(MEASURED, 60, 60, 0, improved=False), id="excluded"),
        pytest.param("N", Followed(MEASURED, 60, 60, 60, improved=False), id="only N"),
        pytest.param("C2", Followed(MEASURED, 60, 60, 0, improved=False), id="part-time"),
        pytest.param("D", Followed(INSUFFICIENT, 0, 0, 0, improved=False), id="elsewhere, unseen"),
        pytest.param("Y7", Followed(INSUFFICIENT, 0, 0, 0, improved=False), id="could not come"),
    ],
)
async def test_a_code_counts_as_what_it_is(
    council: Authority, after: str, expected: Followed
) -> None:
    (child,) = await council.add_children(1)
    await load(council, marks(after))

    assert await follow_up(council, child) == expected


async def test_five_possible_sessions_say_nothing(council: Authority) -> None:
    (child,) = await council.add_children(1)
    rows = [
        (*row[:4], "Y7") if row[2] in {DAYS[place] for place in AFTER[3:]} else row
        for row in marks("/")
    ]
    rows = [row for row in rows if (row[2], row[3]) != (DAYS[AFTER[2]], "PM")]
    await load(council, iter(rows))

    assert await follow_up(council, child) == Followed(INSUFFICIENT, 5, 0, 0, improved=False)


async def test_a_child_who_moves_is_followed_to_the_other_school(council: Authority) -> None:
    (child,) = await council.add_children(1)
    await load(council, marks("/"))
    await leave(council, child, DAYS[INDEX + 10])
    await enrol(council, child, DAYS[INDEX + 11])
    await load(council, marks("I", urn=OTHER_URN, from_day=INDEX + 11))

    assert await follow_up(council, child) == Followed(MEASURED, 60, 40, 0, improved=False)


async def test_a_leaver_is_no_improvement(council: Authority) -> None:
    (child,) = await council.add_children(1)
    await load(council, marks("/"))
    await leave(council, child, DAYS[INDEX + 15])

    found = await follow_up(council, child)

    assert (found.status, found.possible, found.improved) == (INSUFFICIENT, 30, False)


async def test_dual_registration_counts_the_session_where_it_was_held(council: Authority) -> None:
    (child,) = await council.add_children(1)
    await enrol(council, child, MONDAY, status=3)
    await load(council, marks("D"))
    await load(council, marks("/", urn=OTHER_URN, from_day=INDEX + 1))

    assert await follow_up(council, child) == Followed(MEASURED, 60, 0, 0, improved=True)
