"""Children's sessions in school-day order, and attendance by half-term, across schools."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import register_service_pb2 as pb
from localresponse.outcomes.v1 import schools_service_pb2 as schools_pb

from services.outcomes.reference.codes import CodeClass
from services.outcomes.register import queries
from services.outcomes.register.domain import SessionMatrix
from tests.outcomes.authority import (
    ADMINISTRATOR,
    MANAGER,
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

TUESDAY = MONDAY + timedelta(days=1)


async def sessions(authority: Authority, *child_ids: str) -> SessionMatrix:
    def read(connection: object) -> SessionMatrix:
        numbers = queries.child_numbers(connection, TENANT, child_ids)  # type: ignore[arg-type]
        asked = [numbers[child_id] for child_id in child_ids]
        return queries.sessions_of(connection, TENANT, asked)  # type: ignore[arg-type]

    return await authority.database.read(read)


async def move(authority: Authority, child_id: str, day: date, status: int = 1) -> None:
    if status == 1:
        leave = children_pb.EndEnrolmentRequest(
            request_id=rid(), child_id=child_id, urn=URN, last_date=on(day - timedelta(days=1))
        )
        await authority.call(ADMINISTRATOR, authority.children.EndEnrolment, leave)
    enrol = children_pb.EnrolChildRequest(
        request_id=rid(),
        child_id=child_id,
        urn=OTHER_URN,
        first_date=on(day),
        status=children_pb.EnrolmentStatus.ValueType(status),
    )
    await authority.call(ADMINISTRATOR, authority.children.EnrolChild, enrol)


async def load_both(authority: Authority, *rows: tuple[object, ...]) -> None:
    content = table(("urn", "upn", "date", "session", "code"), *rows)
    await authority.load_file(content, ADMINISTRATOR, urn="")


async def test_a_child_has_every_session_its_school_held(authority: Authority) -> None:
    (child,) = await authority.add_children(1)
    await authority.load([(upn(1), MONDAY, "AM", "/"), (upn(1), TUESDAY, "PM", "I")])

    matrix = await sessions(authority, child)

    assert matrix.days.tolist() == [
        (MONDAY + timedelta(days=week * 7 + day)).toordinal()
        for week in range(2)
        for day in range(5)
        for _ in range(2)
    ]
    assert matrix.sessions.tolist() == [0, 1] * 10
    assert matrix.held.all()
    assert matrix.classes[0, :4].tolist() == [1, 0, 0, 3]


async def test_a_closure_is_not_held_and_a_mark_on_it_is_still_there(authority: Authority) -> None:
    (child,) = await authority.add_children(1)
    await authority.load([(upn(1), TUESDAY, "AM", "/")])
    await authority.set_calendar((TUESDAY, TUESDAY, schools_pb.DAY_KIND_CLOSURE), urn=URN)

    matrix = await sessions(authority, child)

    column = matrix.days.tolist().index(TUESDAY.toordinal())
    assert not matrix.held[0, column]
    assert matrix.classes[0, column] == CodeClass.PRESENT


async def test_a_child_who_moves_is_followed(authority: Authority) -> None:
    (child,) = await authority.add_children(1)
    await authority.load([(upn(1), MONDAY, "AM", "/")])
    await move(authority, child, TUESDAY)
    await load_both(authority, (OTHER_URN, upn(1), TUESDAY, "AM", "I"))

    matrix = await sessions(authority, child)

    assert matrix.classes[0, [0, 2]].tolist() == [CodeClass.PRESENT, CodeClass.AUTHORISED]
    assert matrix.held.all()


async def test_dual_registration_counts_the_session_where_it_was_attended(
    authority: Authority,
) -> None:
    (child,) = await authority.add_children(1)
    await move(authority, child, MONDAY, status=3)
    await load_both(
        authority,
        (URN, upn(1), MONDAY, "AM", "D"),
        (OTHER_URN, upn(1), MONDAY, "AM", "/"),
        (URN, upn(1), MONDAY, "PM", "/"),
        (OTHER_URN, upn(1), MONDAY, "PM", "D"),
        (URN, upn(1), TUESDAY, "AM", "I"),
        (OTHER_URN, upn(1), TUESDAY, "AM", "/"),
    )

    matrix = await sessions(authority, child)

    assert matrix.classes[0, :3].tolist() == [1, 1, 3]


async def test_children_stand_in_the_order_asked(authority: Authority) -> None:
    ids = await authority.add_children(3)
    await authority.load([(upn(2), MONDAY, "AM", "I")])

    matrix = await sessions(authority, ids[2], ids[1])

    assert matrix.classes[:, 0].tolist() == [0, 3]


async def test_nobody_asked_is_an_empty_matrix(authority: Authority) -> None:
    matrix = await sessions(authority)

    assert matrix.classes.shape == (0, 0)
    assert matrix.days.dtype == np.int32


async def test_attendance_by_half_term_explains_its_rates(authority: Authority) -> None:
    (child,) = await authority.add_children(1)
    later = date(2024, 11, 4)
    await authority.set_calendar((later, date(2024, 11, 8), schools_pb.DAY_KIND_OPEN))
    await authority.load(
        [
            (upn(1), MONDAY, "AM", "/"),
            (upn(1), MONDAY, "PM", "N"),
            (upn(1), TUESDAY, "AM", "#"),
            (upn(1), later, "AM", "L"),
            (upn(2), later, "AM", "I"),
        ]
    )

    request = pb.GetChildAttendanceRequest(child_id=child)
    found = await authority.call(PRACTITIONER, authority.registers.GetChildAttendance, request)

    terms = [(term.academic_year, term.half_term) for term in found.half_terms]
    assert terms == [(2024, 1), (2024, 2)]
    first = found.half_terms[0].attendance
    assert (first.possible, first.attended, first.unauthorised) == (2, 1, 1)
    assert (first.provisional, first.not_possible) == (1, 1)
    assert first.absence_rate_percent == 50.0
    assert (found.total.possible, found.total.late) == (3, 1)
    assert found.persistent_absence
    assert not found.severe_absence


async def test_a_school_counts_children_over_the_thresholds(authority: Authority) -> None:
    await authority.load(
        [(upn(1), MONDAY, session, "/") for session in ("AM", "PM")]
        + [(upn(2), MONDAY, "AM", "I"), (upn(2), MONDAY, "PM", "/")]
        + [(upn(3), MONDAY, "AM", "#")]
    )

    request = pb.GetSchoolAttendanceRequest(urn=URN)
    found = await authority.call(MANAGER, authority.registers.GetSchoolAttendance, request)

    assert (found.children, found.persistent_absence, found.severe_absence) == (3, 1, 1)
    assert found.total.attendance_rate_percent == 75.0


async def test_a_rate_without_a_possible_session_is_absent(authority: Authority) -> None:
    request = pb.GetSchoolAttendanceRequest(urn=URN)

    found = await authority.call(MANAGER, authority.registers.GetSchoolAttendance, request)

    assert not found.total.HasField("attendance_rate_percent")


async def test_what_changed_since_a_moment_is_listed(authority: Authority) -> None:
    before = authority.clock.now()
    authority.clock.advance(minutes=1)
    await authority.load([(upn(1), MONDAY, "AM", "/")])

    changed = await authority.database.read(
        lambda connection: queries.changed_since(connection, TENANT, before)
    )

    assert changed == [(URN, (MONDAY.toordinal() - 1) // 7)]
