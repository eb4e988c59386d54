"""`localresponse demo`: the product on this machine, with a year's story in it, to look around."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.clock import LONDON, SharedClock
from services.chassis.runtime import Running, running
from services.chassis.service import ServiceBuilder, WebBuilder
from services.chassis.settings import Settings
from services.demonstration import neighbour, story
from services.demonstration.clients import connected
from services.demonstration.house import CLOCK, House
from services.demonstration.people import FIRST_COUNCIL, SECOND_COUNCIL
from services.demonstration.scenery import staged

_SECOND_SCALE = 0.4

Show = Callable[[str, int], None]
"""Told what was done last, and how far along the whole is, 0 to 100."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One start of the demonstration.

    Attributes:
        house: Where the data is, or will be.
        settings: Of `house`.
        services: Every service's composition root.
        web: The gateway's.
    """

    house: House
    settings: Settings
    services: Sequence[ServiceBuilder]
    web: WebBuilder

    async def run(self, show: Show, *, leave: bool = False) -> None:
        """Start everything, tell the story if it is not told yet, and serve until told to stop.

        Args:
            show: Told how far along the building is.
            leave: End as soon as everything is ready.

        Raises:
            NotADemonstration: The directory holds something else.
        """
        began = time.monotonic()
        self.house.open()
        clock = SharedClock(self.house.home / CLOCK)
        loop = asyncio.get_running_loop()
        async with running(
            self.settings, services=self.services, web=self.web, clock=clock
        ) as process:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, process.leave)
            if not self.house.told:
                await self._tell(process, clock, show)
            _invite(process, time.monotonic() - began)
            if leave:
                process.leave()
            try:
                await process.ended()
            finally:
                # The next start goes on from here, so that time never runs backwards.
                clock.move(clock.now())

    async def _tell(self, process: Running, clock: SharedClock, show: Show) -> None:
        async with connected(
            self.settings, clock, targets=process.targets, gateway_url=process.gateway_url
        ) as clients:
            second = staged(
                SECOND_COUNCIL,
                api=clients.rest,
                bulk=clients.grpc,
                move=clock.move,
                scale=_SECOND_SCALE,
            )
            received = await neighbour.begin(second)
            first = staged(FIRST_COUNCIL, api=clients.grpc, bulk=clients.grpc, move=clock.move)
            async for done, percent in story.tell(first):
                show(done, percent)
            await neighbour.end(second, received, story.TODAY)
        clock.move(datetime.combine(story.TODAY, datetime.min.time(), LONDON).replace(hour=9))
        self.house.people([first.cast, second.cast])
        self.house.finish()


def _invite(process: Running, took: float) -> None:
    sys.stdout.write(
        f"\n  Demonstration Borough is ready ({took:.1f} s). Nobody in it is real.\n\n"
        f"    Pages    {process.gateway_url}\n"
        f"    API      {process.gateway_url}/api/v1/openapi.json\n"
        f"    Metrics  {process.operations_url}/metrics\n\n"
        "  Choose who to be on the first page. Stop with Ctrl-C; the next start goes on.\n"
    )
    sys.stdout.flush()
