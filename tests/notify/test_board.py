"""The board shows every failure; what failed can go again, what waits can be withdrawn."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import deliveries_service_pb2 as pb
from localresponse.notify.v1 import messages_service_pb2 as inbox
from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import suppressions_service_pb2 as suppressions

from services.chassis.ids import new_id
from services.chassis.telemetry import REGISTRY
from services.notify.domain.words import Channel, Status
from services.notify.errors import (
    MessageState,
    MessageUnknown,
    NoRecipient,
    RecipientUnknown,
    SuppressionUnknown,
)
from tests.notify.house import MANAGER, OFFICER, REQUESTER, House, purchase_event, who
from tests.notify.sink import Sink


async def failures(house: House) -> list[str]:
    request = pb.ListDeliveriesRequest(failures_only=True)
    answer = await house.call("ListDeliveries", request, MANAGER)
    return [each.message_id for each in answer.deliveries]


async def do(house: House, rpc: str, message_id: str) -> pb.Delivery:
    kind: Any = getattr(pb, f"{rpc}Request")
    request = kind(request_id=new_id(), message_id=message_id)
    answer: pb.Delivery = await house.call(rpc, request, MANAGER)
    return answer


async def test_a_failure_stands_on_the_board_until_it_is_sent_again(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "gone@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()
    failed = await house.one()
    shown = await failures(house)
    sink.answers.clear()
    held = await house.call("ListSuppressions", suppressions.ListSuppressionsRequest(), MANAGER)
    clearing = suppressions.ClearSuppressionRequest(
        request_id=new_id(), suppression_id=held.suppressions[0].id
    )
    await house.call("ClearSuppression", clearing, MANAGER)

    again = await do(house, "ReplayMessage", failed.message_id)
    await house.delivery.drain()

    assert shown == [failed.message_id]
    assert again.replay_of == failed.message_id
    assert await failures(house) == []
    assert list(sink.message_ids()) == [f"<{failed.message_id}@fund.example>"]
    clearing.request_id = new_id()
    with pytest.raises(SuppressionUnknown):
        await house.call("ClearSuppression", clearing, MANAGER)


async def test_what_nobody_could_get_goes_to_who_holds_the_role_now(
    house: House, sink: Sink
) -> None:
    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1"))
    nobody = (await house.messages())[0]
    await house.know(OFFICER, "f1@council.example")

    await do(house, "ReplayMessage", nobody.message_id)
    await house.delivery.drain()

    assert sink.recipients == ["f1@council.example"]
    assert await failures(house) == []


async def test_what_waits_can_be_withdrawn_and_what_was_sent_cannot(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    waiting = await house.one()

    cancelled = await do(house, "CancelMessage", waiting.message_id)
    await house.delivery.drain()

    assert cancelled.status == types.MESSAGE_STATUS_CANCELLED
    assert not sink.received
    shown = await house.one(Channel.IN_APP)
    for rpc in ("CancelMessage", "ReplayMessage"):
        with pytest.raises(MessageState):
            await do(house, rpc, shown.message_id)
        with pytest.raises(MessageUnknown):
            await do(house, rpc, "nothing")


async def test_another_authoritys_board_is_empty(house: House) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    stranger = who("programme_manager", "m-9", tenant="E06000049")
    message = await house.one()
    request = pb.GetDeliveryRequest(message_id=message.message_id)

    listed = await house.call("ListDeliveries", pb.ListDeliveriesRequest(), stranger)

    assert not listed.deliveries
    with pytest.raises(MessageUnknown):
        await house.call("GetDelivery", request, stranger)


async def test_filters_and_counts_agree(house: House) -> None:
    await house.know(REQUESTER, "later@school.example")
    approved = purchase_event(fund.PurchaseApproved)
    await house.take(approved)
    await house.delivery.drain()
    request = pb.ListDeliveriesRequest(
        statuses=[types.MESSAGE_STATUS_TEMPORARY_FAILURE],
        channel=types.CHANNEL_EMAIL,
        recipient="p-1",
        event_id=approved.id,
    )

    listed = await house.call("ListDeliveries", request, MANAGER)
    counts = await house.call("CountDeliveries", pb.CountDeliveriesRequest(), MANAGER)

    assert [each.reason for each in listed.deliveries] == ["smtp_451"]
    assert {(each.channel, each.status): each.messages for each in counts.counts} == {
        (types.CHANNEL_EMAIL, types.MESSAGE_STATUS_TEMPORARY_FAILURE): 1,
        (types.CHANNEL_IN_APP, types.MESSAGE_STATUS_DELIVERED): 1,
    }


async def send(house: House, **fields: Any) -> list[str]:
    request = inbox.SendMessageRequest(
        request_id=new_id(),
        template_id="purchase_approved",
        values={"reference": "LR-1"},
        **fields,
    )
    answer = await house.call("SendMessage", request, MANAGER)
    return list(answer.message_ids)


async def test_sending_by_hand_reaches_people_or_a_role(house: House, sink: Sink) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.know(OFFICER, "f1@council.example")

    await send(house, subjects=["p-1"])
    await send(house, role="finance_officer", channels=[types.CHANNEL_IN_APP])
    await house.delivery.drain()

    assert sink.recipients == ["p1@school.example"]
    assert (await house.inbox(OFFICER)).unread == 1
    with pytest.raises(RecipientUnknown):
        await send(house, subjects=["nobody"])
    with pytest.raises(NoRecipient):
        await send(house, role="evaluator")


async def test_gauges_count_by_channel_and_status(house: House) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    await house.job("count-messages")

    labels = {"authority": "E06000050", "channel": "email", "status": Status.SENT}
    assert REGISTRY.get_sample_value("localresponse_notify_messages", labels) == 1
    accepted = {"channel": "email", "provider": "smtp:first", "outcome": "accepted"}
    assert (REGISTRY.get_sample_value("localresponse_notify_attempts_total", accepted) or 0) >= 1
