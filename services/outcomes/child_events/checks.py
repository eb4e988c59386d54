"""What an event may say: the details of its kind, its dates, its reasons, its next status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from services.outcomes.child_events.domain import (
    AT_SCHOOL,
    EXCLUSIONS,
    Details,
    Event,
    Kind,
    Status,
)
from services.outcomes.errors.child_events import (
    EventDatesInvalid,
    EventDetailsInvalid,
    EventOverlaps,
    EventStatusWrong,
    ReasonNotInForce,
)
from services.outcomes.reference import suspensions

EARLIEST = date(1990, 1, 1)
"""Before this no child of today was born."""

SPELL_DAYS_MAX = 200
"""45 school days with every holiday of a year between them."""

AHEAD_DAYS_MAX = 31
"""A suspension may be decided today and begin later, but not next term."""

_FOLLOWS = {
    Status.PROPOSED: frozenset({Status.UPHELD, Status.WITHDRAWN, Status.OVERTURNED}),
    Status.UPHELD: frozenset({Status.WITHDRAWN, Status.OVERTURNED}),
    Status.WITHDRAWN: frozenset[Status](),
    Status.OVERTURNED: frozenset[Status](),
}


def checked(kind: Kind, urn: str, given: Details, *, today: date) -> Details:
    """Return details that fit their kind, with what was left out filled in.

    Raises:
        EventDetailsInvalid: A detail is missing or belongs to another kind.
        EventDatesInvalid: It ends before it begins, or begins too far ahead.
        ReasonNotInForce: A reason was not in force on the first day.
    """
    _check_kind(kind, urn, given)
    _check_dates(kind, given, today)
    if kind not in EXCLUSIONS:
        return given
    _check_reasons(given)
    usual = Status.UPHELD if kind is Kind.SUSPENSION else Status.PROPOSED
    return Details(
        first=given.first,
        last=given.last,
        sessions=given.sessions,
        reasons=given.reasons,
        year_group=given.year_group,
        status=given.status or usual,
        status_on=given.status_on or given.first,
    )


def _check_kind(kind: Kind, urn: str, given: Details) -> None:
    suspended, excluded = kind is Kind.SUSPENSION, kind in EXCLUSIONS
    faults = (
        ("urn", kind in AT_SCHOOL and not urn, "needs the school"),
        ("details.sessions", suspended and not given.sessions, "needs the sessions lost"),
        ("details.sessions", not suspended and given.sessions, "has no sessions"),
        ("details.reasons", excluded and not given.reasons, "needs a reason"),
        ("details.reasons", not excluded and given.reasons, "has no reasons"),
        ("details.status", not excluded and given.status, "has no status"),
        ("details.status_date", not excluded and given.status_on, "has no status"),
        ("details.last_date", kind is Kind.PERMANENT_EXCLUSION and given.last, "has no end"),
    )
    for field, wrong, why in faults:
        if wrong:
            name = kind.name.lower().replace("_", " ")
            raise EventDetailsInvalid(f"{field}: {name} {why}", field=field, kind=name)


def _check_dates(kind: Kind, given: Details, today: date) -> None:
    before_it_began = given.status_on is not None and given.status_on < given.first
    days = (given.last - given.first).days if given.last and kind is Kind.SUSPENSION else 0
    faults = (
        ("details.last_date", days > SPELL_DAYS_MAX, "lasts longer than the law allows"),
        ("details.first_date", given.first < EARLIEST, "begins too early"),
        ("details.last_date", given.last is not None and given.last < given.first, "ends early"),
        ("details.status_date", before_it_began, "was decided before it began"),
        ("details.first_date", (given.first - today).days > AHEAD_DAYS_MAX, "begins too late"),
    )
    for field, wrong, why in faults:
        if wrong:
            last = given.last or given.status_on or given.first
            raise EventDatesInvalid(
                f"{field}: the event {why}",
                field=field,
                first_date=given.first.isoformat(),
                last_date=last.isoformat(),
            )


def _check_reasons(given: Details) -> None:
    most = suspensions.reasons_max(given.first)
    for place, code in enumerate(given.reasons):
        known = suspensions.find(code)
        twice = code in given.reasons[:place]
        if place < most and known and suspensions.in_force(known, given.first) and not twice:
            continue
        raise ReasonNotInForce(
            f"details.reasons: {code} may not be given of an event of {given.first}",
            field="details.reasons",
            reason=code,
            first_date=given.first.isoformat(),
        )


def with_status_of(known: Details, given: Details) -> Details:
    """Return what is given with the status that is known, where none is given."""
    if given.status or not known.status:
        return given
    decided = known.status_on if known.status_on != known.first else None
    since = given.status_on or max(decided or given.first, given.first)
    return replace(given, status=known.status, status_on=since)


def check_overlap(event: Event, others: Iterable[Event]) -> None:
    """Do nothing when no other event of the kind shares a day with this one.

    Raises:
        EventOverlaps: One does (EVENT_OVERLAPS).
    """
    for other in others:
        if other.id == event.id or other.withdrawn or other.kind is not event.kind:
            continue
        if _last(other) >= event.details.first and other.details.first <= _last(event):
            raise EventOverlaps(
                f"the child has one from {other.details.first} already",
                field="details.first_date",
                first_date=other.details.first.isoformat(),
                last_date=_last(other).isoformat(),
            )


def _last(event: Event) -> date:
    if event.kind is Kind.PERMANENT_EXCLUSION:
        return event.details.first
    return event.details.last or date.max


def check_step(event: Event, wanted: Status, on: date) -> None:
    """Do nothing when an exclusion may become `wanted` on a day.

    Raises:
        EventStatusWrong: It is no exclusion, or may not (EVENT_STATUS_WRONG).
        EventDatesInvalid: The day lies before what was decided last.
    """
    now = event.details.status
    if event.kind not in EXCLUSIONS or wanted not in _FOLLOWS[now]:
        raise EventStatusWrong(
            f"what is {now.name.lower()} cannot become {wanted.name.lower()}",
            field="status",
            status=now.name.lower(),
            wanted=wanted.name.lower(),
        )
    since = event.details.status_on or event.details.first
    if on < since:
        raise EventDatesInvalid(
            f"status_date: {on} lies before {since}, when it was {now.name.lower()}",
            field="status_date",
            first_date=since.isoformat(),
            last_date=on.isoformat(),
        )
