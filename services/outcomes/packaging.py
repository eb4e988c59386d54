"""Data packages: CSV files with what a stranger needs to read them, the same bytes every time.

`datapackage.json` after Frictionless Data, `csv-metadata.json` after the W3C's CSV on the Web, a
codebook, a note on the method, and the licence.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

LICENCE = (
    "For the evaluation named in the data-sharing agreement only. Pseudonymous data of children "
    "is personal data. To re-identify a child is an offence: Data Protection Act 2018, "
    "section 171.\n"
)
OPEN_LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0.\n"
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/\n"
)
MISSING = ("", "c", "z", "x", "low")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_OLDEST = (1980, 1, 1, 0, 0, 0)
_XSD = {"integer": "integer", "number": "decimal", "string": "string", "datetime": "dateTime"}


class Role(StrEnum):
    """What a column of a controlled table is, for whoever attacks it."""

    NONE = ""
    DIMENSION = "dimension"
    COUNT = "count"
    AMOUNT = "amount"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Variable:
    """A column.

    Attributes:
        name: In the header.
        kind: Its Frictionless type.
        description: What it means.
        role: In a controlled table.
        rounded_to: Its figures are multiples of this, in its unit; 0 when they are not rounded.
        suppressed_to: Counts up to this are suppressed.
    """

    name: str
    kind: str
    description: str
    role: str = Role.NONE
    rounded_to: int = 0
    suppressed_to: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file of a package; `population` says who is divided in a controlled table."""

    name: str
    title: str
    variables: tuple[Variable, ...]
    content: bytes
    population: str = ""

    @property
    def sha256(self) -> str:
        """The digest of its bytes, hexadecimal."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Notes:
    """What a package says of itself."""

    name: str
    title: str
    version: str
    licence: str
    method: str


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV (RFC 4180); text that a spreadsheet would run gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def package(notes: Notes, sheets: Sequence[Sheet]) -> bytes:
    """Return the zip of a package; the same input gives the same bytes."""
    files: list[tuple[str, bytes]] = [
        ("datapackage.json", _json(_datapackage(notes, sheets))),
        ("csv-metadata.json", _json(_csvw(notes, sheets))),
        ("codebook.csv", _codebook(sheets)),
        ("method.txt", notes.method.encode()),
        ("LICENCE.txt", notes.licence.encode()),
        *((f"{sheet.name}.csv", sheet.content) for sheet in sheets),
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _OLDEST), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return "'" + value
    return "" if value is None else value


def _datapackage(notes: Notes, sheets: Sequence[Sheet]) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": notes.name,
        "title": notes.title,
        "version": notes.version,
        "licenses": [{"name": "see-LICENCE", "title": "LICENCE.txt", "path": "LICENCE.txt"}],
        "resources": [
            {
                "name": sheet.name,
                "type": "table",
                "title": sheet.title,
                "path": f"{sheet.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(sheet.content),
                "hash": f"sha256:{sheet.sha256}",
                "schema": {
                    "fields": [_field(each) for each in sheet.variables],
                    "missingValues": list(MISSING),
                },
                **({"population": sheet.population} if sheet.population else {}),
            }
            for sheet in sheets
        ],
    }


def _field(variable: Variable) -> dict[str, Any]:
    field = {
        "name": variable.name,
        "type": variable.kind,
        "description": variable.description,
        "role": variable.role,
        "roundedTo": variable.rounded_to,
        "suppressedUpTo": variable.suppressed_to,
    }
    return {name: value for name, value in field.items() if value}


def _csvw(notes: Notes, sheets: Sequence[Sheet]) -> dict[str, Any]:
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "dc:title": notes.title,
        "dc:license": {"@id": "LICENCE.txt"},
        "tables": [
            {
                "url": f"{sheet.name}.csv",
                "dc:title": sheet.title,
                "tableSchema": {
                    "columns": [
                        {
                            "name": each.name,
                            "titles": each.name,
                            "dc:description": each.description,
                            "datatype": _XSD[each.kind],
                            "null": list(MISSING),
                        }
                        for each in sheet.variables
                    ]
                },
            }
            for sheet in sheets
        ],
    }


def _codebook(sheets: Sequence[Sheet]) -> bytes:
    rows = [
        (sheet.name, each.name, each.kind, each.description)
        for sheet in sheets
        for each in sheet.variables
    ]
    symbols = [
        ("(all)", "c", "symbol", "suppressed: too few children, or it would tell of a few"),
        ("(all)", "z", "symbol", "not applicable"),
        ("(all)", "x", "symbol", "unavailable: too few sessions to say"),
        ("(all)", "low", "symbol", "rounds to nothing and is not nothing"),
    ]
    return csv_bytes(("table", "name", "type", "description"), [*rows, *symbols])


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
