"""Events of two children who were found to be one are read for the one that is kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from localresponse.outcomes.v1 import child_events_service_pb2 as pb
from localresponse.outcomes.v1 import children_service_pb2 as children_pb

from services.outcomes.errors.child_events import ChildEventNotFound, EventOverlaps
from services.outcomes.verification.comparing import differences
from tests.outcomes.authority import TENANT, Authority, rid, table, upn
from tests.outcomes.child_events.house import (
    GOVERNANCE,
    TUESDAY,
    WEDNESDAY,
    child,
    decide,
    get,
    listed,
    load,
    lost,
    measured,
    moment,
    record,
)
from tests.outcomes.children.test_merging import merge, undo

LATER = date(2024, 9, 16)


async def spells(authority: Authority, child_id: str, **fields: Any) -> int:
    return int((await measured(authority, child_id, **fields)).suspension_spells)


async def test_a_merged_childs_events_are_the_others_until_they_are_parted(
    authority: Authority,
) -> None:
    kept, other = await child(authority, 9), await child(authority, 8)
    await record(authority, kept, lost(2, TUESDAY))
    theirs = await record(authority, other, lost(1, LATER, "VA"))
    before = moment(authority)
    authority.clock.advance(hours=1)

    done = await merge(authority, kept, other)

    shown = (await listed(authority, child_id=kept)).child_events
    assert {event.child_id for event in shown} == {kept}
    assert sorted(event.details.reasons[0] for event in shown) == ["PP", "VA"]
    assert [await spells(authority, one) for one in (kept, other)] == [2, 2]
    assert await spells(authority, kept, as_of_time=before) == 1
    with pytest.raises(EventOverlaps):
        await record(authority, kept, lost(1, LATER))
    again = table(("upn", "kind", "first_date", "sessions", "reason_1"),
                  (upn(8), "suspension", LATER, 1, "VA"))  # fmt: skip
    assert (await load(authority, again)).unchanged == 1
    assert await authority.database.read(lambda c: differences(c, TENANT)) == []
    await decide(authority, theirs, pb.EXCLUSION_STATUS_OVERTURNED, LATER)
    assert await spells(authority, kept) == 1
    await undo(authority, done.id)
    assert [await spells(authority, one) for one in (kept, other)] == [1, 0]


async def test_who_is_erased_takes_the_events_of_a_merged_child_along(council: Authority) -> None:
    kept, other = await child(council, 9), await child(council, 8)
    theirs = await record(council, other, lost(1, WEDNESDAY))
    await merge(council, kept, other)
    request = children_pb.EraseChildRequest(
        request_id=rid(), child_id=kept, reason=children_pb.ERASURE_REASON_RETENTION_OVER
    )

    await council.call(GOVERNANCE, council.children.EraseChild, request)

    with pytest.raises(ChildEventNotFound):
        await get(council, theirs.id)
    assert not (await listed(council)).child_events
