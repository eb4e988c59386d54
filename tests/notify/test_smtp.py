"""What a relay answers, and where it breaks, decides whether a message goes again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import notify_types_pb2 as types

from services.notify.channels.smtp import Relay, Smtp
from services.notify.domain.words import Channel, Status
from tests.notify.house import REQUESTER, House, purchase_event
from tests.notify.sink import Sink


async def approved_for(house: House, email: str) -> None:
    await house.know(REQUESTER, email)
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()


async def outcomes(house: House) -> list[tuple[str, str]]:
    message = await house.one()
    made = await house.attempts(message.message_id)
    return [(each.outcome, each.reason) for each in made]


async def test_451_is_tried_again_until_the_relay_takes_it(house: House, sink: Sink) -> None:
    await approved_for(house, "later@school.example")
    waiting = await house.one()

    del sink.answers["later"]
    house.clock.advance(minutes=1)
    await house.delivery.drain()

    assert waiting.status is Status.TEMPORARY_FAILURE
    assert waiting.due_at is not None
    assert (await house.one()).status is Status.SENT
    assert await outcomes(house) == [("retry", "smtp_451"), ("accepted", "")]
    assert sink.recipients == ["later@school.example"]


async def test_451_is_given_up_after_three_days_and_shown_as_a_failure(
    house: House, sink: Sink
) -> None:
    await approved_for(house, "later@school.example")

    for _ in range(60):
        house.clock.advance(hours=4)
        await house.delivery.drain()

    message = await house.one()
    assert message.status is Status.TEMPORARY_FAILURE
    assert message.due_at is None
    assert 19 <= message.attempts <= 50
    assert not sink.received


async def test_550_is_not_tried_again_and_shuts_the_address(house: House, sink: Sink) -> None:
    await approved_for(house, "gone@school.example")

    house.clock.advance(hours=4)
    await house.delivery.drain()
    sink.answers.clear()
    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()

    first, second = await house.messages(channel=Channel.EMAIL)
    assert (first.status, first.reason) == (Status.PERMANENT_FAILURE, "smtp_550")
    assert first.attempts == 1
    assert (second.status, second.reason) == (Status.SUPPRESSED, "address_suppressed")
    assert not sink.received


async def test_550_for_policy_does_not_shut_the_address(house: House) -> None:
    await approved_for(house, "policy@school.example")

    assert (await house.one()).status is Status.PERMANENT_FAILURE
    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()
    assert (await house.messages(channel=Channel.EMAIL))[1].reason == "smtp_550"


async def test_a_line_lost_after_the_data_is_unknown_and_goes_again_under_the_same_id(
    house: House, sink: Sink
) -> None:
    await approved_for(house, "drop@school.example")
    await house.know(REQUESTER, "p1@school.example")

    house.clock.advance(minutes=1)
    await house.delivery.drain()

    message = await house.one()
    assert sink.dropped == 1
    assert await outcomes(house) == [("unknown", "connection"), ("accepted", "")]
    assert list(sink.message_ids()) == [f"<{message.message_id}@fund.example>"]


async def test_a_relay_that_never_greets_times_out(house: House) -> None:
    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    house.providers[Channel.EMAIL] = Smtp(
        [Relay("first", "127.0.0.1", port)], "a@fund.example", timeout_s=0.2
    )

    await approved_for(house, "p1@school.example")

    server.close()
    assert await outcomes(house) == [("retry", "timeout")]


@pytest.fixture
async def other_sink() -> AsyncIterator[Sink]:
    sink = Sink()
    await sink.start()
    yield sink
    await sink.stop()


async def test_the_second_relay_takes_over_while_the_first_is_away(
    house: House, sink: Sink, other_sink: Sink
) -> None:
    relays = [
        Relay("first", "127.0.0.1", sink.port),
        Relay("fallback", "127.0.0.1", other_sink.port),
    ]
    smtp = Smtp(relays, "a@fund.example", timeout_s=1)
    house.providers[Channel.EMAIL] = smtp
    await sink.stop()

    await approved_for(house, "p1@school.example")

    await smtp.close()
    delivery = await house.delivery_of((await house.one()).message_id)
    assert len(other_sink.received) == 1
    assert delivery.status == types.MESSAGE_STATUS_SENT
    assert [each.provider for each in delivery.attempts] == ["smtp:fallback"]


async def test_a_refusal_of_the_address_is_not_shopped_around(
    house: House, sink: Sink, other_sink: Sink
) -> None:
    relays = [
        Relay("first", "127.0.0.1", sink.port),
        Relay("fallback", "127.0.0.1", other_sink.port),
    ]
    smtp = Smtp(relays, "a@fund.example", timeout_s=1)
    house.providers[Channel.EMAIL] = smtp

    await approved_for(house, "gone@school.example")

    await smtp.close()
    assert other_sink.sessions == 0


async def test_connections_are_used_again(house: House, sink: Sink) -> None:
    await house.know(REQUESTER, "p1@school.example")

    for number in range(5):
        await house.take(purchase_event(fund.PurchaseApproved, purchase_id=f"purchase-{number}"))
        await house.delivery.drain()

    assert len(sink.received) == 5
    assert sink.sessions == 1


async def test_a_connection_that_the_relay_closed_meanwhile_is_replaced(
    house: House, sink: Sink
) -> None:
    await approved_for(house, "p1@school.example")
    port = sink.port
    await sink.stop()
    await sink.start(port)

    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()

    assert len(sink.received) == 2
