"""Kills parts of a running product while its story is told, and starts them again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from services.chassis.auth import Principal
from services.chassis.errors import Unavailable
from services.chassis.ids import new_id
from services.demonstration.api import Api, Json
from tests.support.stack import Stack
from tests.support.waiting import until

PARTS = ("nats", "nats+store", "fund", "outcomes", "notify")
_KEEP_TRYING_S = 120.0


@dataclass(slots=True)
class Persistent:
    """A client that asks again, with the same request id, while nobody answers."""

    api: Api

    async def call(self, method: str, who: Principal, body: Json) -> Json:
        """Call until the answer is not UNAVAILABLE."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _KEEP_TRYING_S
        same = {"request_id": new_id(), **body} if _writes(method) else body
        while True:
            try:
                return await self.api.call(method, who, same)
            except Unavailable:
                if loop.time() > end:
                    raise
                await asyncio.sleep(0.1)


@dataclass(slots=True)
class Saboteur:
    """Ends one part after another without warning, from a seed, and each of them at least once.

    Attributes:
        killed: What it killed, in order; `nats` and `nats+store` beside the services.
    """

    stack: Stack
    seed: int
    killed: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Kill for the length of the block."""
        enough = asyncio.Event()
        task = asyncio.create_task(self._work(enough))
        try:
            yield
        finally:
            # What was killed last is started again before anybody looks.
            enough.set()
            await task

    async def _work(self, enough: asyncio.Event) -> None:
        chance = random.Random(self.seed)
        while not enough.is_set() or set(self.killed) != set(PARTS):
            for part in chance.sample(PARTS, len(PARTS)):
                await asyncio.sleep(chance.uniform(0.2, 1.2))
                await self._kill(part)

    async def _kill(self, part: str) -> None:
        self.killed.append(part)
        if part.startswith("nats"):
            await self._kill_broker(wipe=part.endswith("store"))
            return
        await self.stack.processes[part].kill()
        await self.stack.processes[part].start()

    async def _kill_broker(self, *, wipe: bool) -> None:
        broker = self.stack.broker
        starts = broker.starts
        with contextlib.suppress(ProcessLookupError):
            if wipe:
                os.kill(broker.process_id, signal.SIGSTOP)
                shutil.rmtree(broker.store, ignore_errors=True)
            os.kill(broker.process_id, signal.SIGKILL)
        await until(lambda: broker.starts > starts, within_s=30, what="nats-server again")


def _writes(method: str) -> bool:
    return not method.rpartition(".")[2].startswith(("Get", "List"))
