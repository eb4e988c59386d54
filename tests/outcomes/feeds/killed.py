"""A receiver is killed by SIGKILL again and again while eight writers commit out of order.

`python -m tests.outcomes.feeds.killed --kills 200 --database sqlite|postgresql` is the whole run;
the suite kills a few times. What was kept at the end must be every item once, in order, and must
verify against the last signed checkpoint.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from localresponse.client import PublicKey, verify_feed

from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.database.engines import writer_engine
from services.chassis.runtime import Running, running
from services.chassis.settings import SERVICES, Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.cli import parts
from services.demonstration import sharing
from services.demonstration.api import AUDIENCE, Json
from services.demonstration.clients import Clients, connected
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.seeing import until
from tests.outcomes.feeds.writers import FACTS_EACH, WRITERS, eight_writers, write
from tests.support import providers
from tests.support.databases import DIALECTS, POSTGRESQL, SQLITE, Databases
from tests.support.stack import ROOT, settings_for

_AT_START = 0.15
_LIVES_S, _STARTS_S, _ROUND_S = 0.12, 0.4, 0.5
_PAGE, _LAST_PAGE = 5, 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        kills: Receivers killed.
        before_first: Of them, before they received anything.
        written: Facts that committed.
        kept: Items that the receivers kept, all lives together.
        whole: Whether these are all, once, in order, and verify against the last checkpoint.
    """

    kills: int
    before_first: int
    written: int
    kept: int
    whole: bool
    seconds: float


class Writers:
    """Eight writers whose commits come in another order than their writes.

    On SQLite there is one writer by nature, so they take turns on the service's own lane.
    """

    def __init__(self, database: Database, url: str, chance: random.Random) -> None:
        self._database, self._chance = database, chance
        apart = url.startswith("postgresql")
        self._engines = [writer_engine(url) for _ in range(WRITERS if apart else 0)]
        self.written = 0
        self._ended = asyncio.Event()

    async def work(self) -> None:
        """Write and commit until told to leave."""
        while not self._ended.is_set():
            first, self.written = self.written, self.written + WRITERS
            if self._engines:
                await asyncio.to_thread(self._apart, first)
            else:
                order = self._chance.sample(range(WRITERS), WRITERS)
                for place in order:
                    await self._database.write(
                        partial(write, tenant=FIRST_COUNCIL, number=first + place)
                    )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _ROUND_S * self._chance.random())

    def leave(self) -> None:
        """Let the present round be the last."""
        self._ended.set()

    def close(self) -> None:
        """Close what was opened."""
        for engine in self._engines:
            engine.dispose()

    def _apart(self, first: int) -> None:
        for commit in eight_writers(self._engines, self._chance, tenant=FIRST_COUNCIL, first=first):
            commit()


class Receivers:
    """Starts receivers, kills them, and lets the last one finish.

    Args:
        url: Of the gateway.
        feed_id: Whose items they receive.
        file: Where they keep them.
        token: Makes a fresh token of the evaluator.
    """

    def __init__(
        self, url: str, feed_id: str, *, file: Path, token: Callable[[], str], seed: int
    ) -> None:
        self._arguments = (url, feed_id, str(file))
        self._token = token
        self._chance = random.Random(seed)
        self.before_first = 0

    async def live_and_die(self) -> None:
        """Start one and kill it, some before they have begun."""
        process = await self._start()
        early = self._chance.random() < _AT_START
        if not early:
            await self._begun(process)
        lives = self._chance.random() * (_STARTS_S if early else _LIVES_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), lives)
        if process.returncode is not None:
            raise RuntimeError(f"a receiver ended by itself with {process.returncode}")
        self.before_first += early
        process.kill()
        await process.wait()

    async def finish(self) -> None:
        """Start one and let it read to the end."""
        process = await self._start(_LAST_PAGE)
        await self._begun(process)
        assert process.stdin is not None
        process.stdin.close()
        if await process.wait():
            raise RuntimeError(f"the last receiver ended with {process.returncode}")

    async def _start(self, page_size: int = _PAGE) -> Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.outcomes.feeds.receiver", *self._arguments),
            str(page_size),
            cwd=ROOT,
            env=os.environ,
            stdin=PIPE,
            stdout=PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(f"{self._token()}\n".encode())
        await process.stdin.drain()
        return process

    async def _begun(self, process: Process) -> None:
        assert process.stdout is not None
        if not await process.stdout.readline():
            raise RuntimeError("a receiver did not begin")


