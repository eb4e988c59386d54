"""Writes of one event: recorded, corrected, decided about, taken back; each adds a version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.child_events import queries, storage
from services.outcomes.child_events.checks import check_step, checked, with_status_of
from services.outcomes.child_events.domain import (
    Change,
    Details,
    Event,
    Kind,
    Status,
    Warned,
    warnings_of,
)
from services.outcomes.child_events.placing import Book, book_of
from services.outcomes.child_events.sealing import opened, sealed
from services.outcomes.children.domain import Child
from services.outcomes.children.vault import Vault
from services.outcomes.errors.child_events import (
    ChildEventChanged,
    ChildEventNotFound,
    ChildEventWithdrawn,
)
from services.outcomes.reference import queries as reference

RECORD = "child_event.record"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answers: nothing that is sealed, since answers are kept."""

    event: Event
    child_id: str
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """Which event a write is about, and the version that was read; empty for any."""

    event_id: str
    etag: str


def record(
    work: UnitOfWork, vault: Vault, child_id: str, *, kind: Kind, given: tuple[str, Details]
) -> Written:
    """Record an event of a child; `given` is its school, or nothing, and what is known of it.

    Raises:
        ChildNotFound: No such child, or it was erased (CHILD_NOT_FOUND).
        SchoolNotFound: No such school (SCHOOL_NOT_FOUND).
        PermissionDenied: It is another's school (ACTION_NOT_ALLOWED).
        EventDetailsInvalid: See `checks.checked`, which also checks dates and reasons.
        EventOutsideEnrolment: See `Book.placed`, which also checks sessions and overlaps.
    """
    urn, details = given
    child = queries.living_child(work.connection, work.tenant, child_id)
    _require(work, child, urn)
    details = checked(kind, urn, details, today=london_date(work.at))
    book = _locked(work, child.number)
    event = Event(
        id=new_id(),
        number=child.number,
        version=1,
        kind=kind,
        urn=urn,
        details=details,
        withdrawn=False,
        change=Change.FIRST,
        recorded_at=work.at,
        recorded_by=work.caller.subject,
    )
    return _write(work, vault, book, child=child, event=book.placed(event))


def correct(work: UnitOfWork, vault: Vault, aim: Aim, *, details: Details, why: Change) -> Written:
    """Put what is known now over what was recorded of an event.

    Raises:
        ChildEventNotFound: No such event (CHILD_EVENT_NOT_FOUND).
        ChildEventChanged: Another version was read (CHILD_EVENT_CHANGED).
        ChildEventWithdrawn: It was taken back (CHILD_EVENT_WITHDRAWN).
        PermissionDenied: It is another's school.
        EventDetailsInvalid: As when it is recorded; the status stays where none is given.
    """
    child, known, book = _aimed(work, vault, aim)
    details = with_status_of(known.details, details)
    details = checked(known.kind, known.urn, details, today=london_date(work.at))
    event = book.placed(_next(work, known, details, why))
    return _write(work, vault, book, child=child, event=event)


def decide(work: UnitOfWork, vault: Vault, aim: Aim, *, status: Status, on: date) -> Written:
    """Record what became of a suspension or an exclusion.

    Raises:
        ChildEventNotFound: No such event (CHILD_EVENT_NOT_FOUND).
        EventStatusWrong: It cannot become that from what it is (EVENT_STATUS_WRONG).
        EventDatesInvalid: The day lies before what was decided last.
    """
    child, known, book = _aimed(work, vault, aim)
    check_step(known, status, on)
    details = replace(known.details, status=status, status_on=on)
    event = _next(work, known, details, Change.DECISION)
    return _write(work, vault, book, child=child, event=event)


def withdraw(work: UnitOfWork, vault: Vault, aim: Aim, *, why: Change) -> Written:
    """Take back an event that never was.

    Raises:
        ChildEventNotFound: No such event (CHILD_EVENT_NOT_FOUND).
        ChildEventWithdrawn: It was taken back before (CHILD_EVENT_WITHDRAWN).
    """
    child, known, book = _aimed(work, vault, aim)
    event = replace(_next(work, known, known.details, why), withdrawn=True)
    return _write(work, vault, book, child=child, event=event)


def _require(work: UnitOfWork, child: Child, urn: str) -> None:
    if urn:
        reference.require_schools(work.connection, work.caller, RECORD, {urn})
    else:
        access.require_any_school(work.caller, RECORD, child.urns())


def _locked(work: UnitOfWork, number: int) -> Book:
    storage.lock_children(work.connection, work.tenant, [number])
    return book_of(work.connection, work.tenant, [number])


def _aimed(work: UnitOfWork, vault: Vault, aim: Aim) -> tuple[Child, Event, Book]:
    """Return an event that may be changed, opened, with its child and the child's other events."""
    child, rows = queries.known_event(work.connection, work.tenant, aim.event_id)
    _require(work, child, rows[-1]["urn"])
    book = _locked(work, child.number)
    _, rows = queries.known_event(work.connection, work.tenant, aim.event_id)
    number = rows[-1]["number"]
    keys = queries.keys_of(work.connection, vault, work.tenant, [number])
    if number not in keys:
        raise ChildEventNotFound(aim.event_id)
    (known,) = opened(work.tenant, rows[-1:], keys)
    if aim.etag and aim.etag != str(known.version):
        raise ChildEventChanged(
            "somebody has changed the event since: read it again",
            field="etag",
            child_event_id=known.id,
            etag=known.version,
        )
    if known.withdrawn:
        raise ChildEventWithdrawn(
            "the event was taken back", field="child_event_id", child_event_id=known.id
        )
    return child, known, book


def _next(work: UnitOfWork, known: Event, details: Details, why: Change) -> Event:
    return replace(
        known,
        version=known.version + 1,
        details=details,
        change=why,
        recorded_at=max(work.at, known.recorded_at),
        recorded_by=work.caller.subject,
    )


def _write(work: UnitOfWork, vault: Vault, book: Book, *, child: Child, event: Event) -> Written:
    keys = queries.keys_of(work.connection, vault, work.tenant, [event.number])
    key = keys.get(event.number)
    if key is None:
        raise ChildEventNotFound(event.id)
    row = storage.row_of(work.tenant, event, sealed(work.tenant, event, key))
    storage.add(work.connection, [row])
    work.resource = event.id
    warned = warnings_of(event, book.events.get(child.number, ()))
    plain = replace(event, details=replace(event.details, reasons=(), year_group=None))
    return Written(plain, child.id, warned)
