"""Reads of unfunded support: of one child, and one with whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.child_events.queries import living_child
from services.outcomes.children import merged
from services.outcomes.children import storage as child_storage
from services.outcomes.children.domain import Child
from services.outcomes.children.erased import erased_numbers
from services.outcomes.errors.support import SupportNotFound
from services.outcomes.support import storage
from services.outcomes.support.domain import Support

SEE = "support.see"


@dataclass(frozen=True, slots=True)
class Held:
    """Support for a reader, with the id of the child that it is read for."""

    support: Support
    child_id: str


def list_support(
    connection: Connection, who: Principal, child_id: str, *, as_of: datetime | None
) -> list[Held]:
    """Return all support of a child, also what was taken back, in the order of first records.

    Raises:
        ChildNotFound: No such child, or it was erased (CHILD_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
    """
    child = living_child(connection, who.tenant, child_id)
    access.require_any_school(who, SEE, child.urns())
    found = storage.of_children(connection, who.tenant, [child.number], as_of=as_of)
    return [Held(each, child.id) for each in found.get(child.number, ())]


def known_support(connection: Connection, tenant: str, support_id: str) -> tuple[Child, Support]:
    """Return support with the child that it is read for.

    Raises:
        SupportNotFound: No such support, or its child was erased (SUPPORT_NOT_FOUND).
    """
    support = storage.newest(connection, tenant, support_id)
    if support is None:
        raise SupportNotFound(support_id)
    number = merged.survivors(connection, tenant).get(support.number, support.number)
    if erased_numbers(connection, tenant, {number, support.number}):
        raise SupportNotFound(support_id)
    return child_storage.children(connection, tenant, [number])[number], support
