"""A council with supported children and a completed analysis, ready to release."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
from localresponse.outcomes.v1 import releases_service_pb2 as pb

from services.chassis.auth import Principal, acting_as
from services.chassis.unit_of_work import UnitOfWork
from services.outcomes.analysis import commands as analyses
from services.outcomes.analysis.rule import CohortRule
from services.outcomes.analysis.runner import Runner
from services.outcomes.episodes.derivation import record_fact
from services.outcomes.simulate.population import generate
from tests.outcomes import world
from tests.outcomes.authority import rid
from tests.outcomes.feeds.house import House

DAYS = world.school_days()
ASKED, DELIVERED, CHILDREN = 100, 105, 600
MANAGER = Principal(world.TENANT, "manager", "programme_manager")
GOVERNANCE = Principal(world.TENANT, "governance", "information_governance")
EVALUATOR = Principal(world.TENANT, "alma", "evaluator")


@cache
def absences() -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    rng = np.random.Generator(np.random.PCG64(5))
    return np.repeat(generate(CHILDREN, len(DAYS), rng).absent, 2, axis=1)


@cache
def triggered() -> list[int]:
    recent = absences()[:, 2 * (ASKED - 30) : 2 * ASKED].sum(axis=1)
    return [int(place) + 1 for place in np.flatnonzero(5 * recent >= 60)]


async def fund(house: House, first: int, end: int) -> None:
    """Support the children who met the trigger, from one of them to another."""

    def work(work: UnitOfWork) -> None:
        for number in triggered()[first:end]:
            child = (world.child_id(number),)
            pence = 5_000 + 100 * number
            for event in world.bought(
                f"p{number}", child, asked=DAYS[ASKED], delivered=DAYS[DELIVERED], pence=pence
            ):
                record_fact(work, event)

    await house.commands.apply(world.SYSTEM, work)


async def analysed(house: House) -> None:
    house.clock.advance(minutes=1)
    await house.commands.apply(
        MANAGER,
        lambda work: analyses.run_analysis(
            work, CohortRule(), as_of=None, seed=7, method_version=""
        ),
    )
    await Runner(house.database, house.commands, house.clock).work_off()


async def drafted(house: House, title: str = "Autumn report", who: Principal = MANAGER) -> Any:
    request = pb.DraftReleaseRequest(request_id=rid(), analysis_run_id="latest", title=title)
    return await house.call(who, house.sharing.releases.DraftRelease, request)


async def published(house: House, release_id: str, who: Principal = GOVERNANCE) -> Any:
    house.clock.advance(minutes=1)
    request = pb.PublishReleaseRequest(request_id=rid(), release_id=release_id)
    return await house.call(who, house.sharing.releases.PublishRelease, request)


async def file(house: House, release_id: str, table: str = "", who: Principal = EVALUATOR) -> bytes:
    request = pb.DownloadReleaseRequest(release_id=release_id, table=table)
    with acting_as(who):
        parts = [part async for part in house.sharing.releases.DownloadRelease(request, None)]
    return b"".join(part.content for part in parts)


LOADED = world.LOADED + timedelta(hours=1)
