"""What part of an authority a caller's role can see in lists."""

from __future__ import annotations

from services.chassis.auth import Principal, Relation
from services.fund.access import ACTIONS


def visible_schools(who: Principal, action: str) -> frozenset[str] | None:
    """Return the schools that the caller's lists are limited to; None for the whole authority."""
    relation = ACTIONS[action].get(who.role)
    if relation is Relation.TENANT:
        return None
    return who.schools


def narrowed(visible: frozenset[str] | None, asked: str) -> frozenset[str] | None:
    """Return the visible schools that a filter leaves; an empty filter leaves all."""
    if not asked:
        return visible
    return frozenset({asked}) if visible is None else visible & {asked}
