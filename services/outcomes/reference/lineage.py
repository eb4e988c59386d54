"""How schools follow one another when they convert, merge or split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.outcomes.reference.domain import School


@dataclass(frozen=True, slots=True)
class Link:
    """A school before or after another.

    Attributes:
        urn: Its URN.
        steps: From the school asked for: -1 is its predecessor, 1 its successor.
        school: The school; None when only its URN is known here.
    """

    urn: str
    steps: int
    school: School | None


def lineage(schools: Mapping[str, School], urn: str) -> list[Link]:
    """Return every school before and after one, the earliest first; a circle is walked once."""
    after: dict[str, list[str]] = {}
    for school in schools.values():
        for before in school.predecessors():
            after.setdefault(before, []).append(school.urn)

    def predecessors(of: str) -> Iterable[str]:
        known = schools.get(of)
        return known.predecessors() if known else ()

    steps = {urn: 0}
    for direction in (-1, 1):
        edge = [urn]
        while edge:
            found = []
            for one in edge:
                near = predecessors(one) if direction < 0 else after.get(one, [])
                for other in near:
                    if other not in steps:
                        steps[other] = steps[one] + direction
                        found.append(other)
            edge = found
    del steps[urn]
    ordered = sorted(steps.items(), key=lambda item: (item[1], item[0]))
    return [Link(other, distance, schools.get(other)) for other, distance in ordered]
