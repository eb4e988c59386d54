"""P8: from the answer to an approval until outcomes and notify have taken the event."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import MetaData, func, select

from bench.references.round_trip import round_trip_s
from bench.report import Result
from services.chassis.clock import SharedClock
from services.chassis.database import Database
from services.chassis.runtime import Running, running
from services.chassis.settings import Settings
from services.chassis.tables import add_to
from services.cli import parts
from services.demonstration import slice as story
from services.demonstration import support
from services.demonstration.clients import connected
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.stage import Stage
from tests.support import providers

_APPROVALS = 60
_WARM = 10
_METADATA = MetaData()
add_to(_METADATA)
_INBOX = _METADATA.tables["inbox"]


async def run() -> AsyncIterator[Result]:
    """Yield the median against one durable round trip, sync always in both."""
    with tempfile.TemporaryDirectory(prefix="localresponse-bench-") as folder:
        home = Path(folder)
        settings = Settings(
            data_dir=home / "data", clock_file=home / "clock.json", gateway_port=0,
            operations_port=0,
        )  # fmt: skip
        clock = SharedClock(home / "clock.json")
        async with (
            running(settings, services=parts.builders(), clock=clock) as process,
            connected(settings, clock, targets=process.targets, gateway_url="http://x") as clients,
        ):
            stage = staged(
                FIRST_COUNCIL, api=clients.grpc, bulk=clients.grpc, move=clock.move, scale=0.2
            )
            took = await _approvals(stage, process)
    nats = providers.nats()
    try:
        reference = await round_trip_s(nats.url, messages=200)
    finally:
        nats.stop()
    yield Result(
        name="P8",
        what="approve answered -> taken by outcomes and by notify, median",
        ours=median(took) * 1000,
        reference=reference * 1000,
        unit="ms",
        least="<= 6",
        n=len(took),
        more={"p95_ms": sorted(took)[int(len(took) * 0.95)] * 1000},
    )


async def _approvals(stage: Stage, process: Running) -> list[float]:
    for step in (story.award, story.budgets, story.places, story.marks_before):
        await step(stage)
    await stage.call(
        "fund.ApprovalsService.SetDelegatedLimit",
        "officer-two",
        {"officer_id": stage.cast["officer"].subject, "limit": {"units": "1000000"}},
    )
    stage.at(story.REQUESTED)
    review = story.REQUESTED + timedelta(days=120)
    readers = [process.services[name].database for name in ("outcomes", "notify")]
    took = []
    for child in range(_WARM + _APPROVALS):
        # A supplier each, so that no policy on sums has anything to say.
        need = replace(support.NEEDS[4], supplier=f"Outfitters {child} Ltd")
        purchase = await support.submit(stage, [child], need, review=review)
        await _quiet(readers)
        before = [await _taken(database) for database in readers]
        await support.move(stage, "ApprovePurchase", "officer", purchase)
        began = time.perf_counter()
        await asyncio.gather(
            *(_until(each, count + 1) for each, count in zip(readers, before, strict=True))
        )
        took.append(time.perf_counter() - began)
    return took[_WARM:]


async def _quiet(readers: list[Database]) -> None:
    """Wait until what came before is taken, so that only the approval is on its way."""
    last: list[Any] = []
    while last != (last := [await _taken(each) for each in readers]):  # noqa: ASYNC110 (a table)
        await asyncio.sleep(0.2)


async def _until(database: Database, count: int) -> None:
    """Return when the inbox holds `count` events; looked at after each commit, not in between."""
    loop = asyncio.get_running_loop()
    committed = asyncio.Event()

    def told() -> None:
        loop.call_soon_threadsafe(committed.set)

    database.lane.committed.append(told)
    try:
        while await _taken(database) < count:
            await committed.wait()
            committed.clear()
    finally:
        database.lane.committed.remove(told)


async def _taken(database: Database) -> int:
    return await database.read(
        lambda connection: connection.execute(select(func.count()).select_from(_INBOX)).scalar_one()
    )
