"""Children as a file or as columns, read into placements; each wrong row is found and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from services.outcomes.children.domain import Enrolment, EnrolmentStatus, Person, upn_is_valid
from services.outcomes.children.placing import Placement
from services.outcomes.errors import StreamInvalid
from services.outcomes.incoming_rows import csv_files
from services.outcomes.incoming_rows.cell_values import is_formula, read_date, read_urn
from services.outcomes.incoming_rows.findings import Findings, Rule

COLUMNS = (
    "urn",
    "upn",
    "former_upn",
    "authority_child_id",
    "mis_id",
    "forename",
    "surname",
    "date_of_birth",
    "first_date",
    "last_date",
    "status",
)
_OPTIONAL = frozenset(COLUMNS) - {"first_date"}
_DATES = ("date_of_birth", "first_date", "last_date")
_STATUS = {
    "": EnrolmentStatus.SOLE,
    "sole": EnrolmentStatus.SOLE,
    "main": EnrolmentStatus.MAIN,
    "subsidiary": EnrolmentStatus.SUBSIDIARY,
}


@dataclass(slots=True)
class ChildFile:
    """Rows of children.

    Attributes:
        placements: One for each row; rows at fault hold what could be read.
        urns: The school of each row.
        findings: What is wrong.
    """

    placements: list[Placement]
    urns: list[str]
    findings: Findings

    def refuse(self, rule: Rule, rows: Sequence[int]) -> None:
        """Mark rows as wrong; the value is left out, since it may be personal."""
        wrong = np.zeros(len(self.placements), np.bool_)
        wrong[rows] = True
        column = "urn" if rule is Rule.UNKNOWN_SCHOOL else ""
        self.findings.refuse(rule, column, wrong, lambda row: self.urns[row] if column else "")


def read_csv(content: bytes, *, urn: str) -> ChildFile:
    """Read a file of children.

    Raises:
        FileUnreadable: It is not CSV in UTF-8.
        LineTooLong: A line is above 64 KiB.
        HeaderWrong: A column is missing.
        TooManyRows: It has too many rows.
    """
    optional = _OPTIONAL if urn else _OPTIONAL - {"urn"}
    sheet = csv_files.read(content, {name: name for name in COLUMNS}, optional=optional)
    columns, findings = sheet.filled()
    return _read(columns, findings, urn=urn)


def read_columns(given: Mapping[str, Sequence[str]], *, urn: str) -> ChildFile:
    """Read columns of children; an empty column is absent.

    Raises:
        StreamInvalid: Columns differ in length (STREAM_INVALID).
    """
    columns = {name: [text.strip() for text in given[name]] for name in COLUMNS if given[name]}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise StreamInvalid(
            "the columns of children differ in length", field="columns", detail="lengths differ"
        )
    rows = np.zeros(max(lengths, default=0), np.bool_)
    return _read(columns, Findings(lambda row: row + 1, rows), urn=urn)


def _read(columns: Mapping[str, list[str]], findings: Findings, *, urn: str) -> ChildFile:
    count = len(findings.refused)
    cells = {name: columns.get(name) or [""] * count for name in COLUMNS}
    if urn:
        cells["urn"] = [given or urn for given in cells["urn"]]
    for name in COLUMNS:
        findings.refuse_cells(Rule.FORMULA_CELL, name, cells[name], is_formula)
    findings.refuse_cells(Rule.BAD_URN, "urn", cells["urn"], lambda text: read_urn(text) is None)
    for name in ("upn", "former_upn"):
        findings.refuse_cells(Rule.BAD_UPN, name, cells[name], _wrong_upn)
    first = cells["first_date"]
    findings.refuse_cells(Rule.EMPTY_CELL, "first_date", first, lambda text: not text)
    dates = {name: _dates(findings, name, cells[name]) for name in _DATES}
    status = cells["status"]
    findings.refuse_cells(
        Rule.BAD_STATUS, "status", status, lambda text: text.lower() not in _STATUS
    )
    placements = [_placement(cells, dates, row) for row in range(count)]
    _refuse_rows(findings, placements)
    return ChildFile(placements, cells["urn"], findings)


def _wrong_upn(text: str) -> bool:
    return bool(text) and not upn_is_valid(text)


def _dates(findings: Findings, column: str, cells: list[str]) -> list[date | None]:
    read = {text: read_date(text) for text in set(cells)}
    wrong = {text for text, day in read.items() if text and day is None}
    findings.refuse_cells(Rule.BAD_DATE, column, cells, wrong.__contains__)
    return [read[text] for text in cells]


def _placement(
    cells: Mapping[str, list[str]], dates: Mapping[str, list[date | None]], row: int
) -> Placement:
    urn, mis, former = cells["urn"][row], cells["mis_id"][row], cells["former_upn"][row]
    person = Person(
        forename=cells["forename"][row],
        surname=cells["surname"][row],
        date_of_birth=dates["date_of_birth"][row],
        upn=cells["upn"][row],
        former_upns=(former,) if former else (),
        authority_child_id=cells["authority_child_id"][row],
        mis_ids=((urn, mis),) if mis else (),
    )
    enrolment = Enrolment(
        urn=urn,
        first=dates["first_date"][row] or date.min,
        last=dates["last_date"][row],
        status=_STATUS.get(cells["status"][row].lower(), EnrolmentStatus.SOLE),
    )
    return Placement(person, enrolment)


def _refuse_rows(findings: Findings, placements: Sequence[Placement]) -> None:
    unnamed = np.fromiter((not one.person.identifiers() for one in placements), np.bool_)
    findings.refuse(Rule.UNNAMED_CHILD, "", unnamed, lambda _row: "")
    backwards = np.fromiter((_ends_early(one.enrolment) for one in placements), np.bool_)
    findings.refuse(Rule.BAD_DATES, "last_date", backwards, lambda _row: "")


def _ends_early(enrolment: Enrolment | None) -> bool:
    return bool(enrolment and enrolment.last and enrolment.last < enrolment.first)
