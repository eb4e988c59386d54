"""What is known of unfunded support, and which of it may stand beside other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from services.outcomes.child_events.checks import AHEAD_DAYS_MAX, EARLIEST
from services.outcomes.child_events.domain import Change
from services.outcomes.errors.support import SupportDatesInvalid, SupportOverlaps


class Kind(IntEnum):
    """What it is, by the fund's categories; the numbers are the proto's."""

    TRAVEL = 1
    UNIFORM = 2
    FOOD = 3
    EQUIPMENT = 4
    HOME_ESSENTIALS = 5
    MENTORING = 6
    COUNSELLING = 7
    TUTORING = 8
    ACTIVITIES = 9
    FAMILY_SUPPORT = 10
    OTHER = 11


class Giver(IntEnum):
    """Who gives it; the numbers are the proto's."""

    SCHOOL = 1
    AUTHORITY = 2
    CHARITY = 3
    HEALTH = 4
    OTHER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of unfunded support.

    Attributes:
        first, last: Days; `last` is None while it goes on.
    """

    kind: Kind
    giver: Giver
    first: date
    last: date | None = None

    @property
    def end(self) -> date:
        """Return the last day, far away while it goes on."""
        return self.last or date.max

    def same_as(self, other: Details) -> bool:
        """Return whether both are the same support: one kind, one giver and a shared day."""
        alike = (self.kind, self.giver) == (other.kind, other.giver)
        return alike and self.first <= other.end and other.first <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """One version of unfunded support; `number` is the child's, `version` goes from 1."""

    id: str
    number: int
    version: int
    details: Details
    withdrawn: bool
    change: Change
    recorded_at: datetime
    recorded_by: str


def check_dates(given: Details, today: date) -> None:
    """Do nothing when the days are in order.

    Raises:
        SupportDatesInvalid: It ends before it begins, or begins too early or too far ahead.
    """
    faults = (
        ("details.last_date", given.end < given.first, "ends before it begins"),
        ("details.first_date", given.first < EARLIEST, "begins too early"),
        ("details.first_date", (given.first - today).days > AHEAD_DAYS_MAX, "begins too late"),
    )
    for field, wrong, why in faults:
        if wrong:
            raise SupportDatesInvalid(
                f"{field}: the support {why}",
                field=field,
                first_date=given.first.isoformat(),
                last_date=given.last.isoformat() if given.last else "",
            )


def check_overlap(support: Support, others: Iterable[Support]) -> None:
    """Do nothing when no other record is about the same support.

    Raises:
        SupportOverlaps: The child has it in those days already (SUPPORT_OVERLAPS).
    """
    for other in others:
        if other.id == support.id or other.withdrawn:
            continue
        if other.details.same_as(support.details):
            raise SupportOverlaps(
                f"the child has this support from {other.details.first} already",
                field="details.first_date",
                support_id=other.id,
            )


def between(held: Iterable[Support], first: int, last: int) -> tuple[Support, ...]:
    """Return support that a child had on any of some days, each once; days as ordinals.

    What two children's records said of the same support is one when the two are found to be one.
    """
    kept: list[Support] = []
    for one in sorted(held, key=lambda each: (each.details.first, each.id)):
        days = one.details
        if one.withdrawn or days.first.toordinal() > last or days.end.toordinal() < first:
            continue
        if not any(one.details.same_as(other.details) for other in kept):
            kept.append(one)
    return tuple(kept)
