"""A stream of rows as a file: CSV for spreadsheets, JSON for programs, or plain lines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence

from google.protobuf.message import Message
from localresponse.options.v1 import options_pb2

from gateway.api.contract import field_at
from gateway.api.problems import Problem
from services.chassis.spreadsheets import safe

_CHUNK = 32 * 1024
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_Write = Callable[[Sequence[str], bool], str]


async def written(
    first: Message,
    rest: AsyncIterator[Message],
    shape: options_pb2.RowsAnswer,
    *,
    ending: str,
) -> AsyncIterator[bytes]:
    """Return the file of a stream of rows.

    Args:
        first: The answer with the columns.
        rest: The answers after it.
        shape: Where columns, cells and the end are.
        ending: `csv`, `json` (a list of objects) or `txt` (a single column, as it is).

    Raises:
        Problem: The stream was cut, or is not to be had as plain text.
    """
    columns = list(field_at(first, shape.columns))
    before, write, after = _form(columns, ending)
    text, complete, begun = before, False, False
    async for message in rest:
        if message.HasField(shape.cells.partition(".")[0]):
            text += write(field_at(message, shape.cells), begun)
            begun = True
        complete = complete or bool(field_at(message, shape.complete))
        if len(text) >= _CHUNK:
            yield text.encode()
            text = ""
    if not complete:
        raise Problem("INTERNAL", "The report was cut.", 500)
    yield (text + after).encode()


def _form(columns: Sequence[str], ending: str) -> tuple[str, _Write, str]:
    match ending:
        case "json":
            return "[", lambda cells, begun: _object(columns, cells, begun=begun), "]\n"
        case "txt" if len(columns) == 1:
            return "", lambda cells, _: f"{cells[0]}\n", ""
        case "csv":
            return _line(columns), lambda cells, _: _line([_cell(one) for one in cells]), ""
        case _:
            detail = "This report has columns: ask for it as .csv or .json."
            raise Problem("UNKNOWN_ROUTE", detail, 404)


def _object(columns: Sequence[str], cells: Sequence[str], *, begun: bool) -> str:
    value = dict(zip(columns, cells, strict=True))
    return ("," if begun else "") + "\n" + json.dumps(value, ensure_ascii=False)


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def _cell(text: str) -> str:
    return text if _NUMBER.fullmatch(text) else safe(text)
