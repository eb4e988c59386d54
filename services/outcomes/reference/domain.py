"""Schools, as this service knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Phase(IntEnum):
    """A school's phase; the numbers are the proto's."""

    NURSERY = 1
    PRIMARY = 2
    SECONDARY = 3
    ALL_THROUGH = 4
    SPECIAL = 5
    ALTERNATIVE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school.

    Attributes:
        urn: Six digits; its identity.
        name: 1 to 200 characters.
        phase: Phase.
        laestab: Seven digits, or empty.
        cluster: Of a liaison officer, or empty.
        predecessor_urn: The school it follows after a conversion or merger, or empty.
        other_predecessor_urns: Of a merger, the others that it follows.
        opened: First day; None when not known.
        closed: Last day; None while it is open.
    """

    urn: str
    name: str
    phase: Phase
    laestab: str = ""
    cluster: str = ""
    predecessor_urn: str = ""
    other_predecessor_urns: tuple[str, ...] = ()
    opened: date | None = None
    closed: date | None = None

    def predecessors(self) -> tuple[str, ...]:
        """Return every school that this one follows."""
        return tuple(urn for urn in (self.predecessor_urn, *self.other_predecessor_urns) if urn)
