"""Reads of events: one with its history, and pages of them; an erased child has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.child_events import storage
from services.outcomes.child_events.domain import Event, Kind
from services.outcomes.child_events.sealing import event_of, opened
from services.outcomes.child_events.storage import CHILD_EVENT
from services.outcomes.children import merged
from services.outcomes.children import queries as children
from services.outcomes.children import storage as child_storage
from services.outcomes.children.domain import Child
from services.outcomes.children.erased import CHILD_ERASED, erased_numbers
from services.outcomes.children.storage import CHILD
from services.outcomes.children.vault import Vault
from services.outcomes.errors import ChildNotFound
from services.outcomes.errors.child_events import ChildEventNotFound
from services.outcomes.reference import queries as reference

SEE = "child_event.see"


@dataclass(frozen=True, slots=True)
class Shown:
    """An event for a reader.

    Attributes:
        event: The newest version up to the moment asked.
        child_id: Whose it is.
        versions: All of them up to that moment, oldest first, without what is sealed; none in
            lists.
    """

    event: Event
    child_id: str
    versions: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events a list is narrowed to; empty is any."""

    child_id: str = ""
    urn: str = ""
    kind: int = 0
    as_of: datetime | None = None


def living_child(connection: Connection, tenant: str, child_id: str) -> Child:
    """Return a child of whom events may be read and recorded.

    Raises:
        ChildNotFound: No such child, or it was erased (CHILD_NOT_FOUND).
    """
    child = children.known_child(connection, tenant, child_id)
    if erased_numbers(connection, tenant, [child.number]):
        raise ChildNotFound(child_id)
    return child


def get_event(
    connection: Connection,
    vault: Vault,
    who: Principal,
    *,
    event_id: str,
    as_of: datetime | None,
) -> Shown:
    """Return an event with its history.

    Raises:
        ChildEventNotFound: No such event in the authority (CHILD_EVENT_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
    """
    child, rows = known_event(connection, who.tenant, event_id, as_of=as_of)
    access.require_any_school(who, SEE, child.urns())
    keys = keys_of(connection, vault, who.tenant, [rows[-1]["number"]])
    (event,) = opened(who.tenant, rows[-1:], keys)
    return Shown(event, child.id, tuple(event_of(row) for row in rows))


def known_event(
    connection: Connection, tenant: str, event_id: str, *, as_of: datetime | None = None
) -> tuple[Child, list[Any]]:
    """Return the child of an event and the rows of its versions, oldest first.

    Raises:
        ChildEventNotFound: No such event, or its child was erased (CHILD_EVENT_NOT_FOUND).
    """
    rows = storage.versions_of(connection, tenant, [event_id], as_of=as_of).get(event_id)
    through = merged.survivors(connection, tenant)
    number = through.get(rows[0]["number"], rows[0]["number"]) if rows else 0
    if rows is None or erased_numbers(connection, tenant, [number]):
        raise ChildEventNotFound(event_id)
    return child_storage.children(connection, tenant, [number])[number], rows


def list_events(
    connection: Connection, who: Principal, wanted: Wanted, *, after: str, limit: int
) -> list[str]:
    """Return ids of events after an id, of the schools that the caller may see.

    Raises:
        ChildNotFound: No such child (CHILD_NOT_FOUND).
        SchoolNotFound: No such school (SCHOOL_NOT_FOUND).
        PermissionDenied: The child or school is another's (ACTION_NOT_ALLOWED).
    """
    table = CHILD_EVENT.c
    query = (
        select(table.id)
        .join(CHILD, (CHILD.c.tenant == table.tenant) & (CHILD.c.number == table.number))
        .where(table.tenant == who.tenant, table.version == 1, table.id > after)
        .where(CHILD.c.id.not_in(_erased(who.tenant)))
    )
    through = merged.survivors(connection, who.tenant)
    gone = erased_numbers(connection, who.tenant, set(through.values())) if through else set()
    if gone:
        lost = sorted(number for number, kept in through.items() if kept in gone)
        query = query.where(table.number.not_in(lost))
    if wanted.child_id:
        child = living_child(connection, who.tenant, wanted.child_id)
        access.require_any_school(who, SEE, child.urns())
        whose = storage.read_for(connection, who.tenant, [child.number])
        query = query.where(table.number.in_(sorted(whose)))
    seen = access.schools_seen(who, SEE)
    if wanted.urn:
        reference.require_schools(connection, who, SEE, {wanted.urn})
        query = query.where(table.urn == wanted.urn)
    elif seen is not None and not wanted.child_id:
        query = query.where(table.urn.in_(sorted(seen)))
    if wanted.kind:
        query = query.where(table.kind == int(Kind(wanted.kind)))
    if wanted.as_of is not None:
        query = query.where(table.recorded_at <= wanted.as_of)
    return list(connection.execute(query.order_by(table.id).limit(limit)).scalars())


def _erased(tenant: str) -> Any:
    return select(CHILD_ERASED.c.child_id).where(CHILD_ERASED.c.tenant == tenant)


def shown(
    connection: Connection, vault: Vault, tenant: str, ids: list[str], *, as_of: datetime | None
) -> list[Shown]:
    """Return events in the order of their ids, opened."""
    rows = [
        every[-1]
        for _, every in sorted(storage.versions_of(connection, tenant, ids, as_of=as_of).items())
    ]
    numbers = {row["number"] for row in rows}
    through = merged.survivors(connection, tenant)
    whose = {number: through.get(number, number) for number in numbers}
    names = child_storage.ids(connection, tenant, sorted(set(whose.values())))
    keys = keys_of(connection, vault, tenant, numbers)
    return [Shown(event, names[whose[event.number]]) for event in opened(tenant, rows, keys)]


def keys_of(
    connection: Connection, vault: Vault, tenant: str, numbers: Iterable[int]
) -> dict[int, bytes]:
    """Return the keys that events of some numbers are sealed with; none once erased."""
    names = child_storage.ids(connection, tenant, sorted(set(numbers)))
    held = vault.keys(tenant, list(names.values()))
    return {number: held[name] for number, name in names.items() if name in held}
