"""`localresponse demo --check`: the slice in a throwaway directory, once a council, and out.

The first council's story is told over gRPC and the second's over REST, so every step is seen
to hold both ways, and neither council sees anything of the other.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from services.chassis.clock import SharedClock
from services.chassis.runtime import running
from services.chassis.service import ServiceBuilder, WebBuilder
from services.demonstration import slice as story
from services.demonstration.clients import Clients, connected
from services.demonstration.house import CLOCK, House
from services.demonstration.people import FIRST_COUNCIL, SECOND_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.seeing import StepFailed, until
from services.demonstration.stage import Stage

_SCALE = 0.4


async def check(services: Sequence[ServiceBuilder], web: WebBuilder) -> bool:
    """Run the slice for both councils, print a JSON line a step, and say whether all held."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="localresponse-check-") as folder:
        house = House(Path(folder))
        settings = house.settings(gateway_port=0, operations_port=0)
        clock = SharedClock(house.home / CLOCK)
        async with (
            running(settings, services=services, web=web, clock=clock) as process,
            connected(
                settings, clock, targets=process.targets, gateway_url=process.gateway_url
            ) as clients,
        ):
            _line({"step": "ready", "ok": True, "seconds": _since(began)})
            held = await _councils(clients, clock)
            held = held and await _metrics(clients, process.operations_url)
    _line({"ok": held, "seconds": _since(began)})
    return held


async def _councils(clients: Clients, clock: SharedClock) -> bool:
    held = True
    for tenant, api, way in (
        (FIRST_COUNCIL, clients.grpc, "grpc"),
        (SECOND_COUNCIL, clients.rest, "rest"),
    ):
        stage = staged(tenant, api=api, bulk=clients.grpc, move=clock.move, scale=_SCALE)
        held = await _told(stage, way) and held
    return held


async def _told(stage: Stage, way: str) -> bool:
    for step in story.STEPS:
        began = time.monotonic()
        name = step.__name__.replace("_", " ")
        try:
            seen = await step(stage)
        except Exception as error:  # noqa: BLE001  (whatever broke, the line must say so)
            reason = f"{type(error).__name__}: {error}"
            _line({"step": name, "by": way, "ok": False, "error": reason})
            return False
        _line({"step": name, "by": way, "ok": True, "seconds": _since(began), **seen})
    return True


async def _metrics(clients: Clients, url: str) -> bool:
    """See that spend and attendance change are measured."""

    async def scrape() -> str:
        return (await clients.http.get(f"{url}/metrics")).text

    wanted = ("lrf_fund_spend_gbp", "lrf_attendance_change_ratio")
    try:
        found = await until(scrape, lambda text: all(f"\n{name}" in text for name in wanted))
    except StepFailed as failure:
        _line({"step": "metrics", "ok": False, "error": str(failure)})
        return False
    lines = [line for line in found.splitlines() if line.startswith(wanted)]
    _line({"step": "metrics", "ok": True, "series": len(lines)})
    return True


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


def _line(content: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()
