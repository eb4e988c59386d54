"""Reading the vintages: one row for each publication, authority, phase and week.

Source: DfE, pupil attendance in schools, weekly (Open Government Licence v3), as it stood in the
dashboard's repository on each date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

AUTHORITY = "Local authority"
REGION = "Regional"
COUNTRY = "England"
EVERY_PHASE = "Total"
_RATES = {
    "illness": "illness_perc",
    "excluded": "auth_excluded_perc",
    "part_time": "auth_part_time_perc",
}
_COUNTS = {
    "present": "present_sessions",
    "approved": "approved_educational_activity",
    "attended": "overall_attendance",
    "absent": "overall_absence",
    "authorised": "authorised_absence",
    "unauthorised": "unauthorised_absence",
    "late": "late_sessions",
    "possible": "possible_sessions",
}
_PERCENTAGES = {
    "absent": "overall_absence_perc",
    "authorised": "authorised_absence_perc",
    "unauthorised": "unauthorised_absence_perc",
    **_RATES,
}
_NEEDED = (
    "published_on",
    "phase",
    "time_period",
    "time_identifier",
    "geographic_level",
    "region_name",
    "new_la_code",
    "la_name",
    *_COUNTS.values(),
    *_PERCENTAGES.values(),
)

Codes = tuple[tuple[str, int], ...]
"""Register codes with their sessions, in a fixed order; a blank stands for a present mark."""


class NotPublished(ValueError):
    """The file is not one of the vintages."""


@dataclass(frozen=True, slots=True)
class Row:
    """One published row.

    Attributes:
        published_on: When.
        level: Whom it is about: an authority, a region or the country.
        code: The authority's ONS code; empty for others.
        name: The authority's, the region's, or England.
        region: The region that an authority or region is in; empty for the country.
        phase: Primary, Secondary, Special; the percentages of Total are weighted by the DfE.
        monday: First day of the week.
        counts: Published counts by name; None where the DfE suppressed them.
        rates: Published percentages by name; those that were not published are left out.
    """

    published_on: date
    level: str
    code: str
    name: str
    region: str
    phase: str
    monday: date
    counts: Mapping[str, int] | None
    rates: Mapping[str, float]

    def contradiction(self) -> str | None:
        """Say why no register could give these counts; None when one could, or none were given."""
        held = self.counts
        if held is None:
            return None
        if held["attended"] + held["absent"] != held["possible"]:
            return "attendance and absence are not the possible sessions"
        if held["authorised"] + held["unauthorised"] != held["absent"]:
            return "authorised and unauthorised absence are not the absence"
        if held["present"] + held["approved"] != held["attended"]:
            return "presence and approved activity are not the attendance"
        if min(count for _, count in self._parts(held)) < 0:
            return "a part is larger than its whole"
        return None

    def codes(self) -> Codes | None:
        """Return the sessions of each register code; None without counts or when they contradict.

        Which codes made the rest of authorised and unauthorised absence was not published: C and
        O stand for them, and L for every late arrival.
        """
        if self.counts is None or self.contradiction() is not None:
            return None
        return self._parts(self.counts)

    def _parts(self, held: Mapping[str, int]) -> Codes:
        known = {name: self._sessions(name) for name in _RATES}
        return (
            ("", held["present"] - held["late"]),
            ("L", held["late"]),
            ("B", held["approved"]),
            ("I", known["illness"]),
            ("E", known["excluded"]),
            ("C2", known["part_time"]),
            ("C", held["authorised"] - sum(known.values())),
            ("O", held["unauthorised"]),
        )

    def _sessions(self, name: str) -> int:
        assert self.counts is not None
        return round(self.rates.get(name, 0.0) * self.counts["possible"] / 100)


def read(path: Path) -> list[Row]:
    """Return every row of the vintages; one that a publication repeats word for word, once.

    Raises:
        NotPublished: It is not a file of vintages.
        OSError: The file cannot be read.
    """
    try:
        table = parquet.read_table(path, columns=list(_NEEDED))
        rows = list(_rows(table))
    except (pa.ArrowInvalid, KeyError, ValueError) as error:
        raise NotPublished(f"{path} is not a file of weekly vintages: {error}") from None
    seen: dict[tuple[object, ...], Row] = {}
    others = []
    for row in rows:
        if row.level == AUTHORITY:
            key = (row.published_on, row.code, row.phase, row.monday)
            if seen.setdefault(key, row) != row:
                raise NotPublished(f"{path} says two things of {key}")
        else:
            others.append(row)
    return [*seen.values(), *others]


def _rows(table: pa.Table) -> Iterator[Row]:
    for cells in table.to_pylist():
        week = int(cells["time_identifier"].removeprefix("Week "))
        counts = {name: cells[column] for name, column in _COUNTS.items()}
        whole = all(value is not None for value in counts.values())
        rates = {name: cells[column] for name, column in _PERCENTAGES.items()}
        yield Row(
            published_on=date.fromisoformat(cells["published_on"]),
            level=cells["geographic_level"],
            code=cells["new_la_code"] or "",
            name=cells["la_name"] or cells["region_name"] or COUNTRY,
            region=cells["region_name"] or "",
            phase=cells["phase"],
            monday=date.fromisocalendar(int(cells["time_period"]), week, 1),
            counts={name: int(value) for name, value in counts.items()} if whole else None,
            rates={name: value for name, value in rates.items() if value is not None},
        )
