"""Notify's repeated work beside delivery: ladders, the retention clock, gauges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product

from sqlalchemy import Connection

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.service import Job
from services.notify.channels.file import Files
from services.notify.commands import retention
from services.notify.commands.escalations import Escalations
from services.notify.delivery import metrics
from services.notify.domain.words import Channel, Status
from services.notify.storage import board, escalations

CLIMB_EVERY_S = 5.0
ERASE_EVERY_S = 600.0
COUNT_EVERY_S = 15.0


class Housekeeping:
    """Work that the runtime repeats.

    Args:
        database: The service's own.
        clock: Says what is due and what is old.
        ladders: Climbed when a step is due.
        files: Providers that keep messages as files, to be removed with what the rows hold.
        keep: How long addresses and values are kept.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        ladders: Escalations,
        files: Sequence[Files],
        keep: timedelta,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ladders = ladders
        self._files = files
        self._keep = keep

    def jobs(self) -> list[Job]:
        """Return the jobs."""
        return [
            Job(name="climb-ladders", every_s=CLIMB_EVERY_S, run=self.climb),
            Job(name="erase-old", every_s=ERASE_EVERY_S, run=self.erase),
            Job(name="count-messages", every_s=COUNT_EVERY_S, run=self.count),
        ]

    async def climb(self) -> None:
        """Take every step that is due."""
        now = self._clock.now()
        while await self._database.read(lambda connection: escalations.any_due(connection, now)):
            if not await self._database.transact(
                lambda transaction: self._ladders.climb(transaction, now)
            ):
                return

    async def erase(self) -> None:
        """Erase what is older than it may be, until nothing is left of that."""
        now = self._clock.now()
        more = True
        while more:
            erased = await self._database.write(
                lambda connection: retention.erase(connection, now, self._keep)
            )
            for each in self._files:
                await each.forget(list(erased.references))
            more = len(erased.references) == retention.BATCH

    async def count(self) -> None:
        """Set the gauges."""
        now = self._clock.now()
        await self._database.read(lambda connection: _set_gauges(connection, now))


def _set_gauges(connection: Connection, now: datetime) -> None:
    """Set every combination, so that what there was and is no more goes down to nothing."""
    ages = []
    for tenant, counts in board.all_counts(connection).items():
        for channel, status in product(Channel, Status):
            gauge = metrics.MESSAGES.labels(tenant, channel, status)
            gauge.set(counts.get((channel, status), 0))
        oldest = board.oldest_due(connection, tenant, now)
        ages.append((now - oldest).total_seconds() if oldest else 0.0)
    metrics.OLDEST_DUE_SECONDS.set(max(ages, default=0.0))
    for tenant, number in board.suppressed(connection).items():
        metrics.SUPPRESSED_ADDRESSES.labels(tenant).set(number)
