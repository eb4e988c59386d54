"""Erasing a child destroys its key: totals stay, names do not, also not from a backup."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from localresponse.outcomes.v1 import children_service_pb2 as pb
from localresponse.outcomes.v1 import register_service_pb2 as register_pb
from sqlalchemy import select

from services.chassis.auth import Principal
from services.chassis.errors import PermissionDenied
from services.outcomes.errors import ChildNotFound
from services.outcomes.storage.metadata import metadata
from services.outcomes.verification.comparing import differences
from tests.outcomes.authority import (
    ADMINISTRATOR,
    MANAGER,
    MONDAY,
    OTHER_TENANT,
    PRACTITIONER,
    TENANT,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)

GOVERNANCE = Principal(TENANT, "governance", "information_governance")
CANARY = "Zebedee-Canary"


async def enrolled(authority: Authority, serial: int = 9) -> pb.Child:
    request = pb.EnrolChildRequest(
        request_id=rid(),
        urn=URN,
        first_date=on(MONDAY),
        upn=upn(serial),
        surname=CANARY,
        date_of_birth=on(date(2015, 3, 10)),
    )
    child: pb.Child = await authority.call(PRACTITIONER, authority.children.EnrolChild, request)
    return child


async def erase(authority: Authority, child_id: str, who: Any = GOVERNANCE) -> Any:
    request = pb.EraseChildRequest(
        request_id=rid(), child_id=child_id, reason=pb.ERASURE_REASON_RETENTION_OVER
    )
    return await authority.call(who, authority.children.EraseChild, request)


async def seen(authority: Authority, child_id: str) -> pb.Child:
    request = pb.GetChildRequest(child_id=child_id)
    child: pb.Child = await authority.call(PRACTITIONER, authority.children.GetChild, request)
    return child


async def test_an_erased_child_keeps_its_id_and_marks_and_loses_its_name(
    authority: Authority,
) -> None:
    child = await enrolled(authority)
    await authority.load([(upn(9), MONDAY, "AM", "I"), (upn(1), MONDAY, "AM", "/")])
    assert (await seen(authority, child.id)).surname == CANARY

    await erase(authority, child.id)

    after = await seen(authority, child.id)
    assert (after.id, after.surname, after.upn) == (child.id, "", "")
    request = register_pb.GetSchoolAttendanceRequest(urn=URN)
    found = await authority.call(MANAGER, authority.registers.GetSchoolAttendance, request)
    assert found.total.possible == 2
    assert await authority.database.read(lambda held: differences(held, TENANT)) == []


async def test_erasing_twice_answers_alike_and_tells_others_once(council: Authority) -> None:
    child = await enrolled(council)

    first = await erase(council, child.id)
    council.clock.advance(days=1)
    again = await erase(council, child.id)

    assert again.erase_time == first.erase_time
    outbox = metadata.tables["outbox"].c
    query = select(outbox.sequence).where(outbox.type == "localresponse.outcomes.child.erased.v1")
    told = await council.database.read(lambda held: held.execute(query).scalars().all())
    assert told == [2]


async def test_what_a_school_says_again_of_an_erased_child_is_not_kept(council: Authority) -> None:
    child = await enrolled(council)
    await erase(council, child.id)

    rows = [("upn", "urn", "first_date", "surname"), (upn(9), URN, MONDAY, CANARY)]
    request = pb.ImportChildrenRequest(request_id=rid(), csv=table(*rows))
    done = await council.call(ADMINISTRATOR, council.children.ImportChildren, request)

    assert list(done.child_ids) == [child.id]
    assert (await seen(council, child.id)).surname == ""


@pytest.mark.parametrize("who", [PRACTITIONER, ADMINISTRATOR, MANAGER], ids=lambda who: who.role)
async def test_only_information_governance_erases(council: Authority, who: Principal) -> None:
    child = await enrolled(council)

    with pytest.raises(PermissionDenied):
        await erase(council, child.id, who)


async def test_another_authoritys_child_is_unknown(council: Authority) -> None:
    child = await enrolled(council)
    stranger = Principal(OTHER_TENANT, "stranger", "information_governance")

    with pytest.raises(ChildNotFound):
        await erase(council, child.id, stranger)
