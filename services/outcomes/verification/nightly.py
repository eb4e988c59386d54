"""Runs the check on a live database: once for the command line, every night for the metrics."""

from __future__ import annotations

import asyncio

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.service import Job
from services.outcomes.verification import comparing, findings, raw
from services.outcomes.verification.findings import Difference

EVERY_S = 24 * 60 * 60.0
_LOOK_EVERY_S = 60.0


class Nightly:
    """The check, repeated.

    Args:
        database: Of the outcomes service.
        clock: Says when it ran.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._due_s: float | None = None

    @property
    def job(self) -> Job:
        """Return the job; a process that has just started rests a day before its first check."""
        return Job(name="verify-outcomes", every_s=_LOOK_EVERY_S, run=self._look)

    async def _look(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._due_s is None:
            self._due_s = now_s + EVERY_S
        if now_s >= self._due_s:
            await self.run()
            self._due_s = now_s + EVERY_S

    async def run(self) -> list[Difference]:
        """Check every authority now, and count what differs."""
        found: list[Difference] = []
        for tenant in await self._database.read(raw.tenants):
            found += await self._tenant(tenant)
        return found

    async def _tenant(self, tenant: str) -> list[Difference]:
        here = await self._database.read(
            lambda connection: comparing.differences(connection, tenant)
        )
        findings.count(tenant, here, at=self._clock.now())
        return here
