"""Drawing a pool: the same terms over the same facts draw the same children."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from services.outcomes.cohorts import storage
from services.outcomes.cohorts.domain.judging import judged
from services.outcomes.cohorts.domain.membership import drawn
from services.outcomes.cohorts.domain.rule import Funded
from services.outcomes.cohorts.facts import StoredFacts
from services.outcomes.cohorts.pools.storage import Terms
from services.outcomes.cohorts.population import population_of


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw gave.

    Attributes:
        child_ids: In the order of the authority's own numbers.
        candidates: How many children it could have drawn.
        candidates_sha256: Of their ids, one a line.
    """

    child_ids: tuple[str, ...]
    candidates: int
    candidates_sha256: str


def draw(connection: Connection, tenant: str, terms: Terms) -> Drawn:
    """Draw a pool. The same terms over the same facts draw the same children."""
    population = population_of(connection, tenant, terms.moment)
    held = StoredFacts(connection, tenant, population)
    funded = held.judge(Funded()).yes
    verdict = judged(terms.rule, held)
    inside = storage.changes(connection, tenant, terms.cohort_id, as_of=terms.moment.as_of)
    members = {each.child_id for each in inside}
    known = {
        population.children[place].number: population.children[place].id
        for place in np.flatnonzero(verdict.yes & ~funded).tolist()
        if population.children[place].id not in members
    }
    picked = drawn(known, terms.size, seed=terms.seed)
    digest = hashlib.sha256("\n".join(known[number] for number in sorted(known)).encode())
    return Drawn(tuple(known[number] for number in picked), len(known), digest.hexdigest())
