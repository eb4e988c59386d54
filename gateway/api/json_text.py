"""JSON text to Python values, refusing what two readers could understand differently.

Refused beyond RFC 8259's grammar, as I-JSON (RFC 7493) advises: a name used twice, NaN and
Infinity, text that is not UTF-8, unpaired surrogates, and nesting beyond `DEPTH_MAX`.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from gateway.api.problems import FieldError, Problem

DEPTH_MAX = 32


def read(body: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        Problem: MALFORMED_JSON or NESTED_TOO_DEEP.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is not UTF-8: byte {error.start + 1} is wrong.") from None
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _malformed(f"The body is not JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        # Python refuses to read integers of more than 4,300 digits.
        raise _malformed("The body holds a number with too many digits.") from None
    _check_depth(value)
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed(f"An object uses the name {json.dumps(twice[:60])} twice.")
    return members


def _constant(name: str) -> NoReturn:
    raise _malformed(f"{name} is not JSON.")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH_MAX + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise _too_deep()


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [child for child in value.values() if isinstance(child, dict | list)]
    if isinstance(value, list):
        return [child for child in value if isinstance(child, dict | list)]
    return []


def _malformed(detail: str) -> Problem:
    return Problem("MALFORMED_JSON", detail, errors=(FieldError(detail, pointer="#"),))


def _too_deep() -> Problem:
    detail = f"The body nests objects and lists deeper than {DEPTH_MAX} levels."
    return Problem("NESTED_TOO_DEEP", detail, errors=(FieldError(detail, pointer="#"),))
