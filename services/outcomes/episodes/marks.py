"""When an authority's facts last changed, so that scheduled work rests while nothing does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from services.outcomes.child_events.storage import CHILD_EVENT
from services.outcomes.episodes.storage.tables import EPISODE, EPISODE_VERSION
from services.outcomes.register.storage import REGISTER_IMPORT
from services.outcomes.support.storage import UNFUNDED_SUPPORT

Marks = tuple[datetime | None, ...]
"""When an episode was last derived, a register imported, an event of a child recorded, and unfunded
support."""


def marks_of(connection: Connection) -> dict[str, Marks]:
    """Return the marks of each authority that has episodes."""
    tenants = connection.execute(select(EPISODE.c.tenant).distinct()).scalars().all()
    marks = {}
    for tenant in tenants:
        derived = select(func.max(EPISODE_VERSION.c.derived_at)).where(
            EPISODE_VERSION.c.tenant == tenant
        )
        imported = select(func.max(REGISTER_IMPORT.c.recorded_at)).where(
            REGISTER_IMPORT.c.tenant == tenant
        )
        happened = select(func.max(CHILD_EVENT.c.recorded_at)).where(CHILD_EVENT.c.tenant == tenant)
        supported = select(func.max(UNFUNDED_SUPPORT.c.recorded_at)).where(
            UNFUNDED_SUPPORT.c.tenant == tenant
        )
        asked = (derived, imported, happened, supported)
        marks[tenant] = tuple(connection.execute(each).scalar_one() for each in asked)
    return marks
