"""Drafts: kept for who writes them, without money, until they are submitted or thrown away."""

from __future__ import annotations

from typing import Any

import pytest
from google.type.date_pb2 import Date
from localresponse.fund.v1 import drafts_service_pb2 as pb
from localresponse.fund.v1 import purchase_types_pb2 as types

from tests.fund.approving import refusal
from tests.fund.world import (
    CHILD,
    LIAISON,
    OTHER_SCHOOL,
    PRACTITIONER,
    SCHOOL,
    World,
    pence,
    pounds,
    rid,
)

WHOLE: dict[str, Any] = {
    "school_urn": SCHOOL,
    "child_ids": [CHILD],
    "need": "shoes",
    "category": "uniform",
    "measure": "attendance_rate",
    "direction": types.DIRECTION_INCREASE,
    "review_date": Date(year=2027, month=2, day=1),
    "supplier_name": "Clarks",
    "lines": [pb.DraftLine(description="shoes", quantity=1, unit_price=pounds("50"))],
}


async def save(world: World, draft_id: str = "", etag: str = "", **content: Any) -> Any:
    request = pb.SaveDraftRequest(
        request_id=rid(),
        draft_id=draft_id,
        etag=etag,
        content=pb.DraftContent(**{"school_urn": SCHOOL, **content}),
    )
    return await world.call(PRACTITIONER, "SaveDraft", request)


async def submit(world: World, draft_id: str) -> Any:
    request = pb.SubmitDraftRequest(request_id=rid(), draft_id=draft_id)
    return await world.call(PRACTITIONER, "SubmitDraft", request)


async def test_a_draft_is_written_bit_by_bit_and_submitted_once(world: World) -> None:
    budget = await world.money("1000")
    begun = await save(world, need="shoes")
    again = await save(world, begun.id, begun.etag, **WHOLE)
    assert pence((await world.budget_now(budget.id)).figures.available) == 100000

    asked = await submit(world, begun.id)

    assert (again.id, again.content.need) == (begun.id, "shoes")
    assert (asked.state, pence(asked.money.reserved)) == (types.PURCHASE_STATE_SUBMITTED, 5000)
    assert await refusal(submit(world, begun.id)) == "DRAFT_NOT_FOUND"


MISSING = [pytest.param(name, id=name) for name in WHOLE if name != "school_urn"]


@pytest.mark.parametrize("name", MISSING)
async def test_a_draft_that_lacks_something_stays_a_draft(fund: World, name: str) -> None:
    await fund.money()
    draft = await save(fund, **{key: value for key, value in WHOLE.items() if key != name})

    assert await refusal(submit(fund, draft.id)) == "DRAFT_INCOMPLETE"
    request = pb.GetDraftRequest(draft_id=draft.id)
    assert await fund.call(PRACTITIONER, "GetDraft", request) == draft


async def test_a_draft_is_its_writers_alone(fund: World) -> None:
    draft = await save(fund)
    get = pb.GetDraftRequest(draft_id=draft.id)

    mine = (await fund.call(PRACTITIONER, "ListDrafts", pb.ListDraftsRequest())).drafts
    theirs = (await fund.call(LIAISON, "ListDrafts", pb.ListDraftsRequest())).drafts
    assert (list(mine), list(theirs)) == ([draft], [])
    assert await refusal(fund.call(LIAISON, "GetDraft", get)) == "DRAFT_NOT_FOUND"
    assert await refusal(save(fund, school_urn=OTHER_SCHOOL)) == "ACTION_NOT_ALLOWED"
    await save(fund, draft.id)
    assert await refusal(save(fund, draft.id, draft.etag)) == "ETAG_STALE"


async def test_a_draft_that_is_thrown_away_is_gone(fund: World) -> None:
    draft = await save(fund)
    request = pb.DiscardDraftRequest(request_id=rid(), draft_id=draft.id)

    assert await fund.call(PRACTITIONER, "DiscardDraft", request) == draft
    assert not (await fund.call(PRACTITIONER, "ListDrafts", pb.ListDraftsRequest())).drafts
