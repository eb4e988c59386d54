"""Events held against what is known of a child: rolls, calendars, and the child's other events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection

from services.outcomes.child_events import storage
from services.outcomes.child_events.checks import check_overlap
from services.outcomes.child_events.domain import AT_SCHOOL, OFF_ROLL, Event, Kind
from services.outcomes.child_events.sealing import event_of
from services.outcomes.children import storage as children
from services.outcomes.children.domain import Child
from services.outcomes.errors.child_events import EventOutsideEnrolment, EventSessionsInvalid
from services.outcomes.reference import queries as reference
from services.outcomes.reference.calendars import DayKind, Days, weekdays_between

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Book:
    """Children with their events and their schools' calendars.

    Attributes:
        children: By number.
        events: The newest version of each event of a child, by its number.
        calendars: By URN.
        whose: For whom events of a number are read: of a merged child, the one that is kept.
    """

    children: dict[int, Child]
    events: dict[int, list[Event]]
    calendars: dict[str, Days]
    whose: dict[int, int]

    def placed(self, event: Event) -> Event:
        """Return the event with its last day and year group, held against all that is known.

        Raises:
            EventOutsideEnrolment: The child was not on that roll (EVENT_OUTSIDE_ENROLMENT).
            EventSessionsInvalid: More sessions than were held (EVENT_SESSIONS_INVALID).
            EventOverlaps: The child has one in that time (EVENT_OVERLAPS).
        """
        child = self.children[self.whose[event.number]]
        _check_roll(child, event)
        filled = replace(event, details=replace(event.details, last=self._last(event)))
        check_overlap(filled, self.events.get(child.number, ()))
        if filled.details.year_group is None:
            year = child.year_group(filled.details.first)
            filled = replace(filled, details=replace(filled.details, year_group=year))
        return filled

    def key(self, event: Event) -> tuple[int, Kind, str, date]:
        """Return what a file means by the same event."""
        return self.whose[event.number], event.kind, event.urn, event.details.first

    def keep(self, event: Event) -> None:
        """Let further events be held against this one."""
        held = self.events.setdefault(self.whose[event.number], [])
        held[:] = [other for other in held if other.id != event.id]
        held.append(event)

    def _last(self, event: Event) -> date | None:
        details = event.details
        if event.kind is not Kind.SUSPENSION:
            return details.last
        days = self.calendars[event.urn]
        if details.last is None:
            return _last_of(days, details.first, details.sessions)
        held = sessions_held(days, details.first, details.last)
        if details.sessions > held:
            raise EventSessionsInvalid(
                f"details.sessions: {details.sessions} sessions were lost of {held} held",
                field="details.sessions",
                sessions=details.sessions,
                held=held,
            )
        return details.last


def _check_roll(child: Child, event: Event) -> None:
    first, urn = event.details.first, event.urn
    if event.kind in AT_SCHOOL:
        inside = any(
            one.urn == urn and one.first <= first and (one.last is None or first <= one.last)
            for one in child.enrolments
        )
    else:
        known = not event.urn or event.urn in child.urns()
        bound = event.kind in OFF_ROLL and bool(child.enrolments)
        inside = known and not (bound and first < child.enrolments[0].first)
    if not inside:
        raise EventOutsideEnrolment(
            f"details.first_date: the child was not on that roll on {first}",
            field="details.first_date",
            first_date=first.isoformat(),
            urn=urn,
        )


def sessions_held(days: Days, first: date, last: date) -> int:
    """Return the sessions that a school held; two a weekday where its calendar says nothing."""
    span = np.arange(first.toordinal(), last.toordinal() + 1, dtype=np.int32)
    kinds = days.at(span)
    silent = (kinds == DayKind.UNKNOWN).all(axis=1)
    if silent.all():
        return 2 * weekdays_between(first.toordinal() - 1, last.toordinal() + 1)
    return int((kinds == DayKind.OPEN).sum())


def _last_of(days: Days, first: date, sessions: int) -> date:
    """Return the day on which the last of so many sessions is lost."""
    last = first
    while sessions_held(days, first, last) < sessions and (last - first).days < 2 * sessions + 60:
        last += _DAY
    return last


def book_of(connection: Connection, tenant: str, numbers: Iterable[int]) -> Book:
    """Read children with all that their events are held against."""
    wanted = sorted(set(numbers))
    whose, found = storage.read_for(connection, tenant, wanted), dict[int, list[Event]]()
    for row in storage.of_children(connection, tenant, whose):
        found.setdefault(whose[row["number"]], []).append(event_of(row))
    known = children.children(connection, tenant, wanted)
    urns = {one.urn for child in known.values() for one in child.enrolments}
    urns |= {event.urn for events in found.values() for event in events if event.urn}
    return Book(known, found, reference.calendars(connection, tenant, urns), whose)
