"""Files of events taken in: every row or none, corrected where they say other than is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.clock import london_date
from services.chassis.errors import ServiceError
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes import access
from services.outcomes.child_events import queries, storage
from services.outcomes.child_events.checks import checked, with_status_of
from services.outcomes.child_events.commands import RECORD
from services.outcomes.child_events.domain import Change, Event, Status, Warned, warnings_of
from services.outcomes.child_events.files import CHILD_COLUMN, EventFile, EventRow
from services.outcomes.child_events.placing import Book, book_of
from services.outcomes.child_events.sealing import opened, sealed
from services.outcomes.children import queries as children
from services.outcomes.children.queries import Named
from services.outcomes.children.vault import Vault
from services.outcomes.incoming_rows.findings import Rule
from services.outcomes.reference import storage as schools

_RULES = {
    "EVENT_DETAILS_INVALID": Rule.BAD_DETAILS,
    "EVENT_DATES_INVALID": Rule.BAD_DATES,
    "EVENT_SESSIONS_INVALID": Rule.BAD_NUMBER,
    "REASON_NOT_IN_FORCE": Rule.BAD_REASON,
    "EVENT_OUTSIDE_ENROLMENT": Rule.NOT_ON_ROLL,
    "EVENT_OVERLAPS": Rule.OVERLAPS,
}
_COLUMNS = {"details.reasons": "reason_1"}


@dataclass(frozen=True, slots=True)
class EventsImported:
    """What an import did, or would do; `above_limit` are children, not events."""

    rows: int
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    above_limit: int = 0


@dataclass(slots=True)
class _Import:
    """One import at work.

    Attributes:
        keys: The children's keys by number; an erased child has none.
        versions: What is known, opened, by what a file means by the same event.
        written: New versions, in the order of the rows.
    """

    file: EventFile
    book: Book
    keys: dict[int, bytes]
    versions: dict[tuple[object, ...], Event]
    written: list[Event]
    who: Principal


def import_events(work: UnitOfWork, vault: Vault, file: EventFile) -> EventsImported:
    """Record the events of a file.

    Raises:
        PermissionDenied: A school is another's (ACTION_NOT_ALLOWED).
        RowsRefused: A row is wrong; nothing was written (ROWS_REFUSED).
    """
    file = replace(file, findings=file.findings.copy())
    numbers = _resolved(work.connection, work.caller, vault, file=file)
    storage.lock_children(work.connection, work.tenant, numbers)
    done = _prepared(work.connection, work.caller, vault, file=file, numbers=numbers)
    counted = _each(done, numbers, work.at)
    file.findings.raise_if_any()
    rows = [
        storage.row_of(work.tenant, event, sealed(work.tenant, event, done.keys[event.number]))
        for event in done.written
    ]
    storage.add(work.connection, rows)
    work.resource = work.command_id
    return counted


def check_events(
    connection: Connection, who: Principal, vault: Vault, *, file: EventFile, at: datetime
) -> EventsImported:
    """Say what an import would do, and write nothing; findings are added to the file.

    Raises:
        PermissionDenied: A school is another's (ACTION_NOT_ALLOWED).
    """
    numbers = _resolved(connection, who, vault, file=file)
    return _each(_prepared(connection, who, vault, file=file, numbers=numbers), numbers, at)


def _resolved(
    connection: Connection, who: Principal, vault: Vault, *, file: EventFile
) -> list[int]:
    """Return the children's numbers; schools and children that are not known are refused."""
    wanted = {row.urn for row in file.rows if row.urn}
    known = schools.schools(connection, who.tenant, wanted)
    for urn in known:
        access.require_school(who, RECORD, urn)
    named = Named(file.scheme, [row.child for row in file.rows], [row.urn for row in file.rows])
    numbers: list[int] = children.resolve(connection, who.tenant, vault, named=named).tolist()
    for place, row in enumerate(file.rows):
        if row.urn and row.urn not in known:
            file.refuse(place, Rule.UNKNOWN_SCHOOL, "urn")
        if not numbers[place]:
            file.refuse(place, Rule.UNKNOWN_CHILD, CHILD_COLUMN[file.scheme])
    return numbers


def _prepared(
    connection: Connection, who: Principal, vault: Vault, *, file: EventFile, numbers: list[int]
) -> _Import:
    book = book_of(connection, who.tenant, set(numbers) - {0})
    keys = queries.keys_of(connection, vault, who.tenant, book.whose)
    rows = storage.of_children(connection, who.tenant, keys)
    known = (event for event in opened(who.tenant, rows, keys) if not event.withdrawn)
    return _Import(
        file=file,
        book=book,
        keys=keys,
        versions={book.key(event): event for event in known},
        written=[],
        who=who,
    )


def _each(done: _Import, numbers: list[int], at: datetime) -> EventsImported:
    counted, above = {"added": 0, "corrected": 0, "unchanged": 0}, set[int]()
    for place, row in enumerate(done.file.rows):
        if done.file.findings.refused[place]:
            continue
        if not _may(done, numbers[place], row):
            done.file.refuse(place, Rule.UNKNOWN_CHILD, CHILD_COLUMN[done.file.scheme])
            continue
        try:
            event = _event(done, numbers[place], row, at)
            became = _placed(done, event, above)
        except ServiceError as error:
            column = error.field.removeprefix("details.")
            done.file.refuse(place, _RULES[error.reason], _COLUMNS.get(error.field, column))
        else:
            counted[became] += 1
    return EventsImported(len(done.file.rows), **counted, above_limit=len(above))


def _may(done: _Import, number: int, row: EventRow) -> bool:
    """Return whether the child can be read and, where no school is named, is the caller's."""
    if number not in done.keys:
        return False
    urns = done.book.children[number].urns()
    return bool(row.urn) or any(access.allowed_at(done.who, RECORD, urn) for urn in urns)


def _event(done: _Import, number: int, row: EventRow, at: datetime) -> Event:
    known = done.versions.get((number, row.kind, row.urn, row.details.first))
    given = with_status_of(known.details, row.details) if known else row.details
    details = checked(row.kind, row.urn, given, today=london_date(at))
    return Event(
        id=known.id if known else new_id(),
        number=known.number if known else number,
        version=known.version + 1 if known else 1,
        kind=row.kind,
        urn=row.urn,
        details=details,
        withdrawn=False,
        change=_change(known, details.status),
        recorded_at=max(at, known.recorded_at) if known else at,
        recorded_by=done.who.subject,
    )


def _placed(done: _Import, given: Event, above: set[int]) -> str:
    """Hold an event against all that is known and return what becomes of its row."""
    event, known = done.book.placed(given), done.versions.get(done.book.key(given))
    number = done.book.whose[event.number]
    if Warned.MORE_THAN_45_DAYS in warnings_of(event, done.book.events.get(number, ())):
        above.add(number)
    if known is not None and known.details == event.details:
        return "unchanged"
    done.book.keep(event)
    done.versions[done.book.key(event)] = event
    done.written.append(event)
    return "corrected" if known else "added"


def _change(known: Event | None, status: Status) -> Change:
    if known is None:
        return Change.FIRST
    return Change.NEW_INFORMATION if known.details.status is status else Change.DECISION
