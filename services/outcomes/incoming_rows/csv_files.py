"""Reading CSV that people made, without trusting it and without touching each cell in Python.

The bytes are checked first (encoding, NUL, the length of lines), then parsed by pyarrow into
dictionary columns: a rule is applied to each distinct value, not to each row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from services.outcomes.errors import FileUnreadable, HeaderWrong, LineTooLong, TooManyRows
from services.outcomes.incoming_rows.cell_values import is_formula
from services.outcomes.incoming_rows.findings import Findings

LINE_MAX = 65_536
ROWS_MAX = 5_000_000
_SCAN = 1 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the distinct cells, and which of them stands in each row.

    Attributes:
        name: As the header writes it.
        values: Distinct cells, trimmed of spaces around them.
        index: int32[rows], places in `values`.
    """

    name: str
    values: list[str]
    index: NDArray[np.int32]

    def cell(self, row: int) -> str:
        """Return the cell of a row."""
        return self.values[int(self.index[row])]

    def rows_where(self, chosen: Sequence[bool]) -> NDArray[np.bool_]:
        """Return bool[rows]: the rows whose cell is one of the chosen distinct values."""
        table = np.fromiter(chosen, np.bool_, len(self.values))
        return table[self.index] if table.any() else np.zeros(len(self.index), np.bool_)

    def formulas(self) -> NDArray[np.bool_]:
        """Return bool[rows]: cells that a spreadsheet would run."""
        return self.rows_where([is_formula(value) for value in self.values])

    def empty(self) -> NDArray[np.bool_]:
        """Return bool[rows]: cells without anything in them."""
        return self.rows_where([not value for value in self.values])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A parsed file.

    Attributes:
        columns: Those asked for, by what they are wanted for.
        rows: How many rows could be read.
        misshapen: Lines with another number of cells than the header.
        left_out: These and lines of spaces, in order.
        blank: bool[rows], rows with nothing in any wanted column: an empty line, or `,,,`.
    """

    columns: dict[str, Column]
    rows: int
    misshapen: list[int]
    left_out: list[int]
    blank: NDArray[np.bool_]

    def line_of(self, row: int) -> int:
        """Return the line of the file that a row stands on; the header is line 1."""
        line = row + 2
        for skipped in self.left_out:
            if skipped <= line:
                line += 1
        return line

    def filled(self) -> tuple[dict[str, list[str]], Findings]:
        """Return the rows with something in them, as cells by column, and findings over them.

        For files that are small enough to touch each cell.
        """
        rows = np.flatnonzero(~self.blank)
        cells = {
            name: [column.values[place] for place in column.index[rows].tolist()]
            for name, column in self.columns.items()
        }
        findings = Findings(lambda row: self.line_of(int(rows[row])), np.zeros(len(rows), np.bool_))
        for line in self.misshapen:
            findings.unreadable(line)
        return cells, findings


def read(content: bytes, wanted: dict[str, str], *, optional: frozenset[str]) -> Sheet:
    """Read the wanted columns of a CSV file.

    Args:
        content: The file.
        wanted: What a column is for -> its name in the header, in any case.
        optional: What may be missing.

    Raises:
        FileUnreadable: Empty, not UTF-8, or with a NUL in it (FILE_UNREADABLE).
        LineTooLong: A line is above 64 KiB (LINE_TOO_LONG).
        HeaderWrong: A column is missing or stands twice (HEADER_WRONG).
        TooManyRows: More than 5,000,000 rows (TOO_MANY_ROWS).
    """
    body = _checked(content)
    header = _header(body)
    places = _places(header, wanted, optional)
    names = [f"{place}" for place in range(len(header))]
    table, left_out = _parsed(body, names, sorted(places.values()))
    if table.num_rows > ROWS_MAX:
        raise TooManyRows(
            f"the file has {table.num_rows} rows; an import takes {ROWS_MAX}",
            field="content",
            rows=table.num_rows,
            limit=ROWS_MAX,
        )
    columns = {
        purpose: _column(header[place], table.column(names[place]))
        for purpose, place in places.items()
    }
    misshapen = [line for line, text in left_out.items() if text.strip()]
    blank = np.ones(table.num_rows, np.bool_)
    for column in columns.values():
        blank &= column.empty()
    return Sheet(columns, table.num_rows, misshapen, list(left_out), blank)


def _checked(content: bytes) -> memoryview:
    """Return the bytes without a byte-order mark, sure to be UTF-8 in lines of a sane length."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable("it is UTF-16; save it as CSV UTF-8")
    start = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    _scan_lines(content)
    if b"\x00" in content:
        raise _unreadable("it holds a NUL byte; it is not a text file")
    if not content.isascii():
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise _unreadable(f"line {line} is not UTF-8; save it as CSV UTF-8") from None
    if not content[start : start + _SCAN].strip():
        raise _unreadable("it is empty")
    return memoryview(content)[start:]