async def killed(settings: Settings, *, kills: int, seed: int) -> Outcome:
    """Kill receivers so many times while eight writers write, and say what was kept."""
    began, chance = time.monotonic(), random.Random(seed)
    file = settings.data_dir / "received.db"
    async with (
        running(settings, services=parts.builders(), web=parts.web()) as process,
        _clients(settings, process) as clients,
    ):
        who = Principal(FIRST_COUNCIL, "evaluator-1", "evaluator")
        stage = staged(FIRST_COUNCIL, api=clients.grpc, bulk=clients.grpc, move=_stays, scale=0.1)
        feed_id = await sharing.agree(stage)
        minter = TokenMinter(TokenKeys(settings.tokens_dir), SystemClock())
        receivers = Receivers(
            process.gateway_url,
            feed_id,
            file=file,
            token=lambda: minter.mint(who, AUDIENCE),
            seed=seed,
        )
        database = process.services["outcomes"].database
        writers = Writers(database, settings.database_url("outcomes"), chance)
        writing = asyncio.create_task(writers.work())
        for _ in range(kills):
            await receivers.live_and_die()
        writers.leave()
        await writing
        writers.close()
        about = await _filled(clients, who, feed_id, writers.written * FACTS_EACH)
        await receivers.finish()
    kept = sqlite3.connect(file).execute("SELECT feed_seq, line FROM item").fetchall()
    point = PublicKey.parse(about["public_key"]).open(about["checkpoint"])
    written = writers.written * FACTS_EACH
    return Outcome(
        kills=kills,
        before_first=receivers.before_first,
        written=written,
        kept=len(kept),
        whole=[seq for seq, _ in kept] == list(range(1, written + 1))
        and len({json.loads(line)["pseudonym"] for _, line in kept}) == written
        and verify_feed([line for _, line in kept], [point]).ok,
        seconds=round(time.monotonic() - began, 1),
    )


def _stays(_: object) -> None:
    """The clock is the machine's: nothing moves it."""


def _clients(settings: Settings, process: Running) -> AbstractAsyncContextManager[Clients]:
    return connected(
        settings, SystemClock(), targets=process.targets, gateway_url=process.gateway_url
    )


async def _filled(clients: Clients, who: Principal, feed_id: str, size: int) -> Json:
    """Wait until the sequencer has numbered every fact, and return the feed's end."""

    async def about() -> Json:
        return await clients.grpc.call("outcomes.FeedsService.GetFeed", who, {"feed_id": feed_id})

    return await until(about, lambda found: int(found["size"]) == size)


def main() -> int:
    """Run it once and print a line of JSON; 0 when nothing was lost, doubled or altered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=DIALECTS, default=SQLITE)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="localresponse-killed-") as folder:
        postgres = functools.cache(providers.postgres)
        databases = Databases(Path(folder), postgres)
        urls = {name: databases.fresh(given.database) for name in (*SERVICES, "outcomes_keys")}
        settings = settings_for(Path(folder) / "data", urls)
        found = asyncio.run(killed(settings, kills=given.kills, seed=given.seed))
        databases.close()
        if given.database == POSTGRESQL:
            postgres().stop()
    sys.stdout.write(json.dumps({"database": given.database, **asdict(found)}) + "\n")
    return 0 if found.whole else 1


if __name__ == "__main__":
    raise SystemExit(main())
