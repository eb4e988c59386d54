"""Notify in a process of its own, which kills itself at a chosen step as a power cut would."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import Engine, event

from services.chassis import inbox
from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.events import Event
from services.chassis.inbox import EventHandler
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.notify.app import Parts, assemble
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Answer, Outgoing, Provider
from services.notify.channels.smtp import Relay, Smtp
from services.notify.channels.webhook import Guard, Webhooks
from services.notify.delivery.context import Context
from services.notify.delivery.loop import Delivery
from services.notify.domain.deciding import Policy
from services.notify.domain.words import Channel
from services.notify.storage.messages import all_columns, of_row
from services.notify.vault import Vault

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.notify.worker"])
NEVER = 0


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to do.

    Attributes:
        events: To take, in this order; what comes too early is taken again at the end.
        kill_at: The step at which it kills itself; `NEVER` for not at all.
        lease_s: How long a claim holds.
    """

    url: str
    smtp_port: int
    events: tuple[Event, ...] = ()
    kill_at: int = NEVER
    lease_s: float = 20


@dataclass(slots=True)
class Steps:
    """Counts commits, before and after each, and calls of providers, before and after each."""

    kill_at: int
    taken: int = 0

    def step(self, *_: Any) -> None:
        self.taken += 1
        if self.taken == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True, eq=False)
class Stepping:
    """A provider around which steps are counted."""

    inner: Provider
    steps: Steps
    name: str = field(init=False)
    per_s: float = field(init=False)
    at_once: int = field(init=False)

    def __post_init__(self) -> None:
        self.name, self.per_s = self.inner.name, self.inner.per_s
        self.at_once = self.inner.at_once

    async def send(self, outgoing: Outgoing) -> Answer:
        self.steps.step()
        answer = await self.inner.send(outgoing)
        self.steps.step()
        return answer

    async def close(self) -> None:
        await self.inner.close()


def start(task: Task) -> BaseProcess:
    """Start a process for the task."""
    process = _CONTEXT.Process(target=_main, args=(task,), daemon=True)
    process.start()
    return process


async def run(task: Task) -> int | None:
    """Run a task in a process of its own and return how it ended: 0, or -9 when it was killed."""
    process = start(task)
    await asyncio.to_thread(process.join)
    code = process.exitcode
    process.close()
    return code


def _main(task: Task) -> None:
    asyncio.run(_run(task))


async def _run(task: Task) -> None:
    steps = Steps(task.kill_at)
    event.listen(Engine, "commit", steps.step)
    database, clock = Database(task.url), SystemClock()
    database.lane.committed.append(steps.step)
    database.start()
    guard = Guard(["127.0.0.0/8"])
    relay = Relay("first", "127.0.0.1", task.smtp_port)
    inner: dict[Channel, Provider] = {
        Channel.IN_APP: InApp(),
        Channel.EMAIL: Smtp([relay], "a@fund.example", timeout_s=5, per_s=100_000),
        Channel.WEBHOOK: Webhooks(guard, timeout_s=5, per_s=100_000),
    }
    providers: dict[Channel, Provider] = {
        channel: Stepping(each, steps) for channel, each in inner.items()
    }
    policy = Policy(daily_max=100_000)
    context = Context(policy, Vault(b"k" * 32), "https://fund.example", lease_s=task.lease_s)
    commands = Commands(database, clock)
    service = assemble(database, clock, Parts(context=context, providers=providers, guard=guard))
    handlers = {kind: each for one in service.consumers for kind, each in one.handlers.items()}
    delivery = Delivery(database, commands, clock, context=context, providers=providers)
    waiting = list(task.events)
    while waiting:
        each = waiting.pop(0)
        receipt = await commands.apply(Principal.system(each.tenant), _once(each, handlers))
        if receipt is inbox.Receipt.EARLY:
            waiting.append(each)
    await delivery.recover()
    await delivery.drain()
    while not await _settled(database):
        await asyncio.sleep(0.05)
        await delivery.drain()
    await delivery.close()
    database.close()


def _once(
    taken: Event, handlers: Mapping[str, EventHandler]
) -> Callable[[UnitOfWork], inbox.Receipt]:
    return lambda work: inbox.once(work, "notify", taken, handlers[taken.type])


async def _settled(database: Database) -> bool:
    rows = await database.read(lambda connection: connection.execute(all_columns()).fetchall())
    return all(of_row(row).due_at is None for row in rows)
