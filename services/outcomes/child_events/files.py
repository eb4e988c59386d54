"""A file of events read into rows; each wrong cell is found and named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from services.outcomes.child_events.domain import Details, Kind, Status
from services.outcomes.children.domain import Scheme
from services.outcomes.errors import TooManyRows
from services.outcomes.incoming_rows import csv_files
from services.outcomes.incoming_rows.cell_values import is_formula, read_date, read_urn
from services.outcomes.incoming_rows.findings import Findings, Rule

ROWS_MAX = 20_000
"""An authority's suspensions of a year, many times over."""

CHILD_COLUMN = {
    Scheme.UPN: "upn",
    Scheme.AUTHORITY: "authority_child_id",
    Scheme.MIS: "mis_id",
    Scheme.CHILD: "child_id",
}
_DATES = ("first_date", "last_date", "status_date")
_SESSIONS, _YEAR_GROUPS = range(1, 91), range(15)
_REASONS = ("reason_1", "reason_2", "reason_3")
_COLUMNS = ("kind", *_DATES, "sessions", "year_group", *_REASONS, "status", "urn")
_REQUIRED = {"kind", "first_date"}
_KINDS = {kind.name.lower(): kind for kind in Kind}
_KINDS |= {"susp": Kind.SUSPENSION, "fixd": Kind.SUSPENSION, "perm": Kind.PERMANENT_EXCLUSION}
_STATUSES = {"": Status.NONE} | {status.name.lower(): status for status in Status if status}
_NUMBER = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row as it was read; what could not be read stands as a default and is refused.

    Attributes:
        child: The identifier as given.
    """

    child: str
    kind: Kind
    urn: str
    details: Details


@dataclass(slots=True)
class EventFile:
    """Rows of events.

    Attributes:
        scheme: What names the children.
        rows: One for each row.
        findings: What is wrong.
    """

    scheme: Scheme
    rows: list[EventRow]
    findings: Findings

    def refuse(self, row: int, rule: Rule, column: str) -> None:
        """Mark one row as wrong; the value is left out, since it may be personal."""
        wrong = np.zeros(len(self.rows), np.bool_)
        wrong[row] = True
        self.findings.refuse(rule, column, wrong, lambda _row: "")


def read_csv(content: bytes, *, scheme: Scheme, urn: str) -> EventFile:
    """Read a file of events.

    Raises:
        FileUnreadable: It is not CSV in UTF-8.
        LineTooLong: A line is above 64 KiB.
        HeaderWrong: A column is missing.
        TooManyRows: It has more than 20,000 rows.
    """
    child = CHILD_COLUMN[scheme]
    names = (child, *_COLUMNS)
    optional = frozenset(_COLUMNS) - _REQUIRED
    sheet = csv_files.read(content, {name: name for name in names}, optional=optional)
    count = int(np.count_nonzero(~sheet.blank))
    if count > ROWS_MAX:
        raise TooManyRows(
            f"{count} rows are more than {ROWS_MAX}", field="content", rows=count, limit=ROWS_MAX
        )
    filled, findings = sheet.filled()
    cells = dict.fromkeys(names, [""] * count) | filled
    cells["urn"] = [given or urn for given in cells["urn"]]
    _check(findings, cells, child)
    read = [_row(cells, child, row) for row in range(count)]
    return EventFile(scheme, read, findings)


def _check(findings: Findings, cells: Mapping[str, list[str]], child: str) -> None:
    def refuse(rule: Rule, column: str, wrong: Callable[[str], bool]) -> None:
        findings.refuse_cells(rule, column, cells[column], wrong)

    for name in cells:
        refuse(Rule.FORMULA_CELL, name, is_formula)
    for name in (child, *sorted(_REQUIRED)):
        refuse(Rule.EMPTY_CELL, name, lambda text: not text)
    refuse(Rule.UNKNOWN_KIND, "kind", lambda text: _kind(text) is None)
    refuse(Rule.BAD_URN, "urn", lambda text: bool(text) and read_urn(text) is None)
    refuse(Rule.BAD_DETAILS, "status", lambda text: text.lower() not in _STATUSES)
    for name in _DATES:
        refuse(Rule.BAD_DATE, name, lambda text: bool(text) and read_date(text) is None)
    refuse(Rule.BAD_NUMBER, "sessions", lambda text: not _fits(text, _SESSIONS))
    refuse(Rule.BAD_NUMBER, "year_group", lambda text: not _fits(text, _YEAR_GROUPS))


def _kind(text: str) -> Kind | None:
    return _KINDS.get(text.lower().replace(" ", "_"))


def _fits(text: str, allowed: range) -> bool:
    return not text or (_NUMBER.fullmatch(text) is not None and int(text) in allowed)


def _row(cells: Mapping[str, list[str]], child: str, row: int) -> EventRow:
    sessions, year = cells["sessions"][row], cells["year_group"][row]
    reasons = (cells[name][row].upper() for name in _REASONS)
    details = Details(
        first=read_date(cells["first_date"][row]) or date.min,
        last=read_date(cells["last_date"][row]),
        sessions=int(sessions) if _NUMBER.fullmatch(sessions) else 0,
        reasons=tuple(reason for reason in reasons if reason),
        year_group=int(year) if _NUMBER.fullmatch(year) else None,
        status=_STATUSES.get(cells["status"][row].lower(), Status.NONE),
        status_on=read_date(cells["status_date"][row]),
    )
    kind = _kind(cells["kind"][row]) or Kind.SUSPENSION
    return EventRow(cells[child][row], kind, cells["urn"][row], details)
