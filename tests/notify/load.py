"""Many messages through a real SMTP server while notify is killed again and again.

`python -m tests.notify.load --messages 10000 --kills 20` prints one JSON line with the rate, the
99th percentile from intake to acceptance, and what was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from localresponse.fund.v1 import fund_events_pb2 as fund
from sqlalchemy import select

from services.chassis import migrations
from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.notify.channels.in_app import InApp
from services.notify.domain.words import Channel
from services.notify.storage.tables import message
from tests.notify import worker
from tests.notify.house import REQUESTER, House, purchase_event
from tests.notify.sink import Sink
from tests.support.clock import FakeClock
from tests.support.waiting import until

_INTAKE_BATCH = 500


@dataclass(frozen=True, slots=True)
class Result:
    """What a load showed.

    Attributes:
        lost: Messages that never arrived.
        repeated: Arrivals beyond the first of a message; each follows an unknown outcome.
        p99_s: From intake to the provider's acceptance, in seconds, kills included.
    """

    messages: int
    kills: int
    lost: int
    repeated: int
    per_s: float
    p99_s: float


async def run(url: str, *, messages: int, kills: int) -> Result:
    """Take in `messages` e-mails and send them all, killing the process `kills` times."""
    sink = Sink()
    await sink.start()
    await _take_in(url, messages)
    started = time.monotonic()
    for number in range(kills):
        process = worker.start(worker.Task(url, sink.port))
        await _arrived(sink, messages * (number + 1) // (kills + 2), process)
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()
    assert await worker.run(worker.Task(url, sink.port)) == 0
    elapsed_s = time.monotonic() - started
    arrived = sink.message_ids()
    await sink.stop()
    waits = await _waits(url)
    return Result(
        messages=messages,
        kills=kills,
        lost=messages - len(arrived),
        repeated=arrived.total() - len(arrived),
        per_s=round(messages / elapsed_s, 1),
        p99_s=round(waits[int(len(waits) * 0.99)], 3),
    )


async def _take_in(url: str, count: int) -> None:
    database = Database(url)
    database.start()
    house = House(
        database, FakeClock(SystemClock().now()), {Channel.IN_APP: InApp(), Channel.EMAIL: InApp()}
    )
    await house.know(REQUESTER, "p1@school.example")
    for start in range(0, count, _INTAKE_BATCH):
        house.clock.set(SystemClock().now())
        numbers = range(start, min(start + _INTAKE_BATCH, count))
        await asyncio.gather(
            *(
                house.take(purchase_event(fund.PurchaseApproved, purchase_id=f"p-{number}"))
                for number in numbers
            )
        )
    await house.delivery.close()
    database.close()


async def _arrived(sink: Sink, count: int, process: BaseProcess) -> None:
    await until(
        lambda: len(sink.raw) >= count or not process.is_alive(), within_s=600, what="arrivals"
    )


async def _waits(url: str) -> list[float]:
    database = Database(url)
    database.start()
    query = select(message.c.created_at, message.c.sent_at).where(
        message.c.channel == Channel.EMAIL, message.c.sent_at.is_not(None)
    )
    rows = await database.read(lambda connection: connection.execute(query).fetchall())
    database.close()
    return sorted(_seconds(row.created_at, row.sent_at) for row in rows)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def main() -> None:
    """Run on a fresh SQLite database, or on the database at `--url`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'notify.sqlite3'}"
        migrations.upgrade(url, "services.notify")
        result = asyncio.run(run(url, messages=asked.messages, kills=asked.kills))
    values = {name: getattr(result, name) for name in result.__slots__}
    sys.stdout.write(f"{json.dumps(values)}\n")


if __name__ == "__main__":
    main()
