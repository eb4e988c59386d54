"""Sixty-four clients on one pot, through two lanes, and a control that shows what they would do.

The number of requests is `LOCALRESPONSE_TEST_STORM`; the default is for every day, `make soak`
asks for 10,000 approvals.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import Counter
from contextlib import suppress

from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, func, select

from services.chassis.errors import ServiceError
from services.fund.storage import tables
from tests.fund.world import OFFICER, PRACTITIONER, World, rid, submission

CLIENTS = 64
APPROVALS = int(os.environ.get("LOCALRESPONSE_TEST_STORM", "400"))
ASKED = APPROVALS + APPROVALS // 10

_METADATA = MetaData()
_SPENT = Table("control_spent", _METADATA, Column("id", Integer, primary_key=True))


class Watch:
    """Reads the pot again and again, and remembers whether it ever held what it must not."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.reads = 0
        self.wrong: list[str] = []

    async def run(self) -> None:
        while True:
            await self._world.database.read(self._look)
            await asyncio.sleep(0.01)

    def _look(self, connection: Connection) -> None:
        pot = connection.execute(select(tables.pots)).one()
        held = func.coalesce(func.sum(tables.purchase_shares.c.held), 0)
        back = func.coalesce(func.sum(tables.purchase_shares.c.available), 0)
        promised = int(connection.execute(select(held - back)).scalar_one())
        self.reads += 1
        if pot.available < 0 or promised > pot.allocated or pot.available + promised != APPROVALS:
            self.wrong.append(f"{pot.available} available, {promised} promised")


async def client(world: World, numbers: list[int], outcomes: Counter[str]) -> None:
    for number in numbers:
        asked = submission("0.01", supplier_name=f"Shop {number}", child_ids=[rid()])
        try:
            made = await world.call(PRACTITIONER, "SubmitPurchase", asked)
            await world.step(OFFICER, "ApprovePurchase", made.id)
            outcomes["approved"] += 1
        except ServiceError as refusal:
            outcomes[refusal.reason] += 1


async def test_a_storm_of_approvals_never_overspends_a_pot_at_any_read(world: World) -> None:
    await world.money(f"{APPROVALS // 100}.{APPROVALS % 100:02d}")
    await world.limit(OFFICER, "1000000")
    other = World(world.database.url, world.clock)
    other.database.start()
    watch, outcomes = Watch(world), Counter[str]()
    watching = asyncio.create_task(watch.run())

    await asyncio.gather(
        *(
            client((world, other)[place % 2], list(range(place, ASKED, CLIENTS)), outcomes)
            for place in range(CLIENTS)
        )
    )
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    other.database.close()

    sys.stderr.write(f"\n{CLIENTS} clients: {dict(outcomes)}, {watch.reads} reads of the pot\n")
    assert watch.wrong == []
    assert outcomes == {"approved": APPROVALS, "POT_EXHAUSTED": ASKED - APPROVALS}


def test_a_control_that_checks_and_then_inserts_does_overspend(database_url: str) -> None:
    """Without it nobody knows whether the storm could have shown anything."""
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT", pool_size=CLIENTS)
    _METADATA.create_all(engine)
    room, ready = 200, threading.Barrier(CLIENTS)

    def spend() -> None:
        with engine.connect() as connection:
            ready.wait()
            while connection.execute(select(func.count()).select_from(_SPENT)).scalar_one() < room:
                connection.execute(_SPENT.insert())

    clients = [threading.Thread(target=spend) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    with engine.connect() as connection:
        spent = connection.execute(select(func.count()).select_from(_SPENT)).scalar_one()
    engine.dispose()

    sys.stderr.write(f"\ncontrol: room for {room}, spent {spent}\n")
    assert spent > room
