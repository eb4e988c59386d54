"""The scheduled work behind feeds: learn facts, number them, fill the feeds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, select

from services.chassis.auth import Principal
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.service import Job
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.outcomes.agreements import storage as agreements
from services.outcomes.agreements.storage import AGREEMENT, Agreement
from services.outcomes.episodes.marks import Marks, marks_of
from services.outcomes.feeds import collecting, nodes, segments, sequencer
from services.outcomes.feeds.downloads import Downloads
from services.outcomes.feeds.keys import FeedKeys

SEQUENCE_EVERY_S = 1.0
COLLECT_EVERY_S = 5.0


class FeedJobs:
    """Keeps every feed up to date.

    Args:
        database: Runs reads.
        commands: Writes as the system.
        clock: Says which agreements are in force.
        keys: Makes pseudonyms and signatures.

    Attributes:
        downloads: Logs what leaves.
    """

    def __init__(
        self, database: Database, commands: Commands, *, clock: Clock, keys: FeedKeys
    ) -> None:
        self._database = database
        self._commands = commands
        self._clock = clock
        self._keys = keys
        self.downloads = Downloads(database, clock)
        self._seen: dict[str, Marks] = {}

    @property
    def jobs(self) -> tuple[Job, Job]:
        """Return the jobs that the runtime repeats."""
        return (
            Job(name="feed-facts", every_s=COLLECT_EVERY_S, run=self.collect),
            Job(name="feed-sequencer", every_s=SEQUENCE_EVERY_S, run=self.sequence),
        )

    async def collect(self) -> None:
        """Write the facts of each authority that shares data and whose facts have changed."""
        for tenant in await self._database.read(_tenants):
            await self.collect_shared(tenant)

    async def collect_shared(self, tenant: str) -> None:
        """Write an authority's facts if it shares data and they have changed since they were."""
        if tenant not in await self._database.read(_tenants):
            return
        marks = (await self._database.read(marks_of)).get(tenant)
        if marks is not None and self._seen.get(tenant) != marks:
            await self.collect_now(tenant)
            self._seen[tenant] = marks

    async def collect_now(self, tenant: str) -> int:
        """Write what has changed of an authority's facts, and return how many facts that were."""
        now = self._clock.now()
        changed = await self._database.read(
            lambda connection: collecting.changed(connection, tenant, now)
        )
        system = Principal.system(tenant)
        await self._commands.apply(
            system, lambda work: collecting.write(work.connection, tenant, changed)
        )
        return len(changed)

    async def sequence(self) -> None:
        """Give numbers to what has committed, and fill every feed that is behind."""
        for tenant in await self._database.read(sequencer.waiting_tenants):
            system = Principal.system(tenant)
            while await self._commands.apply(
                system, lambda work: sequencer.number_facts(work.connection, work.tenant)
            ):
                pass
        for agreement in await self._database.read(_behind):
            await self._fill(agreement)

    async def _fill(self, agreement: Agreement) -> None:
        state = agreement.state(london_date(self._clock.now()))
        system = Principal.system(agreement.tenant)
        work = partial(sequencer.fill, agreement=agreement, keys=self._keys, state=state)
        while await self._commands.apply(system, work):
            pass
        for prepare in (segments.seal, nodes.keep):
            while await self._commands.apply(system, partial(_once, prepare, agreement)):
                pass


def _once(
    prepare: Callable[[Connection, Agreement], bool], agreement: Agreement, work: UnitOfWork
) -> bool:
    return prepare(work.connection, agreement)


def _tenants(connection: Connection) -> list[str]:
    return list(connection.execute(select(AGREEMENT.c.tenant).distinct()).scalars())


def _behind(connection: Connection) -> list[Agreement]:
    return [
        agreement
        for tenant in _tenants(connection)
        for agreement in agreements.of_tenant(connection, tenant)
        if sequencer.behind(connection, agreement)
    ]
