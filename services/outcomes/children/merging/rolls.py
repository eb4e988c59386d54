"""Times on rolls when two children become one, and when they are two again: pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.outcomes.children.domain import Enrolment, EnrolmentStatus, first_overlap

Rolls = tuple[Enrolment, ...]


def joined(own: Iterable[Enrolment], theirs: Iterable[Enrolment]) -> Rolls:
    """Return the enrolments of one child who was thought to be two.

    Where both were on a school's roll at one time, it is one enrolment over all of that time.
    """
    after = list(own)
    for one in theirs:
        wide = one
        while (other := first_overlap(after, wide)) is not None:
            after.remove(other)
            ends = None not in {wide.last, other.last}
            last = max(wide.last or date.min, other.last or date.min) if ends else None
            wide = replace(other, first=min(wide.first, other.first), last=last)
        after.append(wide)
    return tuple(sorted(after, key=lambda one: (one.first, one.urn)))


def parted(
    now: Iterable[Enrolment], *, joint: Sequence[Enrolment], own: Rolls, theirs: Rolls
) -> tuple[Rolls, Rolls]:
    """Return the enrolments of each of two children who were one for a time.

    Both get back what they had. What was said since of an enrolment goes to the one who had it,
    and an enrolment that is new since stays with the child who was kept.

    Args:
        now: The enrolments of the one child.
        joint: Those that it had when the two were made one.
        own: Those of the child who was kept, before that.
        theirs: Those of the other, before that.
    """
    first = {_key(one): one for one in own}
    second = {_key(one): one for one in theirs}
    for one in now:
        if one in joint:
            continue
        if _key(one) in second and _key(one) not in first:
            second[_key(one)] = one
        else:
            first[_key(one)] = one
    return tuple(first.values()), tuple(second.values())


def _key(one: Enrolment) -> tuple[str, date]:
    return one.urn, one.first


def plain(rolls: Iterable[Enrolment]) -> list[list[Any]]:
    """Return enrolments as what JSON can hold."""
    return [
        [one.urn, one.first.isoformat(), one.last.isoformat() if one.last else "", int(one.status)]
        for one in rolls
    ]


def of_plain(given: Iterable[Sequence[Any]]) -> Rolls:
    """Return what `plain` wrote."""
    return tuple(
        Enrolment(
            urn=urn,
            first=date.fromisoformat(first),
            last=date.fromisoformat(last) if last else None,
            status=EnrolmentStatus(status),
        )
        for urn, first, last, status in given
    )
