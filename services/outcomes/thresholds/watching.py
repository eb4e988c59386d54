"""The scheduled job that finds crossings once registers have changed and come to rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.chassis.database import Database
from services.chassis.service import Job
from services.chassis.unit_of_work import Commands
from services.outcomes.reference.storage import SCHOOL
from services.outcomes.thresholds import storage, telling, totals

LOOK_EVERY_S = 3.0
OVERLAP = timedelta(minutes=5)
"""Two replicas may commit out of the order of their clocks; a school looked at twice is as once."""

_AT_ONCE = 500


class ThresholdWatch:
    """Looks at registers that have changed, one authority after the other.

    Args:
        database: Read for every authority in it.
        commands: Tells as the system.
    """

    def __init__(self, database: Database, commands: Commands) -> None:
        self._database = database
        self._commands = commands
        self._seen: dict[str, datetime | None] = {}

    @property
    def job(self) -> Job:
        """Return the job that the runtime repeats."""
        return Job(name="absence-thresholds", every_s=LOOK_EVERY_S, run=self.look)

    async def look(self) -> None:
        """Look at each authority whose registers changed and then stood still."""
        changed = await self._database.read(_changed)
        for authority, (moment, before) in changed.items():
            settled = self._seen.get(authority) == moment
            if settled and moment is not None and (before is None or before < moment):
                await self.tell(authority, moment, before)
        self._seen = {authority: moment for authority, (moment, _) in changed.items()}

    async def tell(self, authority: str, moment: datetime, before: datetime | None) -> None:
        """Tell of every crossing that an authority's registers show up to a moment."""
        system = Principal.system(authority)
        since = before - OVERLAP if before is not None else None
        found = await self._database.read(
            lambda connection: telling.look(connection, authority, since=since, until=moment)
        )
        known = await self._database.read(
            lambda connection: storage.schools_looked_at(connection, authority, found.year)
        )
        new = set(found.urns) - known
        for start in range(0, len(found.moved), _AT_ONCE):
            part = found.moved[start : start + _AT_ONCE]
            await self._commands.apply(
                system, partial(telling.tell, found=found, part=part, new=new)
            )
        await self._commands.apply(system, partial(telling.finish, found=found))


def _changed(connection: Connection) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Return when each authority's registers changed last, and up to when they were looked at."""
    tenants = connection.execute(select(SCHOOL.c.tenant).distinct()).scalars().all()
    return {
        tenant: (
            totals.changed_at(connection, tenant),
            storage.looked_at(connection, tenant),
        )
        for tenant in tenants
    }
