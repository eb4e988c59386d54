"""Reads of observations, each narrowed to the schools that the caller may see."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.outcomes import access
from services.outcomes.children import queries as children
from services.outcomes.children.enrolments import on_rolls
from services.outcomes.children.storage import CHILD
from services.outcomes.errors.measures import ObservationNotFound
from services.outcomes.feeds import facts
from services.outcomes.measures.observations import storage
from services.outcomes.measures.observations.domain import Observation
from services.outcomes.measures.observations.storage import Wanted

_SEE = "observation.see"


def get_observation(connection: Connection, who: Principal, observation_id: str) -> Observation:
    """Return one observation, current or not.

    Raises:
        ObservationNotFound: No such observation, or of an erased child.
        PermissionDenied: The child is at another's school (ACTION_NOT_ALLOWED).
    """
    found = storage.find(connection, who.tenant, observation_id)
    if found is None or found.child_id in facts.erased(connection, who.tenant):
        raise ObservationNotFound(observation_id)
    child = children.known_child(connection, who.tenant, found.child_id)
    access.require_any_school(who, _SEE, child.urns())
    return found


def list_observations(
    connection: Connection,
    who: Principal,
    wanted: Wanted,
    *,
    after: str,
    limit: int,
) -> list[Observation]:
    """Return a page of observations of the caller's children, in the order of recording.

    Raises:
        ChildNotFound: The child asked for is not known (CHILD_NOT_FOUND).
        PermissionDenied: It is at another's school (ACTION_NOT_ALLOWED).
    """
    gone = facts.erased(connection, who.tenant)
    for child_id in wanted.child_ids or ():
        child = children.known_child(connection, who.tenant, child_id)
        access.require_any_school(who, _SEE, child.urns())
    seen = access.schools_seen(who, _SEE)
    if wanted.child_ids is None and seen is not None:
        wanted = replace(wanted, child_ids=_at(connection, who.tenant, seen))
    found: list[Observation] = []
    while len(found) < limit:
        page = storage.page(connection, who.tenant, wanted, after=after, limit=limit)
        found += [one for one in page if one.child_id not in gone]
        if len(page) < limit:
            break
        after = page[-1].id
    return found[:limit]


def _at(connection: Connection, tenant: str, urns: frozenset[str]) -> frozenset[str]:
    """Return the children who were ever on these rolls."""
    here = on_rolls(tenant, urns=urns, on=None, as_of=None)
    query = select(CHILD.c.id).where(CHILD.c.tenant == tenant, CHILD.c.number.in_(here))
    return frozenset(connection.execute(query).scalars())
