"""The right people are told of what happens to a purchase, once."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message as Proto
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import messages_service_pb2 as pb
from localresponse.outcomes.v1 import outcomes_events_pb2 as outcomes

from services.chassis.ids import new_id
from services.notify.commands.recipients import end_role
from services.notify.domain.words import Channel, Status
from services.notify.errors import MessageUnknown
from tests.notify.house import MANAGER, OFFICER, REQUESTER, House, event, purchase_event, who
from tests.notify.sink import Sink


async def test_an_approval_reaches_the_requester_in_the_page_and_by_e_mail(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.know(OFFICER, "f1@council.example")

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    inbox = await house.inbox(REQUESTER)
    assert [each.title for each in inbox.messages] == ["Your request was approved"]
    assert inbox.messages[0].link == "/purchases/purchase-1"
    assert inbox.unread == 1
    assert sink.recipients == ["p1@school.example"]
    assert sink.received[0]["Subject"] == "Your request LR-2026-0042 was approved"
    assert not (await house.inbox(OFFICER)).messages


async def test_a_new_request_reaches_every_finance_officer_of_the_authority_and_nobody_else(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.know(OFFICER, "f1@council.example")
    await house.know(who("finance_officer", "f-2"), "f2@council.example")
    await house.know(who("finance_officer", "f-3", tenant="E06000049"), "f3@elsewhere.example")
    await house.know(MANAGER, "m1@council.example")

    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1"))
    await house.delivery.drain()

    assert sorted(sink.recipients) == ["f1@council.example", "f2@council.example"]


@pytest.mark.parametrize(
    "kind",
    [
        fund.PurchaseQueried,
        fund.PurchaseApproved,
        fund.PurchaseDeclined,
        fund.PurchaseOrdered,
        fund.PurchaseDelivered,
    ],
)
async def test_what_becomes_of_a_request_is_told_to_who_made_it(
    house: House, sink: Sink, kind: type[Proto]
) -> None:
    await house.know(REQUESTER, "p1@school.example")

    await house.take(purchase_event(kind))
    await house.delivery.drain()

    assert sink.recipients == ["p1@school.example"]
    assert "LR-2026-0042" in str(sink.received[0]["Subject"])


async def test_the_same_event_five_times_makes_one_message_a_channel(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    approved = purchase_event(fund.PurchaseApproved)

    for _ in range(5):
        await house.take(approved)
        await house.delivery.drain()

    assert len(await house.messages()) == 2
    assert len(sink.received) == 1


async def test_no_child_stands_in_any_message(house: House, sink: Sink) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.know(OFFICER, "f1@council.example")

    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1"))
    await house.take(purchase_event(fund.PurchaseApproved, sequence=2))
    await house.delivery.drain()

    assert len(sink.received) == 2
    assert not [each for each in sink.received if "child-secret-1" in each.as_string()]
    assert not [each for each in await house.messages() if "child-secret-1" in str(each.given)]


async def test_an_e_mail_is_plain_text_and_html_with_the_same_id_as_its_message(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    email = sink.received[0]
    plain, html = email.get_body(("plain",)), email.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "https://fund.example/purchases/purchase-1" in plain.get_content()
    assert 'href="https://fund.example/purchases/purchase-1"' in html.get_content()
    assert email["Message-ID"] == f"<{(await house.one()).message_id}@fund.example>"
    assert email["Auto-Submitted"] == "auto-generated"


async def test_a_person_reads_welsh_who_asked_for_it(house: House, sink: Sink) -> None:
    await house.know(REQUESTER, "p1@school.example", language="cy")

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    assert sink.received[0]["Subject"] == "Cymeradwywyd eich cais LR-2026-0042"
    assert (await house.inbox(REQUESTER)).messages[0].title == "Cymeradwywyd eich cais"


async def test_a_role_that_nobody_holds_is_a_failure_that_the_board_shows(house: House) -> None:
    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1"))

    found = await house.messages()

    assert [(each.recipient, each.status, each.reason) for each in found] == [
        ("role:finance_officer", Status.TECHNICAL_FAILURE, "no_recipient")
    ]


async def test_who_left_the_role_while_the_message_waited_does_not_get_it(
    house: House, sink: Sink
) -> None:
    await house.know(OFFICER, "f1@council.example")
    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1"))

    await house.apply(lambda work: end_role(work, "f-1", "finance_officer"))
    await house.delivery.drain()

    assert not sink.received
    assert {each.reason for each in await house.messages()} == {"role_ended"}


async def test_reading_counts_down_and_another_persons_message_is_unknown(house: House) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()
    message = await house.one(Channel.IN_APP)
    request = pb.MarkReadRequest(request_id=new_id(), message_id=message.message_id)

    with pytest.raises(MessageUnknown):
        await house.call("MarkRead", request, OFFICER)
    answer = await house.call("MarkRead", request, REQUESTER)

    assert answer.unread == 0
    assert (await house.inbox(REQUESTER)).messages[0].HasField("read_time")


async def test_the_inbox_is_cut_into_pages_that_a_token_continues(house: House) -> None:
    await house.know(REQUESTER)
    for number in range(5):
        await house.take(purchase_event(fund.PurchaseApproved, purchase_id=f"purchase-{number}"))
    await house.delivery.drain()

    first = await house.inbox(REQUESTER, page_size=3)
    second = await house.inbox(REQUESTER, page_size=3, page_token=first.next_page_token)

    seen = [each.message_id for each in (*first.messages, *second.messages)]
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)
    assert second.next_page_token == ""


async def test_one_role_of_two_that_is_held_is_enough(house: House) -> None:
    crossed = outcomes.ThresholdCrossed(
        child_id="child-secret-1",
        threshold=outcomes.ABSENCE_THRESHOLD_SEVERE,
        direction=outcomes.THRESHOLD_DIRECTION_REACHED,
        school_urn="100001",
    )
    await house.know(REQUESTER)
    await house.know(who("practitioner", "p-2", "100002"))

    await house.take(event(crossed, resource="child-secret-1"))
    await house.delivery.drain()

    found = await house.messages(channel=Channel.IN_APP)
    assert [(each.recipient, each.status) for each in found] == [("p-1", Status.DELIVERED)]
    assert not [each for each in await house.messages() if "child" in f"{each.given}{each.link}"]
