"""Systems are told by signed requests that go to public addresses only."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import webhooks_service_pb2 as pb
from standardwebhooks.webhooks import Webhook

from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.ids import new_id
from services.notify.channels.port import Outgoing, WebhookCall
from services.notify.channels.webhook import Guard, Webhooks
from services.notify.channels.webhook.provider import headers
from services.notify.domain.words import Channel, Language, Status
from services.notify.errors import EndpointUnknown, MessageState, MessageUnknown
from tests.notify.house import ADMINISTRATOR, House, purchase_event, who
from tests.notify.receiver import Receiver
from tests.support.clock import FakeClock

LOOPBACK = Guard(["127.0.0.0/8"])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def house(notify_database: Database) -> AsyncIterator[House]:
    clock = FakeClock(SystemClock().now())
    house = House(
        notify_database, clock, {Channel.WEBHOOK: Webhooks(LOOPBACK, timeout_s=2)}, guard=LOOPBACK
    )
    yield house
    await house.delivery.close()


async def endpoint(house: House, url: str, *types: str) -> pb.WebhookEndpoint:
    request = pb.CreateWebhookEndpointRequest(request_id=new_id(), url=url, event_types=types)
    answer: pb.WebhookEndpoint = await house.call("CreateWebhookEndpoint", request, ADMINISTRATOR)
    return answer


async def change(house: House, rpc: str, kind: Any, known: str, **fields: Any) -> Any:
    request = kind(request_id=new_id(), endpoint_id=known, **fields)
    return await house.call(rpc, request, ADMINISTRATOR)


async def test_an_event_arrives_thin_and_signed(house: House, receiver: Receiver) -> None:
    known = await endpoint(house, receiver.url)
    event = purchase_event(fund.PurchaseApproved)

    await house.take(event)
    await house.delivery.drain()

    got = receiver.requests[0]
    payload = Webhook(known.secret).verify(got.body, got.headers)
    assert payload["type"] == "localresponse.fund.purchase.approved.v1"
    assert payload["data"] == {
        "id": event.id,
        "resource": "purchase-1",
        "sequence": "1",
        "tenant": "E06000050",
    }
    assert "child-secret-1" not in got.body
    assert (await house.one(Channel.WEBHOOK)).status is Status.DELIVERED


def test_the_published_vector_has_the_published_signature() -> None:
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    call = WebhookCall("https://x.example", (secret,), '{"test": 2432232314}')
    outgoing = Outgoing(
        message_id="m",
        tenant="E06000050",
        channel=Channel.WEBHOOK,
        reference="msg_p5jXN8AQM9LWM0D4loKWxJek",
        address="",
        content=call,
        language=Language.EN,
        at=datetime.fromtimestamp(1614265330, UTC),
        queued_at=datetime.fromtimestamp(1614265330, UTC),
    )

    assert headers(outgoing, call)["webhook-signature"] == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


async def test_while_a_secret_rotates_both_verify_and_a_day_later_only_the_newer(
    house: House, receiver: Receiver
) -> None:
    older = await endpoint(house, receiver.url)
    newer = await change(house, "RotateWebhookSecret", pb.RotateWebhookSecretRequest, older.id)

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()
    both = receiver.requests[0]
    house.clock.advance(hours=25)
    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()

    for secret in (older.secret, newer.secret):
        assert Webhook(secret).verify(both.body, both.headers)
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    assert len(receiver.requests[1].headers["webhook-signature"].split(" ")) == 1


async def test_a_secret_is_shown_once_and_never_stored_as_it_is(
    house: House, receiver: Receiver
) -> None:
    request = pb.CreateWebhookEndpointRequest(request_id=new_id(), url=receiver.url)
    first = await house.call("CreateWebhookEndpoint", request, ADMINISTRATOR)
    again = await house.call("CreateWebhookEndpoint", request, ADMINISTRATOR)

    listed = await house.call(
        "ListWebhookEndpoints", pb.ListWebhookEndpointsRequest(), ADMINISTRATOR
    )

    assert first.secret.startswith("whsec_")
    assert (again.id, again.secret) == (first.id, "")
    assert [each.secret for each in listed.endpoints] == [""]


async def test_a_failing_receiver_gets_it_again_under_the_same_id(
    house: House, receiver: Receiver
) -> None:
    receiver.statuses = [500, 429, 204]
    await endpoint(house, receiver.url)
    await house.take(purchase_event(fund.PurchaseApproved))

    for pause_s in (0, 6, 400):
        house.clock.advance(seconds=pause_s)
        await house.delivery.drain()

    message = await house.one(Channel.WEBHOOK)
    assert {each.headers["webhook-id"] for each in receiver.requests} == {message.message_id}
    assert (len(receiver.requests), message.status) == (3, Status.DELIVERED)


async def test_a_line_lost_after_the_request_is_unknown(house: House, receiver: Receiver) -> None:
    receiver.hang_up = True
    await endpoint(house, receiver.url)

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    message = await house.one(Channel.WEBHOOK)
    assert message.status is Status.TEMPORARY_FAILURE


async def test_410_turns_the_endpoint_off_and_nothing_more_is_sent(
    house: House, receiver: Receiver
) -> None:
    receiver.statuses = [410]
    known = await endpoint(house, receiver.url)
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()

    shown = await house.call(
        "GetWebhookEndpoint", pb.GetWebhookEndpointRequest(endpoint_id=known.id), ADMINISTRATOR
    )
    assert (shown.enabled, shown.disabled_reason) == (False, "http_410")
    assert len(receiver.requests) == 1


async def test_only_the_types_that_were_asked_for_are_sent(
    house: House, receiver: Receiver
) -> None:
    await endpoint(house, receiver.url, "localresponse.fund.purchase.ordered.v1")
    await endpoint(house, receiver.url, "localresponse.outcomes.*")

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()

    assert [json.loads(each.body)["type"] for each in receiver.requests] == [
        "localresponse.fund.purchase.ordered.v1"
    ]


async def test_replay_by_id_and_by_range_sends_again_under_the_same_id(
    house: House, receiver: Receiver
) -> None:
    known = await endpoint(house, receiver.url)
    for number in range(3):
        await house.take(purchase_event(fund.PurchaseApproved, purchase_id=f"p-{number}"))
    await house.delivery.drain()
    first = (await house.messages())[0]

    kind = pb.ReplayWebhooksRequest
    await change(house, "ReplayWebhooks", kind, known.id, message_id=first.message_id)
    await house.delivery.drain()
    house.clock.advance(seconds=1)
    answer = await change(house, "ReplayWebhooks", kind, known.id)
    await house.delivery.drain()

    ids = [each.headers["webhook-id"] for each in receiver.requests]
    assert len(answer.message_ids) == 3
    assert (len(ids), len(set(ids))) == (7, 3)
    assert ids.count(first.message_id) == 3


async def test_replay_refuses_what_waits_and_what_is_anothers(
    house: House, receiver: Receiver
) -> None:
    known, other = await endpoint(house, receiver.url), await endpoint(house, receiver.url)
    await house.take(purchase_event(fund.PurchaseApproved))
    waiting = (await house.messages(recipient=known.id))[0].message_id

    kind = pb.ReplayWebhooksRequest
    with pytest.raises(MessageState):
        await change(house, "ReplayWebhooks", kind, known.id, message_id=waiting)
    with pytest.raises(MessageUnknown):
        await change(house, "ReplayWebhooks", kind, other.id, message_id=waiting)


async def test_removing_an_endpoint_cancels_what_waits_and_hides_it(
    house: House, receiver: Receiver
) -> None:
    known = await endpoint(house, receiver.url)
    await house.take(purchase_event(fund.PurchaseApproved))

    await change(house, "DeleteWebhookEndpoint", pb.DeleteWebhookEndpointRequest, known.id)
    await house.delivery.drain()

    assert (await house.one(Channel.WEBHOOK)).status is Status.CANCELLED
    assert not receiver.requests
    with pytest.raises(EndpointUnknown):
        await change(house, "RotateWebhookSecret", pb.RotateWebhookSecretRequest, known.id)


async def test_another_authoritys_endpoint_is_unknown(house: House, receiver: Receiver) -> None:
    known = await endpoint(house, receiver.url)
    stranger = who("administrator", "a-9", tenant="E06000049")
    request = pb.GetWebhookEndpointRequest(endpoint_id=known.id)

    with pytest.raises(EndpointUnknown):
        await house.call("GetWebhookEndpoint", request, stranger)
