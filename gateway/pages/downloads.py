"""Tables as CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence

from starlette.responses import Response, StreamingResponse

# A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Answer a CSV file in UTF-8 with a mark that spreadsheets need to read it as such."""
    rest = _lines([_cell(value) for value in row] for row in rows)
    return Response("\N{BYTE ORDER MARK}" + _lines([header]) + rest, headers=_headers(name))


def streamed(
    name: str, header: Sequence[str], pages: AsyncIterable[Iterable[Sequence[object]]]
) -> Response:
    """Answer a CSV file of any length, written as its rows are read.

    A page that fails ends the connection before its time, so a part is never taken for all.
    """

    async def lines() -> AsyncIterator[str]:
        yield "\N{BYTE ORDER MARK}" + _lines([header])
        async for rows in pages:
            yield _lines([_cell(value) for value in row] for row in rows)

    return StreamingResponse(lines(), headers=_headers(name))


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }


def pounds(minor: int) -> str:
    """Write pence as a plain number of pounds, which a spreadsheet can add up."""
    whole, pence = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}.{pence:02d}"


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdecimal()
