"""Checks what was received against signed checkpoints, offline, with only the public key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from localresponse.client.items import holds
from localresponse.client.note import Checkpoint
from localresponse.client.tree import Frontier, leaf_hash

_SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: `missing`, `altered`, `out of order`, `doubled`, `truncated` or `unsigned`.
        message: Which items, in words.
    """

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    Attributes:
        items: Lines read.
        proven: Items that the largest checkpoint that holds covers.
    """

    items: int
    proven: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether what was received is complete and unaltered."""
        return not self.findings


def verify_feed(lines: Iterable[str], checkpoints: Sequence[Checkpoint]) -> Report:
    """Check the lines of a feed against checkpoints whose signatures were verified.

    Args:
        lines: As received, in order, without or with their ends of line.
        checkpoints: One or more of the same feed; the more there are, the closer a fault is
            located. The largest says how much there must be.
    """
    wanted = {each.size: each for each in checkpoints}
    walk = _Walk()
    broken: list[tuple[int, int]] = []
    proven = 0
    for line in lines:
        walk.take(line.rstrip("\r\n"))
        point = wanted.get(walk.tree.size)
        if point is not None and walk.tree.root() != point.root:
            broken.append((proven, point.size))
            wanted = {size: each for size, each in wanted.items() if size <= walk.tree.size}
        elif point is not None:
            proven = point.size
    most = max((each.size for each in checkpoints), default=0)
    findings = [*walk.findings, *_missing(walk, most)]
    if broken and not findings:
        after, until = broken[0]
        findings.append(Finding("altered", f"among items {after + 1} to {until}"))
    if walk.tree.size > most:
        findings.append(Finding("unsigned", f"items after {most} have no checkpoint"))
    return Report(walk.tree.size, proven, tuple(findings[:_SHOWN_MAX]))


class _Walk:
    """One pass over the lines."""

    def __init__(self) -> None:
        self.tree = Frontier()
        self.findings: list[Finding] = []
        self.seen: set[int] = set()
        self._last = 0

    def take(self, line: str) -> None:
        self.tree.append(leaf_hash(line.encode()))
        if not holds(line):
            self._add("altered", f"line {self.tree.size}: its check does not hold")
        try:
            place = int(json.loads(line)["feed_seq"])
        except (ValueError, KeyError, TypeError):
            self._add("altered", f"line {self.tree.size} is no item")
            return
        if place in self.seen:
            self._add("doubled", f"item {place}")
        elif place < self._last:
            self._add("out of order", f"item {place} comes after {self._last}")
        self.seen.add(place)
        self._last = max(self._last, place)

    def _add(self, kind: str, message: str) -> None:
        self.findings.append(Finding(kind, message))


def _missing(walk: _Walk, most: int) -> list[Finding]:
    last = max(walk.seen, default=0)
    gone = sorted(set(range(1, min(last, most) + 1)) - walk.seen)
    found = [Finding("missing", f"item {place}") for place in gone[:_SHOWN_MAX]]
    if last < most:
        found.append(Finding("truncated", f"items {last + 1} to {most} are missing"))
    return found
