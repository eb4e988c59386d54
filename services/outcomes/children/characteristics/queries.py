"""Reads of characteristics: of one child for people, of many for the rest of this service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.children import queries
from services.outcomes.children.characteristics import storage
from services.outcomes.children.characteristics.domain import Characteristic, in_force
from services.outcomes.children.characteristics.kinds import RULES, Purpose
from services.outcomes.children.vault import Vault

OPEN_KINDS = tuple(kind for kind, rule in RULES.items() if not rule.sealed)
"""What an analysis may know of a child."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which characteristics of a child are asked.

    Attributes:
        on: Those that hold on this day; every one ever recorded when None.
        as_of: As was known at this moment; as is known now when None.
    """

    on: date | None = None
    as_of: datetime | None = None


def of_child(
    connection: Connection, vault: Vault, who: Principal, *, child_id: str, asked: Asked
) -> list[Characteristic]:
    """Return a child's characteristics in the order recorded, or by kind for a day.

    Raises:
        ChildNotFound: No such child in the authority (CHILD_NOT_FOUND).
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
    """
    child = queries.known_child(connection, who.tenant, child_id)
    access.require_any_school(who, "child.see", child.urns())
    held = storage.recorded(connection, who.tenant, [child.number], as_of=asked.as_of)
    seen = any(access.allowed_at(who, "child.identify", urn) for urn in child.urns())
    keys = vault.keys(who.tenant, [child.id]) if seen else {}
    every = storage.unsealed(who.tenant, child.id, held.get(child.number, []), keys)
    if asked.on is None:
        return every
    found = in_force(every, asked.on)
    return [found[kind] for kind in sorted(found)]


def facts_on(
    connection: Connection,
    tenant: str,
    numbers: Iterable[int],
    *,
    on: date,
    as_of: datetime | None = None,
) -> dict[int, dict[str, str]]:
    """Return for each child what held on a day, by column name, for evaluation.

    Only what was recorded for evaluation, and nothing that is sealed. Children of whom nothing is
    known are left out.

    Args:
        connection: To read with.
        tenant: The authority.
        numbers: The children.
        on: The day.
        as_of: As was known at this moment; as is known now when None.
    """
    held = storage.recorded(connection, tenant, numbers, kinds=OPEN_KINDS, as_of=as_of)
    found = {}
    for number, every in held.items():
        given = [one for one, _ in every]
        known = in_force(given, on)
        facts = {
            RULES[kind].column: one.statement.value
            for kind, one in known.items()
            if Purpose.EVALUATION in one.purposes
        }
        if facts:
            found[number] = facts
    return found
