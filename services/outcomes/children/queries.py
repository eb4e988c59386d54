"""Reads of children: who an identifier means, and what a reader may see of a child."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, select

from services.chassis.auth import Principal
from services.chassis.sealing import seal, unseal
from services.outcomes import access
from services.outcomes.children import merged, storage
from services.outcomes.children.domain import (
    Child,
    Person,
    Scheme,
    mis_identifier,
    normal,
)
from services.outcomes.children.enrolments import enrolments, on_rolls
from services.outcomes.children.storage import CHILD, CHILD_IDENTIFIER
from services.outcomes.children.vault import Vault
from services.outcomes.errors import ChildNotFound

_MANY = 5_000


@dataclass(frozen=True, slots=True)
class Named:
    """Children as an input names them.

    Attributes:
        scheme: Which identifier.
        values: One for each child, as given.
        urns: The school of each, which an id of a school's system is unique in.
    """

    scheme: Scheme
    values: Sequence[str]
    urns: Sequence[str] = ()

    def normal_values(self) -> list[str]:
        """Return the values as they are compared."""
        if self.scheme is Scheme.MIS:
            pairs = zip(self.urns, self.values, strict=True)
            return [mis_identifier(urn, value).value for urn, value in pairs]
        return [normal(value) for value in self.values]


def resolve(
    connection: Connection, tenant: str, vault: Vault, *, named: Named
) -> NDArray[np.int64]:
    """Return the number of each child named; 0 where nobody is known by it."""
    count = len(named.values)
    if named.scheme is Scheme.CHILD:
        known = _by_id(connection, tenant, named.values)
        return np.fromiter((known.get(value, 0) for value in named.values), np.int64, count)
    blinds = vault.blinds(tenant, named.scheme, named.normal_values())
    found = find(connection, tenant, blinds)
    return np.fromiter((found.get(blind, 0) for blind in blinds), np.int64, count)


def _by_id(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, int]:
    if len(ids) < _MANY:
        return storage.by_id(connection, tenant, ids)
    query = select(CHILD.c.id, CHILD.c.number).where(CHILD.c.tenant == tenant)
    return merged.read_through(connection, tenant, _pairs(connection, query))


def find(connection: Connection, tenant: str, blinds: Sequence[bytes]) -> dict[bytes, int]:
    """Return the numbers that blind indexes find; many are found by reading the whole index."""
    if len(blinds) < _MANY:
        found = storage.by_blind(connection, tenant, blinds)
    else:
        table = CHILD_IDENTIFIER.c
        query = select(table.blind, table.number).where(table.tenant == tenant)
        found = _pairs(connection, query)
    return merged.read_through(connection, tenant, found)


def _pairs(connection: Connection, query: Select[Any]) -> dict[Any, int]:
    """Read many pairs in parts: a whole index at once would stand in memory twice."""
    found: dict[Any, int] = {}
    for part in connection.execute(query).partitions(_MANY):
        found.update(part)
    return found


def get_child(
    connection: Connection,
    vault: Vault,
    who: Principal,
    *,
    child_id: str,
    as_of: datetime | None = None,
) -> Child:
    """Return a child, with personal facts for those who may see them.

    Args:
        connection: A reader's.
        vault: Opens personal facts.
        who: The reader; rights follow the rolls that the child is on as is known now.
        child_id: The child.
        as_of: With the enrolments that were known then; those known now when None.

    Raises:
        ChildNotFound: No such child in the authority (CHILD_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
    """
    child = known_child(connection, who.tenant, child_id)
    access.require_any_school(who, "child.see", child.urns())
    seen = opened(connection, vault, who, [child])[0]
    if as_of is None:
        return seen
    then = enrolments(connection, who.tenant, [child.number], as_of=as_of)
    return replace(seen, enrolments=tuple(then.get(child.number, ())))


def known_child(connection: Connection, tenant: str, child_id: str) -> Child:
    """Return a child without personal facts.

    Raises:
        ChildNotFound: No such child in the authority (CHILD_NOT_FOUND).
    """
    number = storage.by_id(connection, tenant, [child_id]).get(child_id)
    if number is None:
        raise ChildNotFound(child_id)
    return storage.children(connection, tenant, [number])[number]


@dataclass(frozen=True, slots=True)
class OnRoll:
    """Which children a list is narrowed to.

    Attributes:
        urn: On the roll of this school; empty for any.
        on: On roll on this day; None for ever.
        as_of: As was known at this moment; None for now.
    """

    urn: str = ""
    on: date | None = None
    as_of: datetime | None = None


def list_children(
    connection: Connection,
    who: Principal,
    wanted: OnRoll,
    *,
    after: int,
    limit: int,
) -> list[Child]:
    """Return children by number after `after`, of the schools that the caller may see.

    Raises:
        PermissionDenied: The school asked for is another's (ACTION_NOT_ALLOWED).
    """
    urn, on, as_of = wanted.urn, wanted.on, wanted.as_of
    query = select(CHILD.c.number).where(CHILD.c.tenant == who.tenant, CHILD.c.number > after)
    seen = access.schools_seen(who, "child.see")
    schools = {urn} if urn else seen
    if seen is not None and urn:
        access.require_school(who, "child.see", urn)
    through = list(merged.merged_numbers(connection, who.tenant, as_of=as_of))
    if through:
        query = query.where(CHILD.c.number.not_in(through))
    if schools is not None or on is not None or as_of is not None:
        here = on_rolls(who.tenant, urns=schools, on=on, as_of=as_of)
        query = query.where(CHILD.c.number.in_(here))
    numbers = connection.execute(query.order_by(CHILD.c.number).limit(limit)).scalars().all()
    found = storage.children(connection, who.tenant, numbers, as_of=as_of)
    return [found[number] for number in numbers]


def opened(
    connection: Connection, vault: Vault, who: Principal, children: Sequence[Child]
) -> list[Child]:
    """Return the children with personal facts where the caller may see them."""
    seen = [
        child
        for child in children
        if any(access.allowed_at(who, "child.identify", urn) for urn in child.urns())
    ]
    people = persons(connection, vault, who.tenant, seen)
    return [
        Child(
            number=child.number,
            id=child.id,
            reception_year=child.reception_year,
            person=people.get(child.number, (0, None))[1],
            enrolments=child.enrolments,
        )
        for child in children
    ]


def persons(
    connection: Connection, vault: Vault, tenant: str, children: Iterable[Child]
) -> dict[int, tuple[int, Person | None]]:
    """Return the version and the personal facts of each child; None once erased."""
    ids = {child.number: child.id for child in children}
    content = storage.sealed(connection, tenant, ids)
    keys = vault.keys(tenant, [ids[number] for number in content])
    found: dict[int, tuple[int, Person | None]] = {}
    for number, (version, sealed) in content.items():
        key = keys.get(ids[number])
        plain = key and unseal(key, sealed, *about(tenant, ids[number], version))
        found[number] = (version, person_from(plain) if plain else None)
    return found


def about(tenant: str, child_id: str, version: int) -> tuple[str, str, str, str]:
    """Return what the sealed facts of a child are bound to."""
    return (tenant, "child_sealed", child_id, str(version))


def sealed_person(key: bytes, person: Person, bound: Sequence[str]) -> bytes:
    """Return personal facts as they are stored."""
    return seal(key, json.dumps(person_plain(person), ensure_ascii=False).encode(), *bound)


def person_plain(person: Person) -> dict[str, Any]:
    """Return personal facts as what JSON can hold; `person_from` reads them back."""
    return {
        "forename": person.forename,
        "surname": person.surname,
        "date_of_birth": person.date_of_birth.isoformat() if person.date_of_birth else "",
        "upn": person.upn,
        "former_upns": person.former_upns,
        "authority_child_id": person.authority_child_id,
        "mis_ids": dict(person.mis_ids),
    }


def person_from(plain: bytes) -> Person:
    """Return personal facts as they were before they were sealed."""
    fields: dict[str, Any] = json.loads(plain)
    born = fields.pop("date_of_birth")
    return Person(
        date_of_birth=date.fromisoformat(born) if born else None,
        former_upns=tuple(fields.pop("former_upns")),
        mis_ids=tuple(sorted(fields.pop("mis_ids").items())),
        **fields,
    )
