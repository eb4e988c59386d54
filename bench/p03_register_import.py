"""P3: a register's CSV file, from the call to durable and queryable, against keyed rows.

Through the public rpc: validation, children looked up by identifier, duplicates found, overlays
kept for `as_of`. The references do none of that: they load the same files, one after the other,
into a keyed table.
"""

from __future__ import annotations

import contextlib
import gc
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from localresponse.outcomes.v1 import register_service_pb2 as pb
from pydantic import SecretStr

from bench.references.keyed_marks import copy_rate, executemany_rate, forget
from bench.report import Result
from bench.submitting import database
from services.chassis.clock import SharedClock
from services.chassis.ids import new_id
from services.chassis.runtime import running
from services.chassis.settings import Settings
from services.cli import parts
from services.demonstration import setting
from services.demonstration.calendar import half_terms
from services.demonstration.clients import connected
from services.demonstration.marks import csv_of
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.stage import Stage
from services.demonstration.story import TODAY
from tests.support import providers
from tests.support.postgres import psycopg_url

_ROUNDS = 3
_GROWTH = {1: (1, 2, 3), 4: (4, 5, 6), 16: (16, 17, 18)}
"""Which files of two weeks stand for one, four and sixteen times the data."""
_GROWTH_DAYS = 10


async def run() -> AsyncIterator[Result]:
    """Yield the rate on each database, then as the register grows sixteenfold."""
    async for result in _measured("sqlite", None):
        yield result
    postgres = providers.postgres()
    try:
        async for result in _measured("postgresql", postgres.url):
            yield result
    finally:
        postgres.stop()


async def _measured(where: str, server: str | None) -> AsyncIterator[Result]:
    terms = [list(term.days) for term in half_terms(TODAY)[:_ROUNDS]]
    async with _house(server, "outcomes") as files:
        rates = [await files.take(days) for days in terms]
    yield Result(
        name=f"P3 {where}",
        what=f"register CSV of {rates[-1].rows:,} rows to durable and queryable",
        ours=median(rate.ours for rate in rates),
        reference=median(rate.reference for rate in rates),
        unit="rows/s",
        least=">= 4",
        n=_ROUNDS,
    )
    days = [day for term in half_terms(TODAY) for day in term.days]
    async with _house(server, "growth") as files:
        grown = [
            await files.take(days[first : first + _GROWTH_DAYS])
            for first in range(0, max(_GROWTH[16]) * _GROWTH_DAYS, _GROWTH_DAYS)
        ]
    for times, places in _GROWTH.items():
        held = [grown[place - 1] for place in places]
        yield Result(
            name=f"P3 {where} {times}x",
            what=f"with {places[0] * held[0].rows:,} rows in the register",
            ours=median(rate.ours for rate in held),
            reference=median(rate.reference for rate in held),
            unit="rows/s",
            least="linear",
            n=len(held),
        )


@dataclass(frozen=True, slots=True)
class _Rate:
    """Rows a second of one file of so many rows, by us and by the reference."""

    rows: int
    ours: float
    reference: float


@dataclass(frozen=True, slots=True)
class _Files:
    """Takes one file after the other, each into our register and into the reference's table."""

    stage: Stage
    home: Path
    server: str | None

    async def take(self, days: list[date]) -> _Rate:
        """Draw the days' marks and load them twice."""
        self.stage.at(days[-1], 16)
        codes = self.stage.registers.draw(tuple(days))
        file = self.home / f"{days[0]}.csv"
        file.write_bytes(csv_of(self.stage.borough, days, codes))
        reference = (
            copy_rate(psycopg_url(self.server), file)
            if self.server
            else executemany_rate(self.home / "reference.sqlite3", file)
        )
        request = pb.ImportRegisterFileRequest(
            request_id=new_id(), source=file.name, content=file.read_bytes()
        )
        began = time.perf_counter()
        await self.stage.bulk.send(
            "outcomes.RegisterService.ImportRegisterFile",
            self.stage.cast["liaison"].principal,
            request,
        )
        return _Rate(codes.size, codes.size / (time.perf_counter() - began), reference)


@contextlib.asynccontextmanager
async def _house(server: str | None, name: str) -> AsyncIterator[_Files]:
    """Run outcomes on an empty database with schools and children, beside an empty table."""
    if server:
        forget(psycopg_url(server))
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        home = Path(folder)
        secret = SecretStr(database(server, name)) if server else None
        settings = Settings(
            data_dir=home / "data",
            clock_file=home / "clock.json",
            operations_port=0,
            outcomes_database_url=secret,
            migrate_at_start=True,
        )
        clock = SharedClock(home / "clock.json")
        async with (
            running(settings, services=parts.builders(["outcomes"]), clock=clock) as process,
            connected(settings, clock, targets=process.targets, gateway_url="http://x") as clients,
        ):
            stage = staged(
                FIRST_COUNCIL, api=clients.grpc, bulk=clients.grpc, move=clock.move, scale=3.3
            )
            await setting.open_schools(stage)
            await setting.enrol_children(stage)
            # As `serve` does when it has started.
            gc.collect()
            gc.freeze()
            yield _Files(stage, home, server)
            gc.unfreeze()
