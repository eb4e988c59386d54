"""Works off queued runs, one at a time, on a reader thread; the lane only stores the end."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.chassis.service import Job
from services.chassis.tables import Row
from services.chassis.unit_of_work import Commands
from services.outcomes.analysis import commands, storage
from services.outcomes.analysis.cohort import cohort_of
from services.outcomes.analysis.figures import Figures, figures_of
from services.outcomes.analysis.progress import Listener, heard_by, report
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
        system, telling = Principal.system(run.tenant), _Telling(self._database, self._clock, run)
        try:
            figures, members = await self._database.read(
                lambda connection: _computed(connection, run, telling)
            )
        except RunStopped:
            return
        except Exception as error:  # noqa: BLE001 (whatever it was, the run must end and say so)
            _log.exception("an analysis failed", analysis_run_id=run.id, step=telling.step)
            failure = telling.failure(error)
            await self._commands.apply(system, lambda work: commands.fail(work, run, failure))
            return
        await self._commands.apply(
            system, lambda work: commands.complete(work, run, figures, members)
        )


class RunStopped(Exception):
    """The run was cancelled, or another process computes it: its figures are not wanted."""


class _Telling:
    """Stores how far a run is, from the thread that computes it.

    Args:
        database: Keeps the run; used from the loop that this is made on.
        clock: Says when something was heard last.
        run: The run.
    """

    def __init__(self, database: Database, clock: Clock, run: Run) -> None:
        self._database = database
        self._clock = clock
        self._run = run
        self._loop = asyncio.get_running_loop()
        self.step = "beginning"

    def __call__(self, step: str, percent: int) -> None:
        """Store the step; it is waited for, so that what is stored never goes back.

        Raises:
            RunStopped: The run is no longer to be computed.
        """
        self.step, now = step, self._clock.now()
        told = self._database.write(
            lambda connection: storage.advance(
                connection, self._run, step=step, percent=percent, now=now
            )
        )
        if not asyncio.run_coroutine_threadsafe(told, self._loop).result():
            raise RunStopped

    def failure(self, error: Exception) -> str:
        """Return why the run failed: a refusal's own words, else its kind and where it was.

        The text of other errors may hold what children's records hold, and stays in the log.
        """
        reason = error.message if isinstance(error, ServiceError) else type(error).__name__
        return f"while {self.step}: {reason}; the log of the service has this run's id"


def _computed(connection: Connection, run: Run, listener: Listener) -> tuple[Figures, list[Row]]:
    with heard_by(listener):
        report("reading episodes", 5)
        cohort = cohort_of(connection, run.tenant, run.rule, as_of=run.as_of, seed=run.seed)
        figures = figures_of(cohort, run.seed)
        report("writing down the children behind it", 95)
        return figures, members_of(cohort)
