"""Events of a child: their kinds, what is known of one, and what counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from services.outcomes.reference.calendars import academic_year

SESSIONS_A_YEAR_MAX = 90
"""45 school days in an academic year, all schools together.

Source: Education Act 2002 s. 51A and SI 2012/1033.
"""

SESSIONS_WITHOUT_PROVISION = 10
"""From the sixth school day provision must be arranged. Source: Education and Inspections
Act 2006 s. 100."""


class Kind(IntEnum):
    """What happened; the numbers are the proto's."""

    SUSPENSION = 1
    PERMANENT_EXCLUSION = 2
    MANAGED_MOVE = 3
    HOME_EDUCATION = 4
    MISSING_EDUCATION = 5
    ALTERNATIVE_PROVISION = 6
    SOCIAL_WORKER = 7
    EHC_PLAN = 8
    EARLY_HELP = 9


class Status(IntEnum):
    """Where a suspension or a permanent exclusion stands; the numbers are the proto's."""

    NONE = 0
    PROPOSED = 1
    UPHELD = 2
    WITHDRAWN = 3
    OVERTURNED = 4


class Change(IntEnum):
    """Why a version was added; the numbers are the proto's."""

    FIRST = 0
    MISTAKE = 1
    NEW_INFORMATION = 2
    DECISION = 3
    DUPLICATE = 4


class Warned(IntEnum):
    """What is recorded but not refused; the numbers are the proto's."""

    MORE_THAN_45_DAYS = 1
    PROVISION_FROM_DAY_SIX = 2


EXCLUSIONS = frozenset({Kind.SUSPENSION, Kind.PERMANENT_EXCLUSION})
AT_SCHOOL = EXCLUSIONS | {Kind.MANAGED_MOVE, Kind.ALTERNATIVE_PROVISION}
"""Kinds that a school makes, of a child on its roll."""

OFF_ROLL = frozenset({Kind.HOME_EDUCATION, Kind.MISSING_EDUCATION})
"""Kinds that begin when a child leaves a roll, or after."""

STANDING = frozenset({Status.PROPOSED, Status.UPHELD})
"""An exclusion counts while it stands: a proposed one has taken effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of an event.

    Attributes:
        first: First day.
        last: Last day; None while it goes on, and of a permanent exclusion.
        sessions: Lost to a suspension; 0 of other kinds.
        reasons: Codes, of a suspension or an exclusion.
        year_group: National curriculum year on the first day; None when not known.
        status: NONE of kinds that have none.
        status_on: Since when; None of kinds that have none.
    """

    first: date
    last: date | None = None
    sessions: int = 0
    reasons: tuple[str, ...] = ()
    year_group: int | None = None
    status: Status = Status.NONE
    status_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One version of an event.

    Attributes:
        number: The child's.
        version: From 1.
        urn: The school; empty of events that no school made.
        withdrawn: It was taken back.
    """

    id: str
    number: int
    version: int
    kind: Kind
    urn: str
    details: Details
    withdrawn: bool
    change: Change
    recorded_at: datetime
    recorded_by: str

    @property
    def live(self) -> bool:
        """Return whether it counts: neither taken back nor overturned."""
        standing = self.kind not in EXCLUSIONS or self.details.status in STANDING
        return standing and not self.withdrawn


def sessions_of_year(events: Iterable[Event], year: int) -> int:
    """Return the sessions lost to suspensions that began in an academic year and stand."""
    return sum(
        event.details.sessions
        for event in events
        if event.kind is Kind.SUSPENSION
        and event.live
        and academic_year(event.details.first) == year
    )


def warnings_of(event: Event, others: Iterable[Event]) -> tuple[Warned, ...]:
    """Return what to look at, of an event beside the child's others."""
    if event.kind is not Kind.SUSPENSION or not event.live:
        return ()
    beside = [event, *(other for other in others if other.id != event.id)]
    lost = sessions_of_year(beside, academic_year(event.details.first))
    found = ((Warned.MORE_THAN_45_DAYS, lost > SESSIONS_A_YEAR_MAX),)
    long = event.details.sessions > SESSIONS_WITHOUT_PROVISION
    return tuple(w for w, true in (*found, (Warned.PROVISION_FROM_DAY_SIX, long)) if true)
