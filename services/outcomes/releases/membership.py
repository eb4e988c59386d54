"""Which frozen cohort each child was in, as a partition: every child has one label.

A child may be in several cohorts. A table by cohort that counted it in each would not add up, and
what does not add up can be subtracted: so such children stand together under a label of their own.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, select

from services.outcomes.cohorts import queries as cohorts
from services.outcomes.cohorts.storage import COHORT
from services.outcomes.disclosure.tables import TOTAL
from services.outcomes.errors import CohortNotFound

NO_COHORT, SEVERAL = "no cohort", "several cohorts"
_TAKEN = (TOTAL, NO_COHORT, SEVERAL)
_TAIL = 4


def cohort_labels(connection: Connection, tenant: str, as_of: datetime) -> dict[str, str]:
    """Return the label of each child who was in a cohort that was frozen by a moment."""
    query = select(COHORT.c.id, COHORT.c.name).where(COHORT.c.tenant == tenant)
    known = connection.execute(query.order_by(COHORT.c.id)).all()
    names = Counter(_TAKEN) + Counter(row.name for row in known)
    found: dict[str, str] = {}
    for row in known:
        label = row.name if names[row.name] == 1 else f"{row.name} ({row.id[-_TAIL:]})"
        for child_id in _members(connection, tenant, row.id, as_of):
            found[child_id] = SEVERAL if child_id in found else label
    return found


def _members(
    connection: Connection, tenant: str, cohort_id: str, as_of: datetime
) -> frozenset[str]:
    try:
        return cohorts.members_at(connection, tenant, cohort_id, as_of=as_of)
    except CohortNotFound:
        # It is defined and was not frozen yet.
        return frozenset()
