"""A receipt moves a message forwards or not at all, and is kept either way."""

from __future__ import annotations

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import deliveries_service_pb2 as pb
from localresponse.notify.v1 import notify_types_pb2 as types

from services.chassis.ids import new_id
from services.notify.domain.receipt import from_bounce
from services.notify.domain.status import FINAL, NEXT, may_follow
from services.notify.domain.words import Status
from services.notify.errors import ReceiptUnknown
from tests.notify.house import ADMINISTRATOR, REQUESTER, House, purchase_event

THEIR_ID = "740e5834-3a29-46b4-9a6f-16142fde533a"

BOUNCE = """\
From: mailer-daemon@relay.example
To: no-reply@fund.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

canary.address@school.example could not be reached.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; canary.address@school.example
Action: {action}
Status: {code}
--b
Content-Type: {returned}

Message-ID: <{reference}@fund.example>
Subject: Your request LR-2026-0042 was approved

--b--
"""


async def sent(house: House) -> str:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()
    return (await house.one()).message_id


async def receipt(house: House, reference: str, status: str) -> pb.RecordReceiptResponse:
    request = pb.RecordGovukNotifyReceiptRequest(
        id=THEIR_ID, reference=reference, status=status, to="p1@school.example"
    )
    answer: pb.RecordReceiptResponse = await house.call(
        "RecordGovukNotifyReceipt", request, ADMINISTRATOR
    )
    return answer


async def bounce(house: House, reference: str, action: str, code: str) -> pb.RecordReceiptResponse:
    content = BOUNCE.format(
        action=action, code=code, reference=reference, returned="text/rfc822-headers"
    )
    request = pb.RecordBounceRequest(request_id=new_id(), content=content.encode())
    answer: pb.RecordReceiptResponse = await house.call("RecordBounce", request, ADMINISTRATOR)
    return answer


async def test_delivered_is_final_and_a_late_failure_is_kept_and_changes_nothing(
    house: House,
) -> None:
    reference = await sent(house)

    first = await receipt(house, reference, "delivered")
    late = await receipt(house, reference, "permanent-failure")

    assert (first.applied, late.applied) == (True, False)
    assert late.status == types.MESSAGE_STATUS_DELIVERED
    assert (await house.one()).status is Status.DELIVERED


async def test_the_same_receipt_twice_says_nothing_new(house: House) -> None:
    reference = await sent(house)

    answers = [await receipt(house, reference, "temporary-failure") for _ in range(2)]

    assert [each.applied for each in answers] == [True, False]
    assert (await house.one()).status is Status.TEMPORARY_FAILURE


async def test_a_receipt_for_an_unknown_message_is_refused(house: House) -> None:
    with pytest.raises(ReceiptUnknown):
        await receipt(house, "nothing", "delivered")


async def test_a_receipt_for_what_was_not_handed_over_is_refused(house: House) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    waiting = (await house.one()).message_id

    with pytest.raises(ReceiptUnknown):
        await receipt(house, waiting, "delivered")


async def test_a_bounce_of_the_address_fails_the_message_and_shuts_the_address(
    house: House,
) -> None:
    answer = await bounce(house, await sent(house), "failed", "5.1.1")
    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()

    first, second = await house.messages(channel="email")
    assert answer.applied
    assert (first.status, first.reason) == (Status.PERMANENT_FAILURE, "bounce_5.1.1")
    assert second.reason == "address_suppressed"


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ("failed", "5.7.1", types.MESSAGE_STATUS_PERMANENT_FAILURE),
        ("failed", "4.4.7", types.MESSAGE_STATUS_TEMPORARY_FAILURE),
        ("delivered", "2.0.0", types.MESSAGE_STATUS_DELIVERED),
        ("delayed", "4.4.1", types.MESSAGE_STATUS_SENT),
    ],
)
async def test_a_status_notification_means_what_its_fields_say(
    house: House, action: str, code: str, status: types.MessageStatus.ValueType
) -> None:
    answer = await bounce(house, await sent(house), action, code)

    assert answer.status == status


def test_a_whole_returned_message_names_its_reference_too() -> None:
    content = BOUNCE.format(
        action="failed", code="5.1.1", reference="abc", returned="message/rfc822"
    )

    found = from_bounce(content.encode())

    assert found is not None
    assert (found.reference, found.suppress) == ("abc", True)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff" * 100, b"Content-Type: multipart/report"]
)
async def test_what_is_no_notification_is_refused_and_crashes_nothing(
    house: House, content: bytes
) -> None:
    request = pb.RecordBounceRequest(request_id=new_id(), content=content or b" ")

    with pytest.raises(ReceiptUnknown):
        await house.call("RecordBounce", request, ADMINISTRATOR)


def test_nothing_follows_a_final_status_and_nothing_goes_back_to_waiting() -> None:
    assert {Status.DELIVERED, Status.PERMANENT_FAILURE, Status.CANCELLED} <= FINAL
    assert all(not may_follow(final, then) for final in FINAL for then in Status)
    assert all(Status.HELD not in NEXT[each] for each in NEXT if each is not Status.QUEUED)
    assert Status.QUEUED not in NEXT[Status.SENT]
