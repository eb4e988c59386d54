"""Reading the published file: its rows, its columns of codes, and its symbols for no figure.

Source: DfE, pupil attendance in schools, daily breakdown (Open Government Licence v3).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

_REASON = re.compile(r"reason_([a-z][0-9]?)_.+")
_NAMED = {
    "reason_present_am": "/",
    "reason_present_pm": "\\",
    "reason_not_attending_planned_closed": "#",
}
_SYMBOLS = frozenset({"", "NA", "c", "x", "z", ":", ".", "low", "u", "k"})
_COUNTS = {
    "possible": "possible_sessions",
    "attended": "overall_attendance",
    "absent": "overall_absence",
    "authorised": "authorised_absence",
    "unauthorised": "unauthorised_absence",
    "late": "late_sessions",
}
_RATES = {
    "attended": "attendance_perc",
    "absent": "overall_absence_perc",
    "authorised": "authorised_absence_perc",
    "unauthorised": "unauthorised_absence_perc",
    "illness": "illness_perc",
}
_NEEDED = (
    "geographic_level",
    "attendance_date",
    "school_type",
    "new_la_code",
    "la_name",
    "region_name",
    *_COUNTS.values(),
    *_RATES.values(),
)


class NotPublished(ValueError):
    """The file is not one of the DfE's daily files."""


class Level(StrEnum):
    """Whom a row is about."""

    AUTHORITY = "Local authority"
    REGION = "Regional"
    COUNTRY = "National"


@dataclass(frozen=True, slots=True)
class Row:
    """One published row.

    Attributes:
        level: Whom it is about.
        code: The authority's ONS code; empty for others.
        name: The authority, the region, or England.
        region: The region; empty for England.
        phase: Primary, Secondary or Special; Total is weighted by the DfE.
        day: The day.
        marks: Register code -> sessions; None where the DfE suppressed the row.
        counts: Published counts by name, as in `_COUNTS`.
        rates: Published percentages by name, as in `_RATES`.
    """

    level: Level
    code: str
    name: str
    region: str
    phase: str
    day: date
    marks: Mapping[str, int] | None
    counts: Mapping[str, int]
    rates: Mapping[str, float]

    @property
    def weighted(self) -> bool:
        """Whether it is a total over phases, which the DfE weights by enrolment."""
        return self.phase == "Total"


def read(path: Path) -> list[Row]:
    """Return every row of a published file.

    Raises:
        NotPublished: A column that every daily file has is missing, or a cell is no number.
        OSError: The file cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = reader.fieldnames or []
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            raise NotPublished(f"{path} has no column {missing[0]}; is it the daily file by code?")
        codes = _code_columns(names)
        try:
            return [_row(cells, codes) for cells in reader]
        except ValueError as error:
            raise NotPublished(f"{path}, line {reader.line_num}: {error}") from None


def _code_columns(names: Iterable[str]) -> dict[str, str]:
    """Return column -> register code. `reason_present` is the sum of its two parts."""
    found = {}
    for name in names:
        if name in _NAMED:
            found[name] = _NAMED[name]
        elif matched := _REASON.fullmatch(name):
            found[name] = matched.group(1).upper()
    return found


def _row(cells: Mapping[str, str], codes: Mapping[str, str]) -> Row:
    level = Level(cells["geographic_level"])
    figures = [*codes, *_COUNTS.values(), *_RATES.values()]
    suppressed = any(cells[name] in _SYMBOLS for name in figures)
    name = {Level.AUTHORITY: cells["la_name"], Level.REGION: cells["region_name"]}
    marks = None
    if not suppressed:
        marks = {codes[column]: _whole(cells[column]) for column in codes}
    return Row(
        level=level,
        code=cells["new_la_code"] if level is Level.AUTHORITY else "",
        name=name.get(level, "England"),
        region=cells["region_name"] if level is not Level.COUNTRY else "",
        phase=cells["school_type"],
        day=date.fromisoformat(cells["attendance_date"]),
        marks=marks,
        counts={} if suppressed else {key: _whole(cells[name]) for key, name in _COUNTS.items()},
        rates={} if suppressed else {key: float(cells[name]) for key, name in _RATES.items()},
    )


def _whole(text: str) -> int:
    number = float(text)
    if number != int(number) or number < 0:
        raise ValueError(f"{text!r} is not a count")
    return int(number)
