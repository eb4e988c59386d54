"""A file of exactly the rows that were refused, with what is wrong and what to do beside each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from services.chassis.spreadsheets import safe
from services.outcomes.incoming_rows.findings import Finding

ADDED = ("refused_row", "refused_column", "refused_reason", "what_to_do")


def rejected_csv(content: bytes, lines: Mapping[int, Sequence[Finding]]) -> bytes:
    """Return the rows of a file on some lines, below its header, with columns added.

    Cells that a spreadsheet would run get an apostrophe in front. Once put right, the file can be
    imported as it is: the columns that were added are not read.

    Args:
        content: The file.
        lines: What is wrong, by line; the header is line 1.
    """
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    out = io.StringIO()
    writer = csv.writer(out)
    header = next(reader, [])
    width = len(header)
    writer.writerow(_cells([*header, *ADDED]))
    for line, cells in enumerate(reader, start=2):
        if line in lines:
            padded = [*cells, *[""] * (width - len(cells))]
            writer.writerow(_cells([*padded, *_reasons(line, lines[line])]))
    return out.getvalue().encode()


def _reasons(line: int, found: Sequence[Finding]) -> list[str]:
    return [
        str(line),
        _joined(one.column for one in found),
        _joined(str(one.rule) for one in found),
        _joined(one.remedy for one in found),
    ]


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _cells(cells: Iterable[str]) -> list[str]:
    return [safe(cell) for cell in cells]
