"""How many children a reader is told of: a few, or the exact number, only where they may be seen.

Everybody else is told nothing of fewer than ten and numbers rounded to five, so that a rule
cannot be bent round one child.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.auth import Principal, Relation
from services.outcomes.access import ACTIONS
from services.outcomes.disclosure.rules import Rules

_RULES = Rules()
MEMBERS = "cohort.members"


@dataclass(frozen=True, slots=True)
class Told:
    """A number of children as a reader may know it.

    Attributes:
        children: None where it is withheld.
        exact: Whether it is neither withheld nor rounded.
    """

    children: int | None
    exact: bool


def sees_all(who: Principal) -> bool:
    """Return whether a reader may see the members of every cohort of the authority."""
    return ACTIONS[MEMBERS].get(who.role) is Relation.TENANT


def told(children: int, *, exact: bool) -> Told:
    """Return a number as somebody may know it who may, or may not, see the children."""
    if exact:
        return Told(children, exact=True)
    if children < _RULES.group:
        return Told(None, exact=False)
    base = _RULES.base
    return Told((children + base // 2) // base * base, exact=False)
