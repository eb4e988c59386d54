"""What a school's file does to its register, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import register_service_pb2 as pb
from sqlalchemy import Table, func, select

from services.chassis.errors import PermissionDenied
from services.chassis.wire import timestamp_to_proto
from services.outcomes.errors import ImportNotFound, RowsRefused, SchoolNotFound
from services.outcomes.register.storage import REGISTER_BLOCK, REGISTER_CHANGE, REGISTER_IMPORT
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    MANAGER,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    STRANGER,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)

TUESDAY = MONDAY + timedelta(days=1)
DAY = [(upn(serial), MONDAY, session, "/") for serial in (1, 2, 3) for session in ("AM", "PM")]


async def _rows(authority: Authority, of: Table) -> int:
    query = select(func.count()).select_from(of)
    return await authority.database.read(lambda connection: connection.execute(query).scalar_one())


async def test_a_file_is_kept_whole_and_can_be_read(authority: Authority) -> None:
    done = await authority.load([*DAY, (upn(1), TUESDAY, "AM", "I")])

    assert (done.marks, done.marks_added, done.marks_changed, done.children) == (7, 7, 0, 3)
    assert list(done.urns) == [URN]
    assert (done.first_date, done.last_date) == (on(MONDAY), on(TUESDAY))
    week = await authority.week()
    assert week[0][:4] == ["/", "/", "I", ""]
    assert week[1][:4] == ["/", "/", "", ""]


async def test_the_same_file_twice_changes_nothing(authority: Authority) -> None:
    await authority.load(DAY)

    again = await authority.load(DAY)

    assert (again.marks_added, again.marks_changed, again.marks_unchanged) == (0, 0, 6)
    assert await _rows(authority, REGISTER_CHANGE) == 1
    assert await _rows(authority, REGISTER_IMPORT) == 2


async def test_the_same_request_is_answered_as_before(authority: Authority) -> None:
    request_id = rid()
    first = await authority.load(DAY, request_id=request_id)

    second = await authority.load(DAY, request_id=request_id)

    assert first == second
    assert await _rows(authority, REGISTER_IMPORT) == 1


async def test_a_correction_replaces_a_mark_and_the_past_stays_readable(
    authority: Authority,
) -> None:
    await authority.load([*DAY[:-1], (upn(3), MONDAY, "PM", "N")])
    before = authority.clock.now()
    authority.clock.advance(days=2)

    done = await authority.load([(upn(3), MONDAY, "PM", "I")])

    assert (done.marks_added, done.marks_changed) == (0, 1)
    assert (await authority.week())[2][:2] == ["/", "I"]
    then = await authority.week(as_of=timestamp_to_proto(before))
    assert then[2][:2] == ["/", "N"]
    earlier = timestamp_to_proto(before - timedelta(seconds=1))
    assert await authority.week(as_of=earlier) == []


async def test_a_wrong_row_refuses_the_whole_file(authority: Authority) -> None:
    with pytest.raises(RowsRefused) as error:
        await authority.load([*DAY, (upn(1), TUESDAY, "AM", "?")])

    assert error.value.metadata["row"] == "8"
    assert error.value.metadata["column"] == "code"
    assert error.value.metadata["rule"] == "UNKNOWN_CODE"
    assert await _rows(authority, REGISTER_BLOCK) == 0
    assert await _rows(authority, REGISTER_IMPORT) == 0


async def test_a_dry_run_says_what_would_happen_and_keeps_nothing(authority: Authority) -> None:
    done = await authority.load([*DAY, (upn(9), TUESDAY, "AM", "/")], dry_run=True)

    assert done.dry_run
    assert done.rows_refused == 1
    assert [(error.row, error.column, error.reason) for error in done.errors] == [
        (8, "upn", "UNKNOWN_CHILD")
    ]
    assert done.errors[0].value == upn(9)
    assert done.errors[0].remedy
    assert await _rows(authority, REGISTER_BLOCK) == 0


async def test_a_row_may_be_a_day(authority: Authority) -> None:
    content = table(("pupil", "day", "am", "pm"), (upn(1), "09/09/2024", "L", ""))
    mapping = pb.ColumnMapping(child="Pupil", date="Day", am_code="AM", pm_code="PM")

    done = await authority.load_file(content, mapping=mapping)

    assert done.marks == 1
    assert (await authority.week())[0][:2] == ["L", ""]


async def test_a_file_may_name_its_schools(authority: Authority) -> None:
    await authority.add_children(1, urn=OTHER_URN)
    content = table(
        ("urn", "upn", "date", "session", "code"),
        (URN, upn(2), MONDAY, "AM", "/"),
        (OTHER_URN, upn(1), MONDAY, "AM", "I"),
    )

    done = await authority.load_file(content, ADMINISTRATOR, urn="")

    assert list(done.urns) == [URN, OTHER_URN]


async def test_another_school_may_not_be_written(authority: Authority) -> None:
    with pytest.raises(PermissionDenied):
        await authority.load(DAY, ELSEWHERE)
    with pytest.raises(PermissionDenied):
        await authority.load(DAY, MANAGER)


async def test_an_unknown_school_answers_like_another_authoritys(authority: Authority) -> None:
    with pytest.raises(SchoolNotFound):
        await authority.load(DAY, ADMINISTRATOR, urn="999999")
    request = pb.GetSchoolAttendanceRequest(urn=URN)
    with pytest.raises(SchoolNotFound):
        await authority.call(STRANGER, authority.registers.GetSchoolAttendance, request)


async def test_imports_are_listed_newest_first(authority: Authority) -> None:
    for place in range(3):
        authority.clock.advance(minutes=1)
        await authority.load(DAY, source=f"file-{place}.csv")

    request = pb.ListImportsRequest(page_size=2)
    first = await authority.call(MANAGER, authority.registers.ListImports, request)
    request.page_token = first.next_page_token
    second = await authority.call(MANAGER, authority.registers.ListImports, request)

    names = [one.source for page in (first, second) for one in page.imports]
    assert names == ["file-2.csv", "file-1.csv", "file-0.csv"]
    assert not second.next_page_token


async def test_an_import_of_another_school_is_not_shown(authority: Authority) -> None:
    done = await authority.load(DAY)
    one = pb.GetImportRequest(import_id=done.id)
    every = pb.ListImportsRequest()

    assert await authority.call(PRACTITIONER, authority.registers.GetImport, one) == done
    listed = await authority.call(ELSEWHERE, authority.registers.ListImports, every)
    assert not listed.imports
    with pytest.raises(PermissionDenied):
        await authority.call(ELSEWHERE, authority.registers.GetImport, one)
    with pytest.raises(ImportNotFound):
        await authority.call(STRANGER, authority.registers.GetImport, one)


async def test_history_cannot_be_rewritten(authority: Authority) -> None:
    await authority.load(DAY)

    with pytest.raises(Exception, match="only ever added to"):
        await authority.database.write(
            lambda connection: connection.execute(
                REGISTER_CHANGE.update().values(recorded_at=authority.clock.now())
            )
        )


async def test_a_leaver_s_marks_stop_at_the_leaving_date(authority: Authority) -> None:
    (child_id,) = await authority.add_children(1)
    await authority.load([*DAY, (upn(1), TUESDAY, "AM", "I")])
    before = authority.clock.now()
    authority.clock.advance(hours=1)
    request = children_pb.EndEnrolmentRequest(
        request_id=rid(), child_id=child_id, urn=URN, last_date=on(MONDAY)
    )

    await authority.call(ADMINISTRATOR, authority.children.EndEnrolment, request)

    assert (await authority.week())[0][:3] == ["/", "/", ""]
    then = await authority.week(as_of=timestamp_to_proto(before))
    assert then[0][:3] == ["/", "/", "I"]
    with pytest.raises(RowsRefused) as error:
        await authority.load([(upn(1), date(2024, 9, 11), "AM", "/")])
    assert error.value.metadata["rule"] == "NOT_ON_ROLL"
