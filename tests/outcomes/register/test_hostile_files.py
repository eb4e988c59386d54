"""Files that people really send: each is refused for its own reason, and nothing is kept."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import func, select

from services.chassis.errors import ServiceError
from services.outcomes.register import files
from services.outcomes.register.storage import REGISTER_BLOCK
from tests.outcomes.authority import MONDAY, Authority, table, upn

HEADER = ("upn", "date", "session", "code")
GOOD = (upn(1), MONDAY, "AM", "/")


def rows(*given: tuple[object, ...]) -> bytes:
    return table(HEADER, GOOD, *given)


UNREADABLE = [
    pytest.param(b"", "FILE_UNREADABLE", id="empty"),
    pytest.param(b"\r\n\r\n", "FILE_UNREADABLE", id="only line ends"),
    pytest.param("upn,date\n".encode("utf-16"), "FILE_UNREADABLE", id="utf-16"),
    pytest.param(rows(("é", "", "", "")).decode().encode("cp1252"), "FILE_UNREADABLE", id="cp1252"),
    pytest.param(b"upn,date,session,code\n\x00,,,\n", "FILE_UNREADABLE", id="a NUL"),
    pytest.param(b'upn,date,session,code\n"a,b,c,d\n', "ROWS_REFUSED", id="an open quote"),
    pytest.param(table(("upn", "when", "session", "code")), "HEADER_WRONG", id="a missing column"),
    pytest.param(table((*HEADER, "Date")), "HEADER_WRONG", id="a column twice"),
    pytest.param(table(HEADER) + b"x" * 70_000, "LINE_TOO_LONG", id="a line without an end"),
]
WRONG = [
    pytest.param(("=1+1", MONDAY, "AM", "/"), "FORMULA_CELL", "upn", id="a formula"),
    pytest.param((upn(2), "@SUM(1)", "AM", "/"), "FORMULA_CELL", "date", id="a formula as date"),
    pytest.param((upn(2), "2024-02-30", "AM", "/"), "BAD_DATE", "date", id="no such day"),
    pytest.param((upn(2), "9/9/24", "AM", "/"), "BAD_DATE", "date", id="a short year"),
    pytest.param((upn(2), MONDAY, "noon", "/"), "BAD_SESSION", "session", id="no such session"),
    pytest.param((upn(2), MONDAY, "AM", "?"), "UNKNOWN_CODE", "code", id="no such code"),
    pytest.param((upn(2), MONDAY, "AM", ""), "EMPTY_CELL", "code", id="no code"),
    pytest.param((upn(9), MONDAY, "AM", "/"), "UNKNOWN_CHILD", "upn", id="an unknown child"),
    pytest.param((upn(2), "2024-09-06", "AM", "/"), "NOT_ON_ROLL", "date", id="before the roll"),
    pytest.param((upn(2), "2024-09-23", "AM", "/"), "NO_CALENDAR", "date", id="after the calendar"),
    pytest.param((upn(2), "2024-09-14", "AM", "/"), "NO_CALENDAR", "date", id="a Saturday"),
    pytest.param(GOOD, "DUPLICATE_ROW", "date", id="the same row twice"),
    pytest.param((upn(1), MONDAY, "AM", "I"), "DUPLICATE_ROW", "date", id="two codes at once"),
    pytest.param((upn(2), MONDAY, "AM"), "WRONG_CELL_COUNT", "", id="a cell too few"),
    pytest.param((*GOOD, "x"), "WRONG_CELL_COUNT", "", id="a cell too many"),
]


async def _refused(authority: Authority, content: bytes) -> ServiceError:
    with pytest.raises(ServiceError) as error:
        await authority.load_file(content)
    query = select(func.count()).select_from(REGISTER_BLOCK)
    kept = await authority.database.read(lambda connection: connection.execute(query).scalar())
    assert kept == 0
    return error.value


@pytest.mark.parametrize(("content", "reason"), UNREADABLE)
async def test_a_file_that_cannot_be_read_says_why(
    council: Authority, content: bytes, reason: str
) -> None:
    assert (await _refused(council, content)).reason == reason


@pytest.mark.parametrize(("row", "rule", "column"), WRONG)
async def test_a_wrong_row_is_named_with_what_to_do(
    council: Authority, row: tuple[object, ...], rule: str, column: str
) -> None:
    error = await _refused(council, rows((upn(3), MONDAY, "AM", "/"), row))

    assert error.reason == "ROWS_REFUSED"
    assert error.metadata["rule"] == rule
    assert error.metadata["column"] == column
    assert error.metadata["row"] == "4"
    assert error.metadata["remedy"]


async def test_the_message_never_holds_an_identifier(council: Authority) -> None:
    error = await _refused(council, rows((upn(9), MONDAY, "AM", "/")))

    assert upn(9) not in str(error.metadata) + error.message


async def test_a_refused_file_is_refused_with_a_hundred_thousand_rows_too(
    council: Authority,
) -> None:
    many = [(upn(1), MONDAY, "AM", "?")] * 100_000

    error = await _refused(council, rows(*many))

    assert error.metadata["rows_refused"] == "100000"


async def test_blank_lines_are_no_rows_and_lines_keep_their_numbers(council: Authority) -> None:
    content = table(HEADER, GOOD) + b"\r\n,,,\r\n" + table((upn(2), MONDAY, "AM", "?"))

    error = await _refused(council, content)

    assert error.metadata["row"] == "5"
    assert error.metadata["rows_refused"] == "1"


async def test_a_byte_order_mark_and_capitals_in_the_header_do_no_harm(council: Authority) -> None:
    content = b"\xef\xbb\xbf" + table(("UPN", "Date", "Session", "Code"), GOOD)

    assert (await council.load_file(content)).marks == 1


async def test_a_planned_closure_may_stand_on_a_holiday_and_a_mark_may_not(
    council: Authority,
) -> None:
    tuesday = MONDAY.replace(day=10)
    await council.set_calendar((tuesday, tuesday, 4))

    assert (await council.load([(upn(1), tuesday, "AM", "#")])).marks == 1
    with pytest.raises(ServiceError) as error:
        await council.load([(upn(1), tuesday, "PM", "/")])
    assert error.value.metadata["rule"] == "NOT_A_SCHOOL_DAY"


async def test_a_legacy_code_is_taken_with_a_warning(council: Authority) -> None:
    done = await council.load([(upn(1), MONDAY, "AM", "F"), (upn(2), MONDAY, "AM", "h")])

    assert done.marks == 2
    assert [(odd.row, odd.value, odd.reason) for odd in done.warnings] == [
        (2, "F", "CODE_NOT_IN_FORCE"),
        (3, "h", "CODE_NOT_IN_FORCE"),
    ]


def test_a_line_of_a_gigabyte_is_refused_without_reading_it_all() -> None:
    content = b"upn,date,session,code\n" + b"a" * (1 << 30)
    started = time.process_time()

    with pytest.raises(ServiceError, match="line 2 is longer"):
        files.read(content, school="100001", mapping=files.Mapping())

    assert time.process_time() - started < 0.5
