"""Works off queued runs, one at a time, on a reader thread; the lane only stores the end."""

from __future__ import annotations

import structlog

from services.chassis.auth import Principal
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.service import Job
from services.chassis.unit_of_work import Commands
from services.outcomes.analysis import commands, storage
from services.outcomes.analysis.cohort import cohort_of
from services.outcomes.analysis.figures import figures_of
from services.outcomes.analysis.results import members_of
from services.outcomes.analysis.storage import Run

LOOK_EVERY_S = 0.5
_log = structlog.get_logger(__name__)


class Runner:
    """The background work of analyses.

    Args:
        database: Runs reads, and claims a run.
        commands: Stores results as the system.
        clock: Says when a claim is abandoned.
    """

    def __init__(self, database: Database, commands: Commands, clock: Clock) -> None:
        self._database = database
        self._commands = commands
        self._clock = clock

    @property
    def job(self) -> Job:
        """Return the job that the runtime repeats."""
        return Job(name="analysis-runs", every_s=LOOK_EVERY_S, run=self.work_off)

    async def work_off(self) -> None:
        """Compute every waiting run."""
        while (run := await self._take()) is not None:
            await self._compute(run)

    async def _take(self) -> Run | None:
        now = self._clock.now()
        waiting = await self._database.read(
            lambda connection: storage.next_waiting(connection, now)
        )
        if waiting is None:
            return None
        taken = await self._database.write(
            lambda connection: storage.claim(connection, waiting, now)
        )
        return waiting if taken else await self._take()

    async def _compute(self, run: Run) -> None:
        system = Principal.system(run.tenant)
        try:
            cohort = await self._database.read(
                lambda connection: cohort_of(
                    connection, run.tenant, run.rule, as_of=run.as_of, seed=run.seed
                )
            )
            figures, members = await self._database.read(
                lambda _: (figures_of(cohort, run.seed), members_of(cohort))
            )
        except Exception:  # noqa: BLE001 (whatever it was, the run must end and say so)
            _log.exception("an analysis failed", analysis_run_id=run.id)
            failure = "it could not be computed; the log of the service says why"
            await self._commands.apply(system, lambda work: commands.fail(work, run, failure))
            return
        await self._commands.apply(
            system, lambda work: commands.complete(work, run, figures, members)
        )
