"""Pence are shared so that each falls to exactly one child."""

from __future__ import annotations

from collections.abc import Mapping


def share(amount_minor: int, places: Mapping[str, int]) -> dict[str, int]:
    """Share an amount by attended places; the parts sum to it exactly.

    Each part is the whole pence of its share. What is left, a penny each, goes to the largest
    remainders, then to the largest shares, then by id, so that everybody computes the same.

    Args:
        amount_minor: Pence, 0 or more.
        places: Places attended, one or more for each id.

    Raises:
        ValueError: Nobody attended, or an amount or a place count is out of range.
    """
    if amount_minor < 0 or not places or min(places.values()) < 1:
        raise ValueError("an amount of 0 or more is shared among places of 1 or more")
    total = sum(places.values())
    parts = {each: amount_minor * count // total for each, count in places.items()}
    left = amount_minor - sum(parts.values())
    order = sorted(
        places, key=lambda each: (-(amount_minor * places[each] % total), -places[each], each)
    )
    for each in order[:left]:
        parts[each] += 1
    return parts
