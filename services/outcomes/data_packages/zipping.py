"""A package as a zip file that says of itself what is in it.

`datapackage.json` after Frictionless Data, `csv-metadata.json` after the W3C's CSV on the Web, a
codebook, a note on the method, and the licence.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from services.outcomes.data_packages.contents import Notes, Sheet, Variable, csv_bytes

MISSING = ("", "c", "z", "x", "low")
_OLDEST = (1980, 1, 1, 0, 0, 0)
_XSD = {"integer": "integer", "number": "decimal", "string": "string", "datetime": "dateTime"}


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
