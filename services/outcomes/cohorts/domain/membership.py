"""Who goes in and out: by a rule when a cohort is frozen, or by a person with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np


class Cause(StrEnum):
    """Who decided."""

    RULE = "rule"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One child's way in or out.

    Attributes:
        number: From 1 in the cohort, in the order of recording.
        joined: True for in, False for out.
        on: Since which day.
        reason: A sentence.
        rule_version: That the freeze was by; 0 where a person decided.
        baseline: Canonical JSON of what the child's attendance was on the day; empty for out.
    """

    number: int
    child_id: str
    joined: bool
    on: date
    cause: Cause
    reason: str
    rule_version: int
    baseline: str
    recorded_at: datetime
    recorded_by: str


def latest(changes: Iterable[Change]) -> dict[str, Change]:
    """Return the last change of each child, by child."""
    return {each.child_id: each for each in sorted(changes, key=lambda one: one.number)}


def members(changes: Iterable[Change]) -> dict[str, Change]:
    """Return how each child who is in came in."""
    return {child: each for child, each in latest(changes).items() if each.joined}


@dataclass(frozen=True, slots=True)
class Moves:
    """Who goes in and who goes out, by child id in order."""

    joining: tuple[str, ...]
    leaving: tuple[str, ...]


def moves(known: Mapping[str, Change], named: Collection[str]) -> Moves:
    """Return what a freeze changes; what a person decided of a child stays decided.

    Args:
        known: The last change of each child.
        named: Whom the rule holds for.
    """
    decided = {child for child, last in known.items() if last.cause is Cause.PERSON}
    inside = {child for child, last in known.items() if last.joined}
    return Moves(
        tuple(sorted(set(named) - inside - decided)),
        tuple(sorted(inside - set(named) - decided)),
    )


def drawn(candidates: Collection[int], size: int, *, seed: int) -> list[int]:
    """Return children of a pool, drawn without putting back: the same seed draws the same.

    Args:
        candidates: Their numbers; the order does not matter.
        size: How many; all of them when there are fewer.
        seed: 1 to 2^53.
    """
    ordered = np.array(sorted(candidates), np.int64)
    picked = np.random.Generator(np.random.PCG64(seed)).permutation(len(ordered))[:size]
    return [int(ordered[place]) for place in np.sort(picked)]