def _scan_lines(content: bytes) -> None:
    """Refuse a line that is too long before anything parses it; one pass in steps of LINE_MAX."""
    position, size = 0, len(content)
    while size - position > LINE_MAX:
        ends = content.rfind(b"\n", position, position + LINE_MAX)
        if ends < 0:
            row = content.count(b"\n", 0, position) + 1
            raise LineTooLong(
                f"line {row} is longer than {LINE_MAX} bytes; is it one row to a line?",
                field="content",
                row=row,
                limit=LINE_MAX,
            )
        position = ends + 1


def _unreadable(detail: str) -> FileUnreadable:
    return FileUnreadable(f"the file cannot be read: {detail}", field="content", detail=detail)


def _header(body: memoryview) -> list[str]:
    line = bytes(body[:LINE_MAX]).split(b"\n", 1)[0].decode(errors="replace")
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(line.strip("\r"))), [])]
    except csv.Error as error:
        raise _unreadable(f"its header is not CSV ({error})") from None


def _places(
    header: Sequence[str], wanted: dict[str, str], optional: frozenset[str]
) -> dict[str, int]:
    lower = [name.casefold() for name in header]
    places = {}
    for purpose, name in wanted.items():
        count = lower.count(name.casefold())
        if count == 1:
            places[purpose] = lower.index(name.casefold())
        elif count > 1 or purpose not in optional:
            found = ", ".join(header)[:200]
            problem = "stands twice in" if count else "is not in"
            raise HeaderWrong(
                f"column {name!r} {problem} the header; it has: {found}",
                field="content",
                column=name,
                found=found,
            )
    return places


def _parsed(
    body: memoryview, names: list[str], places: list[int]
) -> tuple[pa.Table, dict[int, str]]:
    """Return the rows, and the lines left out of them with their text.

    Every core parses; only a file with such lines is read again, by one, to number them.
    """
    left_out: dict[int, str] = {}
    seen = False

    def skip(row: Any) -> str:
        nonlocal seen
        seen = True
        if row.number is not None:
            left_out[row.number] = row.text
        return "skip"

    table = _arrow(body, names, places, skip=skip, threads=True)
    if seen:
        left_out.clear()
        table = _arrow(body, names, places, skip=skip, threads=False)
    return table, left_out


def _arrow(
    body: memoryview, names: list[str], places: list[int], *, skip: Any, threads: bool
) -> pa.Table:
    cells = pa.dictionary(pa.int32(), pa.string())
    try:
        return arrow_csv.read_csv(
            pa.py_buffer(body),
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows=1, use_threads=threads, block_size=1 << 22
            ),
            parse_options=arrow_csv.ParseOptions(
                invalid_row_handler=skip, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={names[place]: cells for place in places},
                include_columns=[names[place] for place in places],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            empty = pa.array([], pa.string()).dictionary_encode()
            return pa.table({names[place]: empty for place in places})
        raise _unreadable("a row is not CSV; look for a quote that is not closed") from None


def _column(name: str, chunks: pa.ChunkedArray) -> Column:
    unified = chunks.unify_dictionaries()
    if unified.num_chunks == 0:
        return Column(name, [], np.zeros(0, np.int32))
    values = [str(value) for value in unified.chunk(0).dictionary.to_pylist()]
    # Not to_numpy, which imports pandas when it can: a second and 60 MB for the first file.
    index = np.concatenate([np.from_dlpack(chunk.indices) for chunk in unified.chunks])
    return Column(name, [value.strip() for value in values], index.astype(np.int32, copy=False))
