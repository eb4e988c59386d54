"""Lists as CSV: one row an item, nested fields as columns, safe to open in a spreadsheet.

Names are the JSON's, dotted. Money is two columns (pounds with two digits, currency), dates and
times are ISO 8601, repeated values are joined by `;` and lists of objects are JSON text. Text
that a spreadsheet would run as a formula gets an apostrophe in front; numbers never do.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.api.json_reading import is_map, is_special
from services.chassis.spreadsheets import safe

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
_NANOS_IN_PENNY = 10_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A header and how its cell is read from an item."""

    name: str
    cell: Callable[[Message], str]


def columns(item: Descriptor) -> list[Column]:
    """Return the columns of a kind of item, in the order of its fields."""
    return list(_columns(item, "", lambda message: message, (item.full_name,)))


def lines(columns_: list[Column], items: Iterable[Message], *, header: bool) -> str:
    """Return CSV lines (RFC 4180, CRLF) of items, with the header line if asked."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    if header:
        writer.writerow([column.name for column in columns_])
    writer.writerows([column.cell(item) for column in columns_] for item in items)
    return buffer.getvalue()


_Get = Callable[[Message], "Message | None"]


def _columns(
    descriptor: Descriptor, prefix: str, get: _Get, seen: tuple[str, ...]
) -> Iterator[Column]:
    for field in descriptor.fields:
        name = prefix + field.json_name
        inner = field.message_type
        if field.is_repeated or inner is None:
            yield Column(name, _reader(get, field))
        elif inner.full_name == "google.type.Money":
            yield Column(name, _rendered(_inner(get, field), _pounds))
            yield Column(name + ".currencyCode", _rendered(_inner(get, field), _currency))
        elif inner.full_name == "google.type.Date":
            yield Column(name, _rendered(_inner(get, field), _date))
        elif is_special(inner) or inner.full_name in seen:
            yield Column(name, _rendered(_inner(get, field), _json))
        else:
            yield from _columns(inner, name + ".", _inner(get, field), (*seen, inner.full_name))


def _inner(get: _Get, field: FieldDescriptor) -> _Get:
    def read(item: Message) -> Message | None:
        parent = get(item)
        if parent is None or not parent.HasField(field.name):
            return None
        return cast("Message", getattr(parent, field.name))

    return read


def _rendered(get: _Get, render: Callable[[Any], str]) -> Callable[[Message], str]:
    def read(item: Message) -> str:
        message = get(item)
        return "" if message is None else render(message)

    return read


def _reader(get: _Get, field: FieldDescriptor) -> Callable[[Message], str]:
    def read(item: Message) -> str:
        parent = get(item)
        if parent is None or (field.has_presence and not parent.HasField(field.name)):
            return ""
        value = getattr(parent, field.name)
        if not field.is_repeated:
            return _scalar(field, value)
        if field.message_type is None:
            return safe(";".join(_scalar(field, one) for one in value))
        if is_map(field):
            return _document(json_format.MessageToDict(parent).get(field.json_name, {}))
        return _document([json_format.MessageToDict(one) for one in value])

    return read


def _scalar(field: FieldDescriptor, value: Any) -> str:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_BOOL:
            return "true" if value else "false"
        case FieldDescriptor.CPPTYPE_ENUM:
            found = cast("Any", field.enum_type).values_by_number.get(value)
            return found.name if found else str(value)
        case FieldDescriptor.CPPTYPE_STRING:
            return safe(value) if isinstance(value, str) else value.hex()
        case _:
            return str(value)


def _document(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""


def _json(message: Message) -> str:
    value = json_format.MessageToDict(message)
    return safe(value) if isinstance(value, str) else _document(value)


def _pounds(message: Any) -> str:
    pence = message.units * 100 + message.nanos // _NANOS_IN_PENNY
    sign, pence = ("-", -pence) if pence < 0 else ("", pence)
    return f"{sign}{pence // 100}.{pence % 100:02d}"


def _currency(message: Any) -> str:
    return safe(message.currency_code)


def _date(message: Any) -> str:
    if not message.year:
        return ""
    parts = [f"{message.year:04d}"]
    parts += [f"{part:02d}" for part in (message.month, message.day) if part]
    return "-".join(parts)
