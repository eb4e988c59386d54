"""People are kept from their sign-in and by file; nobody speaks for another."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import recipients_service_pb2 as pb

from services.chassis.auth import Principal
from services.chassis.errors import PermissionDenied, ServiceError
from services.chassis.ids import new_id
from services.notify.errors import (
    EmailInvalid,
    PhoneInvalid,
    RecipientsFileInvalid,
    RecipientUnknown,
)
from tests.notify.house import ADMINISTRATOR, OFFICER, REQUESTER, House, who

HEADER = "subject,role,schools,email,phone,language,team_member\n"


async def upsert(house: House, principal: Principal, **fields: Any) -> pb.UpsertRecipientResponse:
    values = {"subject": principal.subject, "role": principal.role} | fields
    request = pb.UpsertRecipientRequest(request_id=new_id(), **values)
    answer: pb.UpsertRecipientResponse = await house.call("UpsertRecipient", request, principal)
    return answer


async def get(house: House, subject: str, principal: Principal) -> pb.Recipient:
    request = pb.GetRecipientRequest(subject=subject)
    answer: pb.Recipient = await house.call("GetRecipient", request, principal)
    return answer


async def import_file(house: House, content: bytes) -> pb.ImportRecipientsResponse:
    request = pb.ImportRecipientsRequest(request_id=new_id(), content=content)
    answer: pb.ImportRecipientsResponse = await house.call(
        "ImportRecipients", request, ADMINISTRATOR
    )
    return answer


async def test_sign_in_keeps_what_the_token_says_and_leaves_other_roles(house: House) -> None:
    await upsert(house, REQUESTER, email="P1@School.Example", phone="07700 900123")
    await upsert(house, who("forum_member", "p-1"))

    person = await get(house, "p-1", REQUESTER)

    assert {each.role: list(each.schools) for each in person.roles} == {
        "forum_member": [],
        "practitioner": ["100001"],
    }
    assert person.email == "P1@school.example"
    assert person.phone == "+447700900123"


async def test_the_same_sign_in_again_changes_nothing(house: House) -> None:
    first = await upsert(house, REQUESTER, email="p1@school.example")
    second = await upsert(house, REQUESTER, email="p1@school.example")

    assert first.etag == second.etag


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param({"subject": "f-1"}, id="another-person"),
        pytest.param({"role": "finance_officer"}, id="another-role"),
        pytest.param({"schools": ["999999"]}, id="another-school"),
    ],
)
async def test_nobody_claims_what_their_token_does_not_say(
    house: House, claim: dict[str, Any]
) -> None:
    with pytest.raises(PermissionDenied):
        await upsert(house, REQUESTER, **claim)


async def test_only_an_administrator_puts_somebody_on_the_team(house: House) -> None:
    await upsert(house, REQUESTER, team_member=True)
    before = (await get(house, "p-1", REQUESTER)).team_member

    await upsert(house, ADMINISTRATOR, subject="p-1", role="practitioner", team_member=True)

    assert not before
    assert (await get(house, "p-1", REQUESTER)).team_member


@pytest.mark.parametrize(
    ("contact", "refusal"),
    [
        ({"email": "not an address"}, EmailInvalid),
        ({"email": "a@b@c.example"}, EmailInvalid),
        ({"email": "a@school.example\nBcc: b@x.example"}, EmailInvalid),
        ({"phone": "12"}, PhoneInvalid),
        ({"phone": "call me"}, PhoneInvalid),
    ],
)
async def test_a_contact_that_cannot_be_one_is_refused_and_not_repeated(
    house: House, contact: dict[str, str], refusal: type[ServiceError]
) -> None:
    with pytest.raises(refusal) as refused:
        await upsert(house, REQUESTER, **contact)

    assert next(iter(contact.values())) not in refused.value.message


async def test_another_persons_contacts_are_seen_by_the_administrator_only(house: House) -> None:
    await upsert(house, REQUESTER, email="p1@school.example")

    with pytest.raises(PermissionDenied):
        await get(house, "p-1", OFFICER)
    listed = await house.call("ListRecipients", pb.ListRecipientsRequest(), ADMINISTRATOR)

    assert (await get(house, "p-1", ADMINISTRATOR)).email == "p1@school.example"
    assert [each.email for each in listed.recipients] == [""]


async def test_another_authoritys_person_is_unknown(house: House) -> None:
    await upsert(house, REQUESTER, email="p1@school.example")

    with pytest.raises(RecipientUnknown):
        await get(house, "p-1", who("administrator", "a-9", tenant="E06000049"))


async def test_a_file_keeps_everybody_in_it(house: House) -> None:
    content = (
        HEADER
        + "p-7,practitioner,100001 100002,p7@school.example,07700900777,cy,no\n"
        + "f-7,finance_officer,,f7@council.example,,,yes\n"
    )

    answer = await import_file(house, content.encode("utf-8-sig"))
    person = await get(house, "p-7", ADMINISTRATOR)

    assert (answer.rows, answer.kept) == (2, 2)
    assert list(person.roles[0].schools) == ["100001", "100002"]
    assert person.language == types.LANGUAGE_CY


async def test_a_file_with_a_wrong_row_keeps_nobody_and_names_every_cell(house: House) -> None:
    content = (
        HEADER
        + "p-7,practitioner,100001,p7@school.example,,,\n"
        + "=cmd,head,1,nobody,12,fr,maybe\n"
        + "p-8,practitioner\n"
    )

    answer = await import_file(house, content.encode())

    assert answer.kept == 0
    assert [(each.row, each.column) for each in answer.errors] == [
        (3, "subject"),
        (3, "role"),
        (3, "schools"),
        (3, "email"),
        (3, "phone"),
        (3, "language"),
        (3, "team_member"),
        (4, ""),
    ]
    assert not any("nobody" in each.problem for each in answer.errors)
    with pytest.raises(RecipientUnknown):
        await get(house, "p-7", ADMINISTRATOR)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"name,role\n", id="another-header"),
        pytest.param(b"\xff\xfe\x00", id="another-encoding"),
        pytest.param(HEADER.encode() + b'p-7,"' + b"x" * 20_000 + b'"\n', id="an-endless-cell"),
        pytest.param(HEADER.encode() + b'p-7,"open\n', id="an-open-quote"),
        pytest.param(b"", id="empty"),
    ],
)
async def test_a_file_that_is_none_is_refused(house: House, content: bytes) -> None:
    with pytest.raises(RecipientsFileInvalid):
        await import_file(house, content)


async def test_an_ended_role_is_no_role_and_an_unknown_person_has_none(house: House) -> None:
    await upsert(house, REQUESTER)
    request = pb.EndRecipientRoleRequest(request_id=new_id(), subject="p-1", role="practitioner")
    unknown = pb.EndRecipientRoleRequest(request_id=new_id(), subject="nobody")

    await house.call("EndRecipientRole", request, ADMINISTRATOR)

    assert not (await get(house, "p-1", ADMINISTRATOR)).roles
    with pytest.raises(RecipientUnknown):
        await house.call("EndRecipientRole", unknown, ADMINISTRATOR)


async def test_preferences_of_who_never_signed_in_are_the_defaults(house: House) -> None:
    shown = await house.call("GetPreferences", pb.GetPreferencesRequest(), REQUESTER)

    assert not shown.categories
    assert shown.language == types.LANGUAGE_EN
