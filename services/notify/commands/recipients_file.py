"""A CSV file of people: all of it is kept, or none, and every wrong row is named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.chassis.auth import PEOPLE
from services.chassis.errors import ServiceError
from services.chassis.unit_of_work import UnitOfWork
from services.notify.commands.recipients import Kept, email_of, keep, phone_of
from services.notify.domain.words import Language
from services.notify.errors import RecipientsFileInvalid

COLUMNS = ("subject", "role", "schools", "email", "phone", "language", "team_member")
ERRORS_MAX = 100
_ROWS_MAX = 5_000
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._:|-]{0,119}")
_SCHOOL = re.compile(r"[0-9]{5,7}")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": None}
_CELL_MAX = 10_000


@dataclass(frozen=True, slots=True)
class RowError:
    """A wrong cell: where it is and what to do, never what it holds."""

    row: int
    column: str
    problem: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    rows: int
    kept: int
    errors: tuple[RowError, ...]


def import_file(work: UnitOfWork, content: bytes) -> Imported:
    """Keep every person of the file, or nobody when a row is wrong.

    Raises:
        RecipientsFileInvalid: Not UTF-8, another header, or more than 5,000 rows.
    """
    people: list[Kept] = []
    errors: list[RowError] = []
    rows = 0
    for line, row in _rows(content):
        rows += 1
        found, wrong = _read(line, row)
        errors += wrong
        people += [found] if found else []
    if errors:
        return Imported(rows, 0, tuple(errors[:ERRORS_MAX]))
    for person in people:
        keep(work, person)
    return Imported(rows, len({person.subject for person in people}), ())


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid("the file is not UTF-8; save it as CSV UTF-8") from None
    csv.field_size_limit(_CELL_MAX)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise _invalid(f"the first line must be {','.join(COLUMNS)}")
        for count, row in enumerate(reader, start=1):
            if count > _ROWS_MAX:
                raise _invalid(f"more than {_ROWS_MAX} rows; part the file")
            yield reader.line_num, row
    except csv.Error:
        raise _invalid(f"line {reader.line_num} is not CSV") from None


def _read(line: int, row: dict[str, str]) -> tuple[Kept | None, list[RowError]]:
    if None in row or None in row.values():
        return None, [RowError(line, "", f"the row must have {len(COLUMNS)} cells")]
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    errors = [
        RowError(line, column, problem) for column, problem in _problems(cells).items() if problem
    ]
    if errors:
        return None, errors
    return (
        Kept(
            subject=cells["subject"],
            role=cells["role"],
            schools=frozenset(cells["schools"].split()),
            email=cells["email"],
            phone=cells["phone"],
            language=Language(cells["language"]) if cells["language"] else None,
            team_member=_YES[cells["team_member"].lower()],
        ),
        [],
    )


def _problems(cells: dict[str, str]) -> dict[str, str]:
    schools = cells["schools"].split()
    return {
        "subject": "" if _SUBJECT.fullmatch(cells["subject"]) else "give the subject of sign-in",
        "role": "" if cells["role"] in PEOPLE else f"use one of {', '.join(PEOPLE)}",
        "schools": ""
        if all(_SCHOOL.fullmatch(school) for school in schools)
        else "give URNs parted by spaces",
        "email": _contact(email_of, cells["email"], "give an e-mail address or nothing"),
        "phone": _contact(phone_of, cells["phone"], "give a telephone number or nothing"),
        "language": "" if cells["language"] in {"", *Language} else "use en or cy",
        "team_member": "" if cells["team_member"].lower() in _YES else "use yes or no",
    }


def _contact(read: Callable[[str], str], text: str, problem: str) -> str:
    try:
        read(text)
    except ServiceError:
        return problem
    return ""


def _invalid(problem: str) -> RecipientsFileInvalid:
    return RecipientsFileInvalid(f"content: {problem}", field="content")
