"""Subtracting what is released now from what was released before must not leave a few children."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Children of whom something was, or is to be, released together.

    Attributes:
        where: The release or feed, and the cell in it, for people.
        members: Numbers of the children.
    """

    where: str
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two groups that differ by too few children."""

    asked: str
    earlier: str


def differences(
    asked: Iterable[Group], earlier: Sequence[Group], *, fewest: int
) -> list[Difference]:
    """Return the groups asked for that differ from an earlier one by 1 to `fewest` - 1 children.

    A group that was released before says nothing new, and groups that share nobody cannot be
    subtracted.
    """
    known = {group.members for group in earlier}
    by_size: dict[int, list[Group]] = {}
    for group in earlier:
        by_size.setdefault(len(group.members), []).append(group)
    found = []
    for group in asked:
        if group.members in known:
            continue
        size = len(group.members)
        near = (
            each for n in range(size - fewest + 1, size + fewest) for each in by_size.get(n, ())
        )
        found += [
            Difference(group.where, each.where)
            for each in near
            if 0 < len(group.members ^ each.members) < fewest and group.members & each.members
        ]
    return found


def outside(asked: Iterable[Group], feed: Group, *, fewest: int) -> list[Difference]:
    """Return the groups asked for that hold 1 to `fewest` - 1 children who are not in a feed.

    Who has the feed knows each of its children's rows, so what is left of such a group is theirs.
    """
    return [
        Difference(group.where, feed.where)
        for group in asked
        if 0 < len(group.members - feed.members) < fewest and group.members & feed.members
    ]
