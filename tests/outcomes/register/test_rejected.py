"""Good rows are kept and wrong ones come back as a file; several files at once."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from localresponse.outcomes.v1 import register_files_service_pb2 as pb
from sqlalchemy import select

from services.chassis.errors import PermissionDenied
from services.outcomes.errors import ImportNotFound, RowsRefused
from services.outcomes.errors.children import RejectedRowsNotFound
from services.outcomes.incoming_rows.findings import Finding, Rule
from services.outcomes.register.partial import REGISTER_REJECTED
from services.outcomes.register.rejected import rejected_csv
from tests.outcomes.authority import (
    ELSEWHERE,
    MONDAY,
    PRACTITIONER,
    STRANGER,
    URN,
    Authority,
    rid,
    table,
    upn,
)

SATURDAY = MONDAY + timedelta(days=5)
HEADER = ("upn", "date", "session", "code", "note")
ROWS = [
    (upn(1), MONDAY, "AM", "/", "fine"),
    (upn(1), MONDAY, "noon", "/", "=SUM(A1)"),
    (upn(2), MONDAY, "AM", "Q?", '"a, b"'),
    (upn(77), MONDAY, "AM", "/", "nobody"),
    (upn(3), SATURDAY, "AM", "/", "closed"),
    (upn(3), MONDAY, "AM", "I", "fine too"),
]


async def rejected(authority: Authority, import_id: str, who: Any = PRACTITIONER) -> Any:
    service = authority.served("RegisterFilesService")
    request = pb.GetRejectedRowsRequest(import_id=import_id)
    return await authority.call(who, service.GetRejectedRows, request)


def test_cells_that_a_spreadsheet_would_run_are_text() -> None:
    finding = Finding(3, "code", "Q?", Rule.UNKNOWN_CODE)
    content = b"\xef\xbb\xbfupn,code\r\n\r\n=1+1,+2\r\nkept,/\r\n"

    rows = list(csv.reader(io.StringIO(rejected_csv(content, {3: [finding]}).decode())))

    assert rows[0][:2] == ["upn", "code"]
    assert [row[:5] for row in rows[1:]] == [["'=1+1", "'+2", "3", "code", "UNKNOWN_CODE"]]


async def test_the_rejected_rows_are_exactly_those_refused_and_can_be_sent_again(
    authority: Authority,
) -> None:
    done = await authority.load_file(table(HEADER, *ROWS), keep_good_rows=True)

    assert (done.marks, done.marks_added, done.rows_refused) == (2, 2, 4)
    file = await rejected(authority, done.id)
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert [(row["refused_row"], row["refused_column"], row["refused_reason"]) for row in rows] == [
        ("3", "session", "BAD_SESSION"),
        ("4", "code", "UNKNOWN_CODE"),
        ("5", "upn", "UNKNOWN_CHILD"),
        ("6", "date", "NO_CALENDAR"),
    ]
    assert [row["note"] for row in rows] == ["'=SUM(A1)", "a, b", "nobody", "closed"]
    assert (file.rows, file.file_name) == (4, f"rejected-rows-{done.id}.csv")
    mended = file.content.decode().replace("noon", "PM").replace("Q?", "L")
    again = await authority.load_file(mended.encode(), keep_good_rows=True)
    assert (again.marks_added, again.rows_refused) == (2, 2)
    stored = await authority.database.read(
        lambda held: held.execute(select(REGISTER_REJECTED.c.sealed)).scalars().all()
    )
    assert not any(upn(77).encode() in bytes(sealed) for sealed in stored)


async def test_only_those_who_import_for_the_school_get_the_file(council: Authority) -> None:
    done = await council.load_file(table(HEADER, *ROWS), keep_good_rows=True)
    whole = await council.load_file(table(HEADER, ROWS[0]))

    with pytest.raises(PermissionDenied):
        await rejected(council, done.id, ELSEWHERE)
    with pytest.raises(ImportNotFound):
        await rejected(council, done.id, STRANGER)
    with pytest.raises(RejectedRowsNotFound):
        await rejected(council, whole.id)


async def test_rejected_rows_are_forgotten_after_thirty_days(council: Authority) -> None:
    first = await council.load_file(table(HEADER, *ROWS), keep_good_rows=True)
    council.clock.advance(days=31)
    second = await council.load_file(table(HEADER, *ROWS), keep_good_rows=True)

    with pytest.raises(RejectedRowsNotFound):
        await rejected(council, first.id)
    assert (await rejected(council, second.id)).rows == 4


async def send(council: Authority, *contents: bytes) -> Any:
    files = [
        pb.RegisterFile(urn=URN, source=f"{place}.csv", content=content)
        for place, content in enumerate(contents)
    ]
    request = pb.ImportRegisterFilesRequest(request_id=rid(), files=files)
    service = council.served("RegisterFilesService")
    return await council.call(PRACTITIONER, service.ImportRegisterFiles, request)


async def test_several_files_are_recorded_together_or_not_at_all(council: Authority) -> None:
    monday = table(HEADER[:4], ROWS[0][:4])
    changed = table(HEADER[:4], (upn(1), MONDAY, "AM", "I"))
    wrong = table(HEADER[:4], (upn(1), MONDAY, "AM", "?"))

    with pytest.raises(RowsRefused) as refused:
        await send(council, monday, wrong)
    assert refused.value.field == "files[1].content"
    assert await council.week() == []
    done = await send(council, monday, changed)

    assert [(one.marks_added, one.marks_changed) for one in done.imports] == [(1, 0), (0, 1)]
    assert (await council.week())[0][0] == "I"
