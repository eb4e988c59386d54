"""The personal facts of two children as one, and apart again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.chassis.sealing import unseal
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.children import queries, storage
from services.outcomes.children.domain import Child, Person
from services.outcomes.children.storage import CHILD_SEALED
from services.outcomes.children.vault import Vault


def join(work: UnitOfWork, vault: Vault, survivor: Child, other: Child) -> dict[str, int]:
    """Add to the facts of the child who is kept what only the other had.

    Returns:
        The versions of the kept child's facts before and after.
    """
    stored = queries.persons(work.connection, vault, work.tenant, [survivor, other])
    before, own = stored.get(survivor.number, (0, None))
    theirs = stored.get(other.number, (0, None))[1] or Person()
    both = theirs.updated(own or Person())
    if both == (own or Person()):
        return {"before": before, "after": before}
    return {"before": before, "after": _write(work, vault, survivor, (before + 1, both))}


def part(
    work: UnitOfWork, vault: Vault, pair: tuple[Child, Child], versions: dict[str, Any]
) -> None:
    """Give the child who was kept its own facts back, with what was said of it since."""
    survivor, other = pair
    before, after = int(versions["before"]), int(versions["after"])
    stored = queries.persons(work.connection, vault, work.tenant, [survivor, other])
    version, now = stored.get(survivor.number, (0, None))
    if before == after or now is None:
        return
    own = _at(work, vault, survivor, before)
    if version != after:
        theirs = stored.get(other.number, (0, None))[1] or Person()
        strange = set(theirs.identifiers()) - set(own.identifiers())
        own = own.updated(now.without(strange))
    _write(work, vault, survivor, (version + 1, own))


def _at(work: UnitOfWork, vault: Vault, child: Child, version: int) -> Person:
    """Return a child's facts as they were in a version; nobody's for version 0."""
    table = CHILD_SEALED.c
    query = select(table.sealed).where(
        table.tenant == work.tenant, table.number == child.number, table.version == version
    )
    sealed = work.connection.execute(query).scalar_one_or_none()
    key = vault.keys(work.tenant, [child.id]).get(child.id)
    if sealed is None or key is None:
        return Person()
    about = queries.about(work.tenant, child.id, version)
    return queries.person_from(unseal(key, bytes(sealed), *about))


def _write(work: UnitOfWork, vault: Vault, child: Child, facts: tuple[int, Person]) -> int:
    """Add a version of a child's facts; identifiers stay indexed as the child's they were."""
    version, person = facts
    key = vault.keys(work.tenant, [child.id])[child.id]
    about = queries.about(work.tenant, child.id, version)
    row = {
        "number": child.number,
        "version": version,
        "sealed": queries.sealed_person(key, person, about),
    }
    storage.add(work.connection, CHILD_SEALED, [row], tenant=work.tenant, at=work.at)
    return version
