"""Reading files of schools by the column names that their publishers use, in either encoding."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from services.outcomes.reference.domain import Phase, School

_URN = ("urn",)
_NAME = ("establishmentname", "schoolname")
_AUTHORITY = ("la (code)", "la")
_ESTABLISHMENT = ("establishmentnumber",)
_LAESTAB = ("laestab",)
_PHASE = ("phaseofeducation (name)",)
_KIND = ("typeofestablishment (name)",)
_OPENED = ("opendate",)
_CLOSED = ("closedate",)
_PHASES = {
    "nursery": Phase.NURSERY,
    "primary": Phase.PRIMARY,
    "middle deemed primary": Phase.PRIMARY,
    "secondary": Phase.SECONDARY,
    "middle deemed secondary": Phase.SECONDARY,
    "16 plus": Phase.SECONDARY,
    "all-through": Phase.ALL_THROUGH,
}
_NUMBERS = (
    (1000, 1099, Phase.NURSERY),
    (1100, 1199, Phase.ALTERNATIVE),
    (1800, 1899, Phase.NURSERY),
    (2000, 3999, Phase.PRIMARY),
    (4000, 4999, Phase.SECONDARY),
    (5200, 5299, Phase.PRIMARY),
    (5400, 5499, Phase.SECONDARY),
    (5900, 5948, Phase.PRIMARY),
    (6900, 6999, Phase.SECONDARY),
    (7000, 7999, Phase.SPECIAL),
)
"""Establishment numbers say the phase a school was opened as, where no column says it."""

_PREDECESSOR = "predecessor"
_NAME_MAX = 200


class SchoolsUnreadable(ValueError):
    """The file is not one of schools that is known."""


def read_schools(content: bytes, *, authority: str = "") -> list[School]:
    """Return the schools of a file, each once, in order of URN.

    Args:
        content: GIAS's `edubasealldata` or the DfE's register of schools; UTF-8 or Windows-1252.
        authority: Only this one, by its three-digit number; every one when empty.

    Raises:
        SchoolsUnreadable: A column is missing, or nothing in the file is a school.
    """
    found = {}
    for row in _rows(content, _URN, _NAME):
        school = _school(row)
        if school is not None and school.laestab.startswith(authority):
            found[school.urn] = school
    if not found:
        raise SchoolsUnreadable("the file has no schools, or none of that authority")
    return [found[urn] for urn in sorted(found)]


def read_links(content: bytes) -> dict[str, tuple[str, ...]]:
    """Return the URNs that each school follows, ascending, from GIAS's `links_edubasealldata`.

    Raises:
        SchoolsUnreadable: A column is missing.
    """
    found: dict[str, set[str]] = {}
    for row in _rows(content, _URN, ("linkurn",), ("linktype",)):
        if row["linktype"].casefold().startswith(_PREDECESSOR):
            found.setdefault(row["urn"], set()).add(row["linkurn"])
    return {urn: tuple(sorted(before)) for urn, before in found.items()}


def followed(school: School, links: Mapping[str, tuple[str, ...]]) -> School:
    """Return a school with those that it follows; of a merger there are several."""
    before = links.get(school.urn, ())
    if not before:
        return school
    return replace(school, predecessor_urn=before[0], other_predecessor_urns=before[1:])


def _rows(content: bytes, *needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(_text(content)))
    names = {name: (name or "").strip().casefold() for name in reader.fieldnames or []}
    missing = [one[0] for one in needed if not set(one) & set(names.values())]
    if missing:
        raise SchoolsUnreadable(f"the file has no column {missing[0]}")
    for row in reader:
        yield {known: (row[name] or "").strip() for name, known in names.items()}


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # The DfE's own files are Windows-1252 where a name has an apostrophe or an accent.
        return content.decode("cp1252", errors="replace")


def _cell(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _school(row: Mapping[str, str]) -> School | None:
    urn, name = _cell(row, _URN), _cell(row, _NAME)
    if not (urn.isdigit() and len(urn) == 6 and name):
        return None
    laestab = _cell(row, _LAESTAB)
    if not laestab and _cell(row, _ESTABLISHMENT).isdigit():
        laestab = f"{_cell(row, _AUTHORITY)}{int(_cell(row, _ESTABLISHMENT)):04d}"
    laestab = laestab.replace("/", "")
    phase = _phase(row, laestab)
    if phase is None:
        return None
    return School(
        urn=urn,
        name=name[:_NAME_MAX],
        phase=phase,
        laestab=laestab if laestab.isdigit() and len(laestab) == 7 else "",
        opened=_day(_cell(row, _OPENED)),
        closed=_day(_cell(row, _CLOSED)),
    )


def _day(text: str) -> date | None:
    """Return the date that GIAS writes as DD-MM-YYYY; None for anything else."""
    try:
        return datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _phase(row: Mapping[str, str], laestab: str) -> Phase | None:
    """Return the phase; None for a school that is outside them, such as an independent one."""
    kind, named = _cell(row, _KIND).casefold(), _cell(row, _PHASE).casefold()
    if "special" in kind:
        return Phase.SPECIAL
    if "alternative provision" in kind or "pupil referral" in kind:
        return Phase.ALTERNATIVE
    if named in _PHASES:
        return _PHASES[named]
    number = int(laestab[3:]) if laestab[3:].isdigit() else 0
    ranges = (phase for first, last, phase in _NUMBERS if first <= number <= last)
    return next(ranges, None)
