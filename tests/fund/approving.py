"""Policies, cover and refusals, as tests of approvals need them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest
from google.type.date_pb2 import Date
from localresponse.fund.v1 import approval_policies_service_pb2 as policies
from localresponse.fund.v1 import purchase_changes_service_pb2 as changes

from services.chassis.auth import Principal
from services.chassis.errors import ServiceError
from services.fund.jobs import Jobs
from tests.fund.world import (
    OFFICER,
    PRACTITIONER,
    SECOND_OFFICER,
    TENANT,
    World,
    pounds,
    rid,
    submission,
)

THIRD_OFFICER = Principal(TENANT, "officer-3", "finance_officer")


async def refusal(act: Awaitable[Any]) -> str:
    with pytest.raises(ServiceError) as refused:
        await act
    return refused.value.reason


def rules(**changed: Any) -> policies.ApprovalRules:
    """Return rules under which one person approves up to £100, and two above it."""
    values: dict[str, Any] = {
        "rungs": [
            policies.ApprovalRung(up_to=pounds("100"), approvers=1),
            policies.ApprovalRung(approvers=2),
        ],
        "cap_days": 365,
        "window_days": 30,
        "tolerance_basis_points": 1000,
        "tolerance": pounds("10"),
        "expiry_working_days": 5,
    }
    return policies.ApprovalRules(**{**values, **changed})


async def in_force(world: World, **changed: Any) -> Any:
    """Put rules in force: one officer proposes, another confirms."""
    proposal = await world.call(
        OFFICER,
        "ProposeApprovalPolicy",
        policies.ProposeApprovalPolicyRequest(
            request_id=rid(), rules=rules(**changed), reason="the committee's"
        ),
    )
    confirm = policies.ConfirmApprovalPolicyRequest(request_id=rid(), proposal_id=proposal.id)
    return await world.call(SECOND_OFFICER, "ConfirmApprovalPolicy", confirm)


async def cover(world: World, delegator: Principal, deputy: Principal) -> Any:
    """Let a deputy stand in, from today to the end of the year."""
    request = policies.SetCoverRequest(
        request_id=rid(),
        delegator_id=delegator.subject,
        deputy_id=deputy.subject,
        valid_to_date=Date(year=2026, month=12, day=31),
    )
    return await world.call(delegator, "SetCover", request)


async def approve(world: World, who: Principal, purchase_id: str, **fields: Any) -> Any:
    return await world.step(who, "ApprovePurchase", purchase_id, **fields)


async def amend(world: World, purchase_id: str, cost: str, **changed: Any) -> Any:
    request = changes.AmendPurchaseRequest(
        request_id=rid(),
        purchase_id=purchase_id,
        reason="another size",
        purchase=submission(cost, **changed),
    )
    return await world.call(PRACTITIONER, "AmendPurchase", request)


async def uplift(
    world: World, purchase_id: str, amount: str, who: Principal = OFFICER, **fields: Any
) -> Any:
    request = changes.UpliftPurchaseRequest(
        request_id=rid(),
        purchase_id=purchase_id,
        reason="dearer",
        amount=pounds(amount),
        **fields,
    )
    return await world.call(who, "UpliftPurchase", request)


async def recommend(world: World, who: Principal, purchase_id: str) -> Any:
    request = changes.RecommendPurchaseRequest(
        request_id=rid(), purchase_id=purchase_id, reason="it helps"
    )
    return await world.call(who, "RecommendPurchase", request)


def jobs(world: World) -> Jobs:
    """Return the fund's jobs over the same database and clock."""
    return Jobs(world.commands, world.database, world.clock)
