"""One browser, and the whole product with a council in it, for all journeys by browser."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.async_api import Browser

from services.demonstration import slice as story
from services.demonstration import support
from services.demonstration.house import House
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.stage import Stage, pounds
from tests.support.browser import chromium
from tests.support.stack import one_process, settings_for

SCALE = 0.2
BED = replace(support.NEEDS[3], supplier="Dispute and Sons Furniture")
"""What two officers approve above £250 once `two_above_250` is in force."""


def pictures() -> Path | None:
    """Where to keep an image of each page, for people who change how pages look."""
    folder = os.environ.get("LOCALRESPONSE_TEST_PICTURES")
    return Path(folder) if folder else None


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@dataclass(frozen=True, slots=True)
class Council:
    """A council in the whole product: where it answers, and its stage for what has no page."""

    address: str
    stage: Stage


@pytest.fixture(scope="package")
async def council(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Council]:
    """Return a council whose first year was told."""
    settings = settings_for(tmp_path_factory.mktemp("browser"))
    async with one_process(settings) as stack:
        stage = staged(
            FIRST_COUNCIL, api=stack.grpc, bulk=stack.grpc, move=stack.clock.move, scale=SCALE
        )
        for step in story.STEPS:
            await step(stage)
        House(settings.data_dir).people([stage.cast])
        yield Council(f"http://127.0.0.1:{settings.gateway_port}", stage)


@pytest.fixture(scope="package")
def address(council: Council) -> str:
    """Where the whole product answers."""
    return council.address


@pytest.fixture(scope="package")
async def two_above_250(council: Council) -> None:
    """Beds above £250 are for two officers; payee officers pay, since there are only two."""
    beds = {"category": BED.category}
    rules = {
        "rungs": [
            {**beds, "up_to": pounds(250), "approvers": 1},
            {**beds, "approvers": 2},
            {"up_to": pounds(5_000), "approvers": 1},
            {"approvers": 2, "quotes": 3},
        ],
        "cap_days": 365,
        "window_days": 30,
        "tolerance_basis_points": 500,
        "tolerance": pounds(25),
        "expiry_working_days": 20,
        "payment_duties": {
            "payee_officers_may_pay": True,
            "approver_pays_up_to": pounds(500),
        },
    }
    service = "fund.ApprovalPoliciesService"
    body = {"rules": rules, "reason": "the committee's"}
    proposal = await council.stage.call(f"{service}.ProposeApprovalPolicy", "officer", body)
    confirm = {"proposal_id": proposal["id"]}
    await council.stage.call(f"{service}.ConfirmApprovalPolicy", "officer-two", confirm)
