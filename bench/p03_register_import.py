"""P3: a register's CSV file, from the call to durable and queryable, against keyed rows.

Through the public rpc: validation, children looked up by identifier, duplicates found, overlays
kept for `as_of`. The references do none of that: they load the same file into a keyed table.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from localresponse.outcomes.v1 import register_service_pb2 as pb
from pydantic import SecretStr

from bench.references.keyed_marks import copy_rate, executemany_rate
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


async def run() -> AsyncIterator[Result]:
    """Yield the rate on each database."""
    yield await _measured("sqlite", None)
    postgres = providers.postgres()
    try:
        yield await _measured("postgresql", postgres.url)
    finally:
        postgres.stop()


async def _measured(where: str, server: str | None) -> Result:
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        home = Path(folder)
        secret = SecretStr(database(server, "outcomes")) if server else None
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
            return await _rounds(where, stage, home=home, server=server)


async def _rounds(where: str, stage: Stage, *, home: Path, server: str | None) -> Result:
    ours, references, rows = [], [], 0
    for number, term in enumerate(half_terms(TODAY)[:_ROUNDS]):
        stage.at(term.days[-1], 16)
        codes = stage.registers.draw(term.days)
        file = home / f"{number}.csv"
        file.write_bytes(csv_of(stage.borough, list(term.days), codes))
        rows = codes.size
        references.append(
            copy_rate(psycopg_url(server), file)
            if server
            else executemany_rate(home / f"{number}.sqlite3", file)
        )
        request = pb.ImportRegisterFileRequest(
            request_id=new_id(), source=file.name, content=file.read_bytes()
        )
        began = time.perf_counter()
        await stage.bulk.send(
            "outcomes.RegisterService.ImportRegisterFile",
            stage.cast["liaison"].principal,
            request,
        )
        ours.append(rows / (time.perf_counter() - began))
    return Result(
        name=f"P3 {where}",
        what=f"register CSV of {rows:,} rows to durable and queryable",
        ours=median(ours),
        reference=median(references),
        unit="rows/s",
        least=">= 4",
        n=_ROUNDS,
    )
