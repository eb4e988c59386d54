"""From an award to a measured change: one story, however the product is spread out."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.chassis.settings import SERVICES
from services.demonstration import slice as story
from services.demonstration.api import Json
from services.demonstration.people import FIRST_COUNCIL, SECOND_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.stage import Stage
from tests.support.databases import Databases
from tests.support.stack import Stack, four_processes, one_process, settings_for

SPREADS = {"one-process": one_process, "four-processes": four_processes}
SCALE = 0.2


def urls(databases: Databases, dialect: str) -> dict[str, str]:
    return {name: databases.fresh(dialect) for name in (*SERVICES, "outcomes_keys")}


def stage_of(stack: Stack, tenant: str, *, rest: bool) -> Stage:
    api = stack.rest if rest else stack.grpc
    return staged(tenant, api=api, bulk=stack.grpc, move=stack.clock.move, scale=SCALE)


async def told(stage: Stage) -> dict[str, Json]:
    return {step.__name__: await step(stage) for step in story.STEPS}


@pytest.mark.parametrize("spread", SPREADS)
async def test_the_main_job_holds_from_award_to_measured_change(
    spread: str, dialect: str, databases: Databases, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, urls(databases, dialect))

    async with SPREADS[spread](settings) as stack:
        by_grpc = await told(stage_of(stack, FIRST_COUNCIL, rest=False))
        by_rest = await told(stage_of(stack, SECOND_COUNCIL, rest=True))

    assert by_grpc["approve"]["by_requester"] == "ACTION_NOT_ALLOWED"
    assert by_grpc["episodes"]["cost_pence"] == by_grpc["books"]["spent_pence"]
    assert by_rest["episodes"]["cost_pence"] == by_rest["books"]["spent_pence"]
    assert by_grpc["results"]["children"] == story.COHORT
    assert by_rest["results"]["naive_label"].startswith("naive")
