"""One JSON or query value to one protobuf scalar, by the rules of proto3 JSON.

Stricter in one point: a bare JSON number beyond 2^53 is refused for a 64-bit field, because
other readers of the same text lose its last digits; such numbers are written as strings.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any, cast

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,19})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_EXACT = 2**53
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_FLOAT_MAX = 3.4028234663852886e38
_NAMES_SHOWN = 20

F = FieldDescriptor
_BITS: dict[int, tuple[int, int]] = {
    **dict.fromkeys((F.CPPTYPE_INT32,), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((F.CPPTYPE_UINT32,), (0, 2**32 - 1)),
    **dict.fromkeys((F.CPPTYPE_INT64,), (-(2**63), 2**63 - 1)),
    **dict.fromkeys((F.CPPTYPE_UINT64,), (0, 2**64 - 1)),
}
_WIDE = {F.CPPTYPE_INT64, F.CPPTYPE_UINT64}


class ValueRefused(ValueError):
    """The value is not one of the field's; the message says what would be."""


def read(field: FieldDescriptor, value: Any) -> Any:
    """Return the protobuf value of a JSON value.

    Raises:
        ValueRefused: Wrong type, out of range, or not exact.
    """
    kind = field.cpp_type
    if kind in _BITS:
        return _integer(field, value)
    match kind:
        case F.CPPTYPE_BOOL:
            if not isinstance(value, bool):
                raise ValueRefused("must be true or false")
            return value
        case F.CPPTYPE_STRING:
            return _bytes(value) if field.type == F.TYPE_BYTES else _string(value)
        case F.CPPTYPE_ENUM:
            return _enum(cast("EnumDescriptor", field.enum_type), value)
        case _:
            return _floating(field, value)


def read_text(field: FieldDescriptor, text: str) -> Any:
    """Return the protobuf value of a query or path parameter's text.

    Raises:
        ValueRefused: As `read`.
    """
    if field.cpp_type == F.CPPTYPE_BOOL:
        if text not in {"true", "false"}:
            raise ValueRefused("must be true or false")
        return text == "true"
    if field.cpp_type == F.CPPTYPE_ENUM and _INTEGER.fullmatch(text):
        return read(field, int(text))
    return read(field, text)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueRefused("must be a string")
    if "\0" in value:
        raise ValueRefused("must not hold the character U+0000")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueRefused("must not hold an unpaired surrogate") from None
    return value


def _bytes(value: Any) -> bytes:
    # Both alphabets, with or without padding, as proto3 JSON says.
    text = _string(value).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueRefused("must be base64") from None


def _enum(enum: EnumDescriptor, value: Any) -> int:
    if isinstance(value, str) and value in enum.values_by_name:
        return enum.values_by_name[value].number
    known = isinstance(value, int) and not isinstance(value, bool)
    if known and value in enum.values_by_number:
        return int(value)
    names = [item.name for item in enum.values if item.number != 0]
    more = ", …" if len(names) > _NAMES_SHOWN else ""
    raise ValueRefused("must be one of " + ", ".join(names[:_NAMES_SHOWN]) + more)


def _integer(field: FieldDescriptor, value: Any) -> int:
    low, high = _BITS[field.cpp_type]
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ValueRefused("must be a whole number")
        number = int(value)
    elif not _whole(value):
        raise ValueRefused("must be a whole number")
    else:
        number = int(value)
        if field.cpp_type in _WIDE and abs(number) > _EXACT and low <= number <= high:
            raise ValueRefused("is beyond 2^53: write it as a string, so that no digit is lost")
    if not low <= number <= high:
        raise ValueRefused(f"must be between {low} and {high}")
    return number


def _whole(value: Any) -> bool:
    # A bool is an int to Python, not to JSON; 1.0 and 1e3 are whole numbers to proto3 JSON.
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _floating(field: FieldDescriptor, value: Any) -> float:
    if isinstance(value, str) and value in _SPECIAL:
        return _SPECIAL[value]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueRefused("must be a number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueRefused("must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    limit = _FLOAT_MAX if field.cpp_type == F.CPPTYPE_FLOAT else math.inf
    if math.isinf(number) or abs(number) > limit:
        raise ValueRefused("is too large")
    return number
