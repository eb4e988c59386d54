"""A feed's item as a line: the very bytes that are hashed into the log.

One line of JSON, keys in order, no spaces, ending in `check`: the first 16 hexadecimal digits of
SHA-256 over the same line without it. Whoever alters an item without forging its check is named;
who forges the check as well is caught by the log's root.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_CHECK = 16


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a child-level feed.

    Attributes:
        feed_seq: Its place in the feed, from 1 without a gap.
        op: `assert`, `correct` (in place of `supersedes`) or `retract` (of it; no value).
        pseudonym: The child, for this evaluator and project alone.
        measure: Such as `attendance_rate@1`.
        window: `baseline`, `trigger`, `follow_up_1` and so on, with the episode's number.
        value: In the measure's unit; None with a symbol, or when retracted.
        symbol: `z` not applicable, `x` unavailable; empty with a value.
        valid_from, valid_to: Half-terms, such as `2025/26 HT1`.
        recorded_at: When it entered the feed, RFC 3339 in UTC.
        supersedes: The item that no longer holds; None for an assertion.
        basis: The agreement under which it is given.
        age_years: Age group at the time of asking, in whole years.
        phase: Of the school; small schools are told by their phase alone.
    """

    feed_seq: int
    op: str
    pseudonym: str
    measure: str
    window: str
    value: float | None
    symbol: str
    valid_from: str
    valid_to: str
    recorded_at: str
    supersedes: int | None
    basis: str
    age_years: int | None
    phase: str


FIELDS = tuple(Item.__slots__)


def line_of(item: Mapping[str, Any]) -> str:
    """Return an item as its line, without the end of line."""
    body = _encode(item)
    return f'{body[:-1]},"check":"{check_of(body)}"}}'


def check_of(body: str) -> str:
    """Return the check of a line without one."""
    return sha256(body.encode()).hexdigest()[:_CHECK]


def item_of(line: str) -> Item:
    """Return the item of a line; the check is not looked at.

    Raises:
        ValueError: It is not an item.
    """
    held = json.loads(line)
    try:
        return Item(**{name: held[name] for name in FIELDS})
    except (TypeError, KeyError):
        raise ValueError("this line is no item of a feed") from None


def holds(line: str) -> bool:
    """Return whether a line's check is that of the rest of it."""
    body, found, check = line.rpartition(',"check":"')
    return bool(found) and check == f'{check_of(body + "}")}"}}'
