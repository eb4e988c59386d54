"""The children that a rule is asked of, and their schools, on a day as known at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from services.outcomes.children import storage as children
from services.outcomes.children.domain import Child
from services.outcomes.children.enrolments import on_rolls
from services.outcomes.children.storage import CHILD
from services.outcomes.feeds import facts
from services.outcomes.reference import storage as schools
from services.outcomes.reference.domain import School


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a rule is asked.

    Attributes:
        on: The day; facts of later days are not looked at.
        as_of: Facts recorded later are not looked at.
        off_roll: Whether children who are on no roll that day are asked too.
    """

    on: date
    as_of: datetime
    off_roll: bool = False


@dataclass(frozen=True, slots=True)
class Population:
    """Children in order of their number; erased ones are not among them.

    Attributes:
        moment: When.
        children: With their enrolments as known then.
        numbers: int64, of the same children.
        schools: Every school of the authority.
    """

    moment: Moment
    children: tuple[Child, ...]
    numbers: NDArray[np.int64]
    schools: dict[str, School]

    def urns(self, child: Child) -> list[str]:
        """Return the schools of a child on the day; its last ones when it is on no roll."""
        on = self.moment.on
        begun = [one for one in child.enrolments if one.first <= on]
        now = [one.urn for one in begun if one.last is None or one.last >= on]
        return now or [one.urn for one in begun[-1:]]


def population_of(
    connection: Connection,
    tenant: str,
    moment: Moment,
    *,
    urns: Iterable[str] | None = None,
) -> Population:
    """Read the children of an authority, or of some of its schools.

    Args:
        connection: A reader's.
        tenant: The authority.
        moment: When.
        urns: Only children on these rolls; on any when None.
    """
    wanted = None if urns is None else frozenset(urns)
    day = None if moment.off_roll else moment.on
    here = on_rolls(tenant, urns=wanted, on=day, as_of=moment.as_of)
    query = select(CHILD.c.number).where(CHILD.c.tenant == tenant, CHILD.c.number.in_(here))
    numbers = connection.execute(query).scalars().all()
    known = children.children(connection, tenant, numbers, as_of=moment.as_of)
    gone = facts.erased(connection, tenant)
    kept = tuple(
        known[number]
        for number in sorted(known)
        if known[number].id not in gone
        and any(one.first <= moment.on for one in known[number].enrolments)
    )
    asked = np.array([child.number for child in kept], np.int64)
    return Population(moment, kept, asked, schools.schools(connection, tenant))
