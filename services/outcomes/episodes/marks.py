"""When an authority's facts last changed, so that scheduled work rests while nothing does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from services.outcomes.episodes.storage.tables import EPISODE, EPISODE_VERSION
from services.outcomes.register.storage import REGISTER_IMPORT

Marks = tuple[datetime | None, datetime | None]
"""When an episode was last derived, and a register last imported."""


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
        marks[tenant] = (
            connection.execute(derived).scalar_one(),
            connection.execute(imported).scalar_one(),
        )
    return marks
