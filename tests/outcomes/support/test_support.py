"""Unfunded support by rpc: versions, moments, rights, merges, erasure, and the real server."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest
from localresponse.outcomes.v1 import child_events_service_pb2 as child_events_pb
from localresponse.outcomes.v1 import children_service_pb2 as children_pb
from localresponse.outcomes.v1 import support_service_pb2 as pb
from localresponse.outcomes.v1 import support_service_pb2_grpc as rpc

from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.errors import PermissionDenied
from services.chassis.runtime import running
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.outcomes.app import build
from services.outcomes.errors import ChildNotFound
from services.outcomes.errors.support import (
    SupportChanged,
    SupportNotFound,
    SupportOverlaps,
    SupportWithdrawn,
)
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    PRACTITIONER,
    STRANGER,
    Authority,
    on,
    rid,
)
from tests.outcomes.child_events.house import GOVERNANCE, TUESDAY, WEDNESDAY, child, moment
from tests.outcomes.children.test_merging import merge, undo

MORE, TWICE = child_events_pb.CHANGE_REASON_NEW_INFORMATION, child_events_pb.CHANGE_REASON_DUPLICATE


def details(first: date = TUESDAY, last: date | None = None, **fields: Any) -> pb.SupportDetails:
    values = {
        "kind": pb.SUPPORT_KIND_MENTORING,
        "given_by": pb.SUPPORT_GIVER_SCHOOL,
        "first_date": on(first),
        **fields,
    }
    return pb.SupportDetails(last_date=on(last) if last else None, **values)


async def record(authority: Authority, child_id: str, who: Principal = PRACTITIONER) -> Any:
    request = pb.RecordSupportRequest(request_id=rid(), child_id=child_id, details=details())
    return await authority.call(who, authority.served("SupportService").RecordSupport, request)


async def correct(authority: Authority, known: Any, given: pb.SupportDetails) -> Any:
    request = pb.CorrectSupportRequest(
        request_id=rid(), support_id=known.id, etag=known.etag, details=given, reason=MORE
    )
    served = authority.served("SupportService")
    return await authority.call(PRACTITIONER, served.CorrectSupport, request)


async def withdraw(authority: Authority, known: Any, who: Principal = PRACTITIONER) -> Any:
    request = pb.WithdrawSupportRequest(request_id=rid(), support_id=known.id, reason=TWICE)
    return await authority.call(who, authority.served("SupportService").WithdrawSupport, request)


async def listed(
    authority: Authority, child_id: str, who: Principal = PRACTITIONER, **fields: Any
) -> list[Any]:
    request = pb.ListSupportRequest(child_id=child_id, **fields)
    found = await authority.call(who, authority.served("SupportService").ListSupport, request)
    return list(found.supports)


async def test_a_correction_is_a_version_over_the_old_one(authority: Authority) -> None:
    pupil = await child(authority)
    made = await record(authority, pupil)
    before = moment(authority)
    authority.clock.advance(hours=1)

    ended = await correct(authority, made, details(last=WEDNESDAY))

    (now,), (then,) = (
        await listed(authority, pupil),
        await listed(authority, pupil, as_of_time=before),
    )
    assert (now, then) == (ended, made)
    assert (now.child_id, now.etag, now.details.last_date) == (pupil, "2", on(WEDNESDAY))
    with pytest.raises(SupportChanged):
        await correct(authority, made, details())
    gone = await withdraw(authority, made)
    assert gone.withdrawn
    with pytest.raises(SupportWithdrawn):
        await correct(authority, gone, details())
    again = await record(authority, pupil)
    assert [each.id for each in await listed(authority, pupil)] == [made.id, again.id]


async def test_a_merged_childs_support_is_the_others_until_they_are_parted(
    authority: Authority,
) -> None:
    kept, other = await child(authority, 9), await child(authority, 8)
    theirs = await record(authority, other)

    done = await merge(authority, kept, other)

    (held,) = await listed(authority, kept)
    assert (held.id, held.child_id) == (theirs.id, kept)
    with pytest.raises(SupportOverlaps):
        await record(authority, kept)
    await withdraw(authority, theirs)
    await undo(authority, done.id)
    assert await listed(authority, kept) == []
    assert (await listed(authority, other))[0].withdrawn


async def test_an_erased_child_takes_its_support_along(council: Authority) -> None:
    kept, other = await child(council, 9), await child(council, 8)
    theirs = await record(council, other)
    await merge(council, kept, other)
    request = children_pb.EraseChildRequest(
        request_id=rid(), child_id=kept, reason=children_pb.ERASURE_REASON_RETENTION_OVER
    )

    await council.call(GOVERNANCE, council.children.EraseChild, request)

    with pytest.raises(SupportNotFound):
        await withdraw(council, theirs)
    with pytest.raises(ChildNotFound):
        await listed(council, kept)
    with pytest.raises(ChildNotFound):
        await record(council, kept)


async def test_only_the_childs_school_records_and_sees_it(council: Authority) -> None:
    pupil = await child(council)
    made = await record(council, pupil, ADMINISTRATOR)

    for write in (record(council, pupil, ELSEWHERE), withdraw(council, made, ELSEWHERE)):
        with pytest.raises(PermissionDenied):
            await write
    for who in (ELSEWHERE, ADMINISTRATOR):
        with pytest.raises(PermissionDenied):
            await listed(council, pupil, who)
    with pytest.raises(SupportNotFound):
        await withdraw(council, made, STRANGER)
    assert len(await listed(council, pupil, GOVERNANCE)) == 1


async def test_the_server_checks_what_it_is_sent(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, operations_port=0, gateway_port=0)
    good = pb.RecordSupportRequest(request_id=rid(), child_id=rid(), details=details())
    bad = pb.RecordSupportRequest(request_id=rid(), child_id=rid(), details=details(kind=0))
    async with (
        running(settings, services=[build]) as process,
        grpc.aio.insecure_channel(process.targets["outcomes"]) as channel,
    ):
        stub: Any = rpc.SupportServiceStub(channel)
        minter = TokenMinter(TokenKeys(process.settings.tokens_dir), SystemClock())
        metadata = (("authorization", f"Bearer {minter.mint(PRACTITIONER, ('outcomes',))}"),)
        codes = []
        for request in (bad, good):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.RecordSupport(request, metadata=metadata)
            codes.append(refused.value.code())

    assert codes == [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND]
