"""The write of a pool: what was drawn before it is kept with all that the draw rested on."""

from __future__ import annotations

from services.chassis.auth import Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.access import ACTIONS
from services.outcomes.cohorts import storage as cohorts
from services.outcomes.cohorts.pools import storage
from services.outcomes.cohorts.pools.drawing import Drawn
from services.outcomes.cohorts.pools.storage import Pool, Terms
from services.outcomes.errors.cohorts import CohortStateWrong


def keep(work: UnitOfWork, terms: Terms, drawn: Drawn) -> Pool:
    """Keep a pool.

    Raises:
        PermissionDenied: The caller may not edit cohorts (ACTION_NOT_ALLOWED).
        CohortStateWrong: The cohort is not frozen yet (COHORT_STATE_WRONG).
    """
    require(ACTIONS, work.caller, "cohort.edit", Resource(work.tenant))
    if not cohorts.freezes(work.connection, work.tenant, terms.cohort_id):
        raise CohortStateWrong("freeze it first", cohort_id=terms.cohort_id, state="draft")
    pool = Pool(
        id=new_id(),
        terms=terms,
        candidates=drawn.candidates,
        candidates_sha256=drawn.candidates_sha256,
        drawn=len(drawn.child_ids),
        drawn_at=work.at,
        drawn_by=work.caller.subject,
    )
    storage.add(work.connection, work.tenant, pool, drawn.child_ids)
    return pool
