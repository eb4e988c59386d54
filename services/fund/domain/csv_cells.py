"""CSV as spreadsheets may open it: a cell that could be a formula is made text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from services.chassis.spreadsheets import safe


def line(cells: Iterable[object]) -> str:
    """Return one line of CSV, its end included (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerow([cell(each) for each in cells])
    return out.getvalue()


def document(rows: Iterable[Sequence[object]]) -> str:
    """Return a whole CSV text."""
    return "".join(line(row) for row in rows)


def cell(value: object) -> str:
    """Return a cell's text; one that a spreadsheet would compute gets an apostrophe in front.

    Amounts are ours and stay numbers, also below zero.
    """
    if value is None:
        return ""
    return value if isinstance(value, Amount) else safe(str(value))


class Amount(str):
    """Pounds and pence in text, such as `-12.34`."""

    __slots__ = ()


def pounds(pence: int) -> Amount:
    """Return pence as pounds with two places."""
    sign, value = ("-", -pence) if pence < 0 else ("", pence)
    return Amount(f"{sign}{value // 100}.{value % 100:02d}")
