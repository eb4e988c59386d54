"""Children through the service's own rpcs: matched, sealed, put on rolls, seen by whom."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from localresponse.outcomes.v1 import children_service_pb2 as pb
from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import select

from services.chassis.errors import PermissionDenied
from services.outcomes.errors import (
    AlreadyOnRoll,
    ChildNotFound,
    ChildUnnamed,
    IdentifiersDisagree,
    RowsRefused,
    SchoolNotFound,
    UpnInvalid,
)
from services.outcomes.storage.metadata import metadata
from tests.outcomes.authority import (
    ADMINISTRATOR,
    ELSEWHERE,
    MANAGER,
    MONDAY,
    OTHER_URN,
    PRACTITIONER,
    STRANGER,
    URN,
    Authority,
    on,
    rid,
    table,
    upn,
)

CANARY = "Zebedee-Canary"


async def enrol(authority: Authority, who: Any = PRACTITIONER, **fields: Any) -> pb.Child:
    values = {"request_id": rid(), "urn": URN, "first_date": on(MONDAY), **fields}
    request = pb.EnrolChildRequest(**values)
    child: pb.Child = await authority.call(who, authority.children.EnrolChild, request)
    return child


async def get(authority: Authority, child_id: str, who: Any = PRACTITIONER) -> pb.Child:
    request = pb.GetChildRequest(child_id=child_id)
    child: pb.Child = await authority.call(who, authority.children.GetChild, request)
    return child


async def test_a_child_is_put_on_a_roll_and_read_by_its_school(authority: Authority) -> None:
    born = on(date(2015, 3, 10))

    made = await enrol(authority, upn=upn(9), forename=CANARY, date_of_birth=born, mis_id="77")

    child = await get(authority, made.id)
    assert (child.forename, child.upn, child.mis_id) == (CANARY, upn(9), "77")
    assert child.date_of_birth == born
    assert child.year_group == 7
    assert [(one.urn, one.first_date) for one in child.enrolments] == [(URN, on(MONDAY))]


async def test_the_stored_answer_holds_nothing_personal(authority: Authority) -> None:
    made = await enrol(authority, upn=upn(9), forename=CANARY)

    assert (made.forename, made.upn) == ("", "")


async def test_others_see_the_child_without_its_name(authority: Authority) -> None:
    made = await enrol(authority, upn=upn(9), forename=CANARY)

    seen = await get(authority, made.id, MANAGER)

    assert (seen.id, seen.forename, seen.upn) == (made.id, "", "")
    with pytest.raises(PermissionDenied):
        await get(authority, made.id, ELSEWHERE)
    with pytest.raises(ChildNotFound):
        await get(authority, made.id, STRANGER)


async def test_an_identifier_finds_the_same_child_again(authority: Authority) -> None:
    first = await enrol(authority, upn=upn(9), authority_child_id="la-1")

    again = await enrol(
        authority, ADMINISTRATOR, urn=OTHER_URN, authority_child_id=" LA-1 ", surname="Known"
    )

    assert again.id == first.id
    assert [one.urn for one in again.enrolments] == [URN, OTHER_URN]
    assert (await get(authority, first.id)).surname == "Known"


async def test_identifiers_of_two_children_are_for_a_person_to_decide(
    authority: Authority,
) -> None:
    await enrol(authority, authority_child_id="la-1")

    with pytest.raises(IdentifiersDisagree):
        await enrol(authority, authority_child_id="la-1", upn=upn(1), urn=URN)


REFUSED = [
    pytest.param({"upn": "Q207000016049"}, UpnInvalid, id="a wrong check letter"),
    pytest.param({"forename": "Ada"}, ChildUnnamed, id="only a name"),
    pytest.param({"upn": upn(9), "child_id": rid()}, ChildNotFound, id="an unknown child"),
    pytest.param(
        {"upn": upn(1), "first_date": on(MONDAY + timedelta(days=1))}, AlreadyOnRoll, id="twice"
    ),
    pytest.param({"upn": upn(9), "urn": OTHER_URN}, PermissionDenied, id="another's school"),
    pytest.param({"upn": upn(9), "urn": "999999"}, SchoolNotFound, id="an unknown school"),
]


@pytest.mark.parametrize(("fields", "refusal"), REFUSED)
async def test_an_enrolment_is_refused_for_its_own_reason(
    council: Authority, fields: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await enrol(council, **fields)


async def test_an_import_matches_what_it_knows_and_adds_the_rest(authority: Authority) -> None:
    rows = [(upn(serial), URN, MONDAY) for serial in (2, 3, 4, 5)]
    content = table(("upn", "urn", "first_date"), *rows)
    request = pb.ImportChildrenRequest(request_id=rid(), csv=content)

    done = await authority.call(PRACTITIONER, authority.children.ImportChildren, request)

    assert (done.rows, done.added, done.matched, done.enrolments_added) == (4, 2, 2, 2)
    assert len(set(done.child_ids)) == 4


async def test_columns_say_the_same_as_a_file(authority: Authority) -> None:
    columns = pb.ChildColumns(upns=[upn(1), upn(9)], first_dates=["2024-09-09"] * 2)
    request = pb.ImportChildrenRequest(request_id=rid(), columns=columns, urn=URN)

    done = await authority.call(PRACTITIONER, authority.children.ImportChildren, request)

    assert (done.added, done.matched) == (1, 1)


WRONG = [
    pytest.param(("B801200005002", URN, MONDAY, "", ""), "BAD_UPN", id="check letter"),
    pytest.param((upn(9), URN, "soon", "", ""), "BAD_DATE", id="date"),
    pytest.param((upn(9), URN, "", "", ""), "EMPTY_CELL", id="no first date"),
    pytest.param((upn(9), "12", MONDAY, "", ""), "BAD_URN", id="URN"),
    pytest.param((upn(9), "999999", MONDAY, "", ""), "UNKNOWN_SCHOOL", id="unknown school"),
    pytest.param((upn(9), URN, MONDAY, "2024-09-01", ""), "BAD_DATES", id="ends before"),
    pytest.param((upn(9), URN, MONDAY, "", "=cmd"), "FORMULA_CELL", id="formula"),
    pytest.param(("", URN, MONDAY, "", "Ada"), "UNNAMED_CHILD", id="only a name"),
    pytest.param((upn(1), URN, "2024-09-16", "", ""), "ALREADY_ON_ROLL", id="on roll already"),
]


@pytest.mark.parametrize(("row", "rule"), WRONG)
async def test_a_wrong_row_refuses_the_whole_import(
    council: Authority, row: tuple[object, ...], rule: str
) -> None:
    header = ("upn", "urn", "first_date", "last_date", "forename")
    content = table(header, (upn(8), URN, MONDAY, "", "Bea"), row)
    request = pb.ImportChildrenRequest(request_id=rid(), csv=content)

    with pytest.raises(RowsRefused) as error:
        await council.call(ADMINISTRATOR, council.children.ImportChildren, request)

    assert (error.value.metadata["row"], error.value.metadata["rule"]) == ("3", rule)
    listed = await council.call(
        PRACTITIONER, council.children.ListChildren, pb.ListChildrenRequest()
    )
    assert len(listed.children) == 3


async def test_a_list_holds_the_callers_own_schools_page_by_page(authority: Authority) -> None:
    await enrol(authority, ADMINISTRATOR, urn=OTHER_URN, upn=upn(9))
    request = pb.ListChildrenRequest(page_size=2)

    first = await authority.call(PRACTITIONER, authority.children.ListChildren, request)
    request.page_token = first.next_page_token
    second = await authority.call(PRACTITIONER, authority.children.ListChildren, request)

    upns = [child.upn for page in (first, second) for child in page.children]
    assert upns == [upn(1), upn(2), upn(3)]
    other = pb.ListChildrenRequest(urn=OTHER_URN)
    with pytest.raises(PermissionDenied):
        await authority.call(PRACTITIONER, authority.children.ListChildren, other)


async def test_each_child_announces_its_events_in_order(authority: Authority) -> None:
    made = await enrol(authority, upn=upn(9))
    leave = pb.EndEnrolmentRequest(
        request_id=rid(), child_id=made.id, urn=URN, last_date=on(MONDAY)
    )
    await authority.call(PRACTITIONER, authority.children.EndEnrolment, leave)
    await enrol(authority, child_id=made.id, first_date=on(MONDAY + timedelta(days=3)))

    outbox = metadata.tables["outbox"]
    query = select(outbox).where(outbox.c.resource == made.id).order_by(outbox.c.sequence)
    rows = await authority.database.read(lambda connection: connection.execute(query).all())

    assert [(row.sequence, row.type.split(".")[2:4]) for row in rows] == [
        (1, ["child", "enrolled"]),
        (2, ["child", "left"]),
        (3, ["child", "enrolled"]),
    ]
    first, left = (
        events.ChildEnrolled.FromString(rows[0].data),
        events.ChildLeft.FromString(rows[1].data),
    )
    assert first.enrolment_id == left.enrolment_id


async def test_nothing_personal_is_readable_in_the_files(
    council: Authority, tmp_path: Path
) -> None:
    await enrol(council, upn=upn(987), forename=CANARY, surname=CANARY, mis_id="MIS-Canary")
    council.database.close()

    folder = Path(council.database.url.removeprefix("sqlite:///"))
    held = b"".join(
        path.read_bytes() for place in (tmp_path, folder.parent) for path in place.glob("*.db*")
    )
    for secret in (CANARY, upn(987), "MIS-Canary", "MIS-CANARY"):
        assert secret.encode() not in held
    council.database.start()


async def test_a_destroyed_key_erases_one_child_and_leaves_the_record(
    authority: Authority,
) -> None:
    gone = await enrol(authority, upn=upn(8), forename=CANARY)
    kept = await enrol(authority, upn=upn(9), forename=CANARY)

    authority.vault.destroy(PRACTITIONER.tenant, gone.id)

    assert (await get(authority, gone.id)).forename == ""
    assert (await get(authority, gone.id)).id == gone.id
    assert (await get(authority, kept.id)).forename == CANARY
