"""What is refused, to whom, and in which order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.type.date_pb2 import Date
from localresponse.fund.v1 import approvals_service_pb2 as approvals
from localresponse.fund.v1 import purchase_types_pb2 as types

from services.chassis.errors import ServiceError
from tests.fund.world import (
    FOREIGNER,
    LIAISON,
    OFFICER,
    OTHER_SCHOOL,
    PRACTITIONER,
    SECOND_OFFICER,
    STRANGER,
    World,
    pounds,
    rid,
    submission,
)

Act = Callable[[World, Any], Awaitable[Any]]


async def refusal(act: Awaitable[Any]) -> str:
    with pytest.raises(ServiceError) as refused:
        await act
    return refused.value.reason


SUBMISSIONS = [
    pytest.param({"category": "gold"}, "CATEGORY_UNKNOWN", id="a category that is not"),
    pytest.param(
        {"lines": [types.PurchaseLine(description="x", quantity=1, unit_price=pounds("0"))]},
        "AMOUNT_NOT_POSITIVE",
        id="nothing",
    ),
    pytest.param({"school_urn": OTHER_SCHOOL}, "ACTION_NOT_ALLOWED", id="another's school"),
    pytest.param({"budget_id": rid()}, "BUDGET_NOT_FOUND", id="a budget that is not"),
    pytest.param(
        {
            "expected_change": types.ExpectedChange(
                measure="attendance_rate",
                direction=types.DIRECTION_INCREASE,
                review_date=Date(year=2020, month=1, day=1),
            )
        },
        "DATE_OUT_OF_RANGE",
        id="a review that has passed",
    ),
]


@pytest.mark.parametrize(("changes", "reason"), SUBMISSIONS)
async def test_a_request_that_cannot_be_is_refused(
    fund: World, changes: dict[str, Any], reason: str
) -> None:
    await fund.money()

    assert await refusal(fund.submit(**changes)) == reason


async def test_without_a_budget_there_is_nothing_to_ask_for(fund: World) -> None:
    assert await refusal(fund.submit()) == "NO_BUDGET_FOR_SCHOOL"


APPROVALS: list[Any] = [
    pytest.param(
        lambda world, _: world.step(OFFICER, "ApprovePurchase", rid()),
        "PURCHASE_NOT_FOUND",
        id="unknown",
    ),
    pytest.param(
        lambda world, asked: world.step(FOREIGNER, "ApprovePurchase", asked.id),
        "PURCHASE_NOT_FOUND",
        id="another authority's",
    ),
    pytest.param(
        lambda world, asked: world.step(PRACTITIONER, "ApprovePurchase", asked.id),
        "ACTION_NOT_ALLOWED",
        id="the wrong role",
    ),
    pytest.param(
        lambda world, asked: world.step(OFFICER, "ApprovePurchase", asked.id, etag="9"),
        "ETAG_STALE",
        id="a stale etag, before the limit",
    ),
    pytest.param(
        lambda world, asked: world.step(
            OFFICER, "ApprovePurchase", asked.id, approved_amount=pounds("51")
        ),
        "APPROVAL_ABOVE_REQUEST",
        id="more than was asked",
    ),
    pytest.param(
        lambda world, asked: world.step(SECOND_OFFICER, "ApprovePurchase", asked.id),
        "NO_DELEGATED_LIMIT",
        id="an officer without a limit",
    ),
    pytest.param(
        lambda world, asked: world.step(OFFICER, "ApprovePurchase", asked.id),
        "OVER_DELEGATED_LIMIT",
        id="over the limit",
    ),
    pytest.param(
        lambda world, asked: world.step(STRANGER, "WithdrawPurchase", asked.id),
        "ACTION_NOT_ALLOWED",
        id="another school's practitioner",
    ),
    pytest.param(
        lambda world, asked: world.step(LIAISON, "WithdrawPurchase", asked.id),
        "NOT_THE_REQUESTER",
        id="somebody else's request",
    ),
    pytest.param(
        lambda world, asked: world.step(OFFICER, "OrderPurchase", asked.id),
        "WRONG_STATE",
        id="ordering before approval",
    ),
]


@pytest.mark.parametrize(("act", "reason"), APPROVALS)
async def test_a_step_by_the_wrong_person_or_at_the_wrong_time_is_refused(
    fund: World, act: Act, reason: str
) -> None:
    await fund.money()
    await fund.limit(OFFICER, "49.99")
    asked = await fund.submit("50")

    assert await refusal(act(fund, asked)) == reason


async def test_who_asked_may_not_decide_in_another_role(fund: World) -> None:
    await fund.money()
    await fund.limit()
    both = type(PRACTITIONER)(
        PRACTITIONER.tenant, OFFICER.subject, "practitioner", PRACTITIONER.schools
    )
    asked = await fund.call(both, "SubmitPurchase", submission())

    for name in ("ApprovePurchase", "DeclinePurchase"):
        act = fund.step(OFFICER, name, asked.id, reason="mine")
        assert await refusal(act) == "REQUESTER_MAY_NOT_DECIDE"


async def test_a_request_cannot_be_split_to_stay_under_a_limit(fund: World) -> None:
    await fund.money()
    await fund.limit(OFFICER, "80")
    first, second = await fund.submit("50"), await fund.submit("50")
    await fund.step(OFFICER, "ApprovePurchase", first.id)

    assert await refusal(fund.step(OFFICER, "ApprovePurchase", second.id)) == "OVER_DELEGATED_LIMIT"

    fund.clock.advance(days=31)
    approved = await fund.step(OFFICER, "ApprovePurchase", second.id)
    assert approved.state == types.PURCHASE_STATE_APPROVED


async def test_a_receipt_and_an_invoice_number_count_once(fund: World) -> None:
    source = await fund.source("Trust")
    await fund.money()
    await fund.limit()
    asked = await fund.submit()
    await fund.step(OFFICER, "ApprovePurchase", asked.id)
    await fund.step(OFFICER, "OrderPurchase", asked.id)
    paper = {"invoice_number": "A 1", "net": pounds("10")}
    await fund.step(OFFICER, "RecordInvoice", asked.id, **paper)

    again = fund.bank(source.id, "5", reference="TRUST 1")
    assert await refusal(again) == "RECEIPT_ALREADY_BANKED"
    assert (
        await refusal(fund.step(OFFICER, "RecordInvoice", asked.id, **paper))
        == "INVOICE_ALREADY_RECORDED"
    )


async def test_a_refused_request_stays_refused_when_it_is_sent_again(fund: World) -> None:
    source = await fund.source()
    budget = await fund.budget()
    await fund.allocate(budget.id, source.id, "10")
    request = submission("50")

    first = await refusal(fund.call(PRACTITIONER, "SubmitPurchase", request))
    await fund.allocate(budget.id, source.id, "100")
    again = await refusal(fund.call(PRACTITIONER, "SubmitPurchase", request))

    assert first == again == "POT_EXHAUSTED"


async def test_nobody_sets_their_own_limit(fund: World) -> None:
    own = approvals.SetDelegatedLimitRequest(
        request_id=rid(), officer_id=OFFICER.subject, limit=pounds("1000000")
    )

    assert await refusal(fund.call(OFFICER, "SetDelegatedLimit", own)) == "OWN_LIMIT"


async def test_another_authority_sees_nothing(fund: World) -> None:
    budget = await fund.money()
    asked = await fund.submit()

    assert await refusal(fund.get(asked.id, FOREIGNER)) == "PURCHASE_NOT_FOUND"
    assert await refusal(fund.budget_now(budget.id, FOREIGNER)) == "BUDGET_NOT_FOUND"
