"""A CSV file of marks, read into columns; what cannot be read is found and named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.outcomes.errors import HeaderWrong
from services.outcomes.incoming_rows import csv_files
from services.outcomes.incoming_rows.cell_values import read_date, read_urn
from services.outcomes.incoming_rows.csv_files import Column, Sheet
from services.outcomes.incoming_rows.findings import SHOWN_MAX, Findings, Rule
from services.outcomes.register.domain.checks import Labels
from services.outcomes.register.domain.marks import Marks

_SESSIONS = {"AM": 0, "MORNING": 0, "PM": 1, "AFTERNOON": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which column of a file holds what. Either `session` and `code`, or the last two."""

    child: str = "upn"
    date: str = "date"
    session: str = "session"
    code: str = "code"
    am_code: str = ""
    pm_code: str = ""
    urn: str = ""

    def wanted(self, school: str) -> dict[str, str]:
        """Return what each column is for and its name.

        Raises:
            HeaderWrong: No school is given and no column either, or only one of the two codes.
        """
        columns = {"child": self.child, "date": self.date}
        if bool(self.am_code) != bool(self.pm_code):
            raise HeaderWrong(
                "am_code and pm_code go together", field="mapping", column="am_code", found=""
            )
        if self.am_code:
            columns |= {"am": self.am_code, "pm": self.pm_code}
        else:
            columns |= {"session": self.session, "code": self.code}
        if not school:
            columns["urn"] = self.urn or "urn"
        return columns


@dataclass(slots=True)
class RegisterFile:
    """What a file says.

    Attributes:
        marks: Of the rows that can be read.
        findings: What is wrong with the others; continued over `marks` by the checks.
        labels: The columns' names.
    """

    marks: Marks
    findings: Findings
    labels: Labels
    mapping: Mapping = field(default_factory=Mapping)


def read(
    content: bytes, *, school: str, mapping: Mapping, shown_max: int = SHOWN_MAX
) -> RegisterFile:
    """Read a file of marks.

    Args:
        content: The file.
        school: URN for every row; empty when a column names it.
        mapping: The columns.
        shown_max: How many wrong rows are named.

    Raises:
        FileUnreadable: It is not CSV in UTF-8.
        LineTooLong: A line is above 64 KiB.
        HeaderWrong: A column is missing.
        TooManyRows: It has too many rows.
    """
    sheet = csv_files.read(content, mapping.wanted(school), optional=frozenset())
    findings = Findings(sheet.line_of, np.zeros(sheet.rows, np.bool_), shown_max=shown_max)
    for line in sheet.misshapen:
        findings.unreadable(line)
    columns = sheet.columns
    for column in columns.values():
        findings.refuse(Rule.FORMULA_CELL, column.name, _formulas(column), column.cell)
    for purpose in ("child", "date", "session", "code", "urn"):
        if purpose in columns:
            empty = columns[purpose].empty() & ~sheet.blank
            findings.refuse(Rule.EMPTY_CELL, columns[purpose].name, empty, columns[purpose].cell)
    marks, rows, part = _marks(sheet, findings, school)
    labels = Labels(
        child=columns["child"].name,
        date=columns["date"].name,
        urn=columns["urn"].name if "urn" in columns else "",
        codes=tuple(columns[name].name for name in ("code", "am", "pm") if name in columns),
        part=part,
    )
    onwards = findings.onwards(lambda mark: sheet.line_of(int(rows[mark])), len(marks))
    return RegisterFile(marks, onwards, labels, mapping)


def _formulas(column: Column) -> NDArray[np.bool_]:
    return column.formulas()


def _marks(
    sheet: Sheet, findings: Findings, school: str
) -> tuple[Marks, NDArray[np.intp], NDArray[np.intp]]:
    """Return the marks of good rows, the row each came from, and which column of codes."""
    columns = sheet.columns
    days = _days(columns["date"], findings, sheet.blank)
    schools, school_index = _schools(columns.get("urn"), findings, sheet, school)
    session = _sessions(columns.get("session"), findings, sheet)
    good = np.flatnonzero(~findings.refused & ~sheet.blank)
    if session is not None:
        codes, rows = columns["code"].values, good
        code = columns["code"].index[rows].astype(np.intp)
        part = np.zeros(len(rows), np.intp)
        session = session[rows]
    else:
        codes, rows, code, part = _both(sheet, good)
        session = part.astype(np.uint8)
    marks = Marks(
        schools=schools,
        children=columns["child"].values,
        codes=codes,
        school=school_index[rows],
        child=columns["child"].index[rows],
        code=code,
        day=days[rows],
        session=session,
    )
    return marks, rows, part


def _both(
    sheet: Sheet, good: NDArray[np.intp]
) -> tuple[list[str], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Take a morning and an afternoon from each row; an empty cell is not a mark."""
    am, pm = sheet.columns["am"], sheet.columns["pm"]
    codes = [*am.values, *pm.values]
    rows = np.concatenate([good, good])
    part = np.repeat(np.array([0, 1], np.intp), len(good))
    code = np.concatenate([am.index[good], pm.index[good] + len(am.values)]).astype(np.intp)
    filled = np.fromiter((bool(text) for text in codes), np.bool_, len(codes))[code]
    return codes, rows[filled], code[filled], part[filled]


def _days(column: Column, findings: Findings, blank: NDArray[np.bool_]) -> NDArray[np.int32]:
    read = [read_date(text) for text in column.values]
    wrong = (
        column.rows_where(
            [bool(text) and day is None for text, day in zip(column.values, read, strict=True)]
        )
        & ~blank
    )
    findings.refuse(Rule.BAD_DATE, column.name, wrong, column.cell)
    table = np.fromiter(((day or date.min).toordinal() for day in read), np.int32, len(read))
    return table[column.index]


def _schools(
    column: Column | None, findings: Findings, sheet: Sheet, school: str
) -> tuple[list[str], NDArray[np.integer]]:
    if column is None:
        return [school], np.zeros(sheet.rows, np.uint8)
    wrong = column.rows_where([bool(text) and read_urn(text) is None for text in column.values])
    findings.refuse(Rule.BAD_URN, column.name, wrong & ~sheet.blank, column.cell)
    return column.values, column.index


def _sessions(column: Column | None, findings: Findings, sheet: Sheet) -> NDArray[np.uint8] | None:
    if column is None:
        return None
    known = [_SESSIONS.get(text.upper()) for text in column.values]
    wrong = column.rows_where(
        [bool(text) and session is None for text, session in zip(column.values, known, strict=True)]
    )
    findings.refuse(Rule.BAD_SESSION, column.name, wrong & ~sheet.blank, column.cell)
    table = np.fromiter((session or 0 for session in known), np.uint8, len(known))
    return table[column.index]
