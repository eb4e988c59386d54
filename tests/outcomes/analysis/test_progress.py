"""A run says what it does, can be cancelled while it does it, and says why it failed."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta

import pytest

from services.chassis.database import Database
from services.chassis.errors import FailedPrecondition, NotFound
from services.chassis.unit_of_work import Commands
from services.outcomes.analysis import commands as writes
from services.outcomes.analysis import queries
from services.outcomes.analysis.progress import heard_by, report
from services.outcomes.analysis.runner import Runner
from services.outcomes.analysis.storage import Run, RunState
from tests.outcomes.analysis.test_run import (
    FUNDED,
    MANAGER,
    asked_for,
    clock,
    commands,
    database,
    fund,
    results,
)
from tests.outcomes.world import LOADED
from tests.support.clock import FakeClock

__all__ = ["clock", "commands", "database"]

WAIT_S = 30


async def held(database: Database, run: Run) -> Run:
    return await database.read(lambda connection: queries.get_run(connection, MANAGER, run.id))


async def cancelled(commands: Commands, run_id: str) -> Run:
    return await commands.apply(MANAGER, lambda work: writes.cancel_run(work, run_id))


class Gate(FakeClock):
    """A clock that lets each step of a run wait at a gate until the test has looked."""

    def __init__(self) -> None:
        super().__init__(LOADED + timedelta(hours=1))
        self.arrived = threading.Semaphore(0)
        self.open = threading.Semaphore(0)

    def now(self) -> datetime:
        if threading.current_thread() is not threading.main_thread():
            self.arrived.release()
            assert self.open.acquire(timeout=WAIT_S)
        return super().now()

    async def next_step(self, work: asyncio.Task[None]) -> bool:
        """Wait until the run asks for the time; False when it has ended."""
        while not work.done():
            if await asyncio.to_thread(self.arrived.acquire, timeout=0.05):
                return True
        return False


def test_what_nobody_listens_to_is_lost_and_a_listener_hears_only_its_own() -> None:
    heard: list[tuple[str, int]] = []

    report("before", 1)
    with heard_by(lambda step, percent: heard.append((step, percent))):
        report("within", 2)
    report("after", 3)

    assert heard == [("within", 2)]


async def test_steps_are_stored_while_a_run_is_computed_and_never_go_back(
    commands: Commands, database: Database
) -> None:
    await fund(commands, FUNDED)
    run, gate, seen = await asked_for(commands), Gate(), list[Run]()

    work = asyncio.create_task(Runner(database, commands, gate).work_off())
    while await gate.next_step(work):
        seen.append(await held(database, run))
        gate.open.release()
    await work

    steps = [one.step for one in seen]
    assert steps[:2] == ["", "reading episodes"]
    assert {"looking for children like them", "the placebo run", "costs per outcome"} <= set(steps)
    assert all(one.state is RunState.RUNNING for one in seen)
    done = [one.progress_percent for one in seen]
    assert done == sorted(done)
    last = await held(database, run)
    assert (last.state, last.step, last.progress_percent) == (RunState.COMPLETED, "", 100)


async def test_a_run_that_is_cancelled_while_it_is_computed_stops_and_keeps_nothing(
    commands: Commands, database: Database
) -> None:
    await fund(commands, FUNDED)
    run, gate = await asked_for(commands), Gate()
    work = asyncio.create_task(Runner(database, commands, gate).work_off())
    assert await gate.next_step(work)

    first, second = await cancelled(commands, run.id), await cancelled(commands, run.id)
    gate.open.release()
    await work

    assert first.state is second.state is RunState.CANCELLED
    last = await held(database, run)
    assert (last.state, last.completed_at) == (RunState.CANCELLED, first.completed_at)
    with pytest.raises(FailedPrecondition, match="the run is cancelled"):
        await results(database, run.id)


async def test_a_run_that_ended_or_is_nobodys_cannot_be_cancelled(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    run = await asked_for(commands)
    await Runner(database, commands, clock).work_off()

    with pytest.raises(FailedPrecondition, match="the run is completed"):
        await cancelled(commands, run.id)
    with pytest.raises(NotFound):
        await cancelled(commands, "another")


async def test_a_failed_run_says_what_it_was_doing_and_why(
    commands: Commands, database: Database, clock: FakeClock
) -> None:
    await fund(commands, FUNDED)
    run = await asked_for(commands)
    await database.write(lambda connection: connection.exec_driver_sql("DROP TABLE school"))

    await Runner(database, commands, clock).work_off()

    last = await held(database, run)
    assert last.state is RunState.FAILED
    assert last.failure.startswith("while reading episodes: ")
