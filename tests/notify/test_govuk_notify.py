"""GOV.UK Notify by its official client, against a server that checks what theirs checks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund

from services.chassis.database import Database
from services.notify.channels.govuk_notify import GovukNotify
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Provider
from services.notify.commands.intake import Intake
from services.notify.commands.messages import Send, send
from services.notify.domain.words import Channel, Status
from tests.notify.govuk import KEY, TEMPLATES, FakeGovukNotify, Refused
from tests.notify.house import REQUESTER, House, purchase_event
from tests.support.clock import FakeClock

CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.LETTER)


@pytest.fixture
async def govuk() -> AsyncIterator[FakeGovukNotify]:
    server = FakeGovukNotify()
    await server.start()
    yield server
    await server.stop()


def provider(govuk: FakeGovukNotify, key: str = KEY) -> GovukNotify:
    templates = {channel: TEMPLATES[channel][0] for channel in CHANNELS}
    return GovukNotify(key, govuk.url, templates, timeout_s=2, per_s=10_000)


@pytest.fixture
async def house(
    notify_database: Database, clock: FakeClock, govuk: FakeGovukNotify
) -> AsyncIterator[House]:
    one = provider(govuk)
    providers: dict[Channel, Provider] = {Channel.IN_APP: InApp(), **dict.fromkeys(CHANNELS, one)}
    house = House(notify_database, clock, providers)
    yield house
    await house.delivery.close()


async def test_e_mail_and_text_go_with_our_reference_and_text(
    house: House, govuk: FakeGovukNotify
) -> None:
    await house.know(REQUESTER, "p1@school.example", phone="07700900123")

    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    sent = {each["kind"]: each for each in govuk.accepted}
    messages = {each.channel: each for each in await house.messages()}
    assert set(sent) == {"email", "sms"}
    assert sent["email"]["reference"] == messages[Channel.EMAIL].message_id
    assert sent["email"]["personalisation"]["subject"] == "Your request LR-2026-0042 was approved"
    assert sent["sms"]["phone_number"] == "+447700900123"
    assert sent["sms"]["personalisation"]["body"].endswith("/purchases/purchase-1")
    assert messages[Channel.SMS].status is Status.SENT


async def test_a_limit_and_a_broken_server_are_tried_again(
    house: House, govuk: FakeGovukNotify
) -> None:
    govuk.fail = [
        Refused(429, "RateLimitError", "Exceeded rate limit for key type LIVE"),
        Refused(500, "Exception", "Internal server error"),
    ]
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))

    for _ in range(3):
        await house.delivery.drain()
        house.clock.advance(minutes=5)

    delivery = await house.delivery_of((await house.one()).message_id)
    assert [each.reason for each in delivery.attempts] == ["http_429", "http_500", ""]
    assert len(govuk.accepted) == 1


async def answer_to(govuk: FakeGovukNotify, house: House, key: str = KEY) -> object:
    house.providers[Channel.EMAIL] = provider(govuk, key)
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()
    message = await house.one()
    return message.status, message.reason


async def test_a_wrong_key_is_a_technical_failure(house: House, govuk: FakeGovukNotify) -> None:
    wrong = KEY[:-1] + "1"

    assert await answer_to(govuk, house, wrong) == (Status.TECHNICAL_FAILURE, "http_403")
    assert not govuk.accepted


async def test_an_address_that_they_refuse_is_shut(house: House, govuk: FakeGovukNotify) -> None:
    govuk.fail = [Refused(400, "ValidationError", "email_address Not a valid email address")]

    found = await answer_to(govuk, house)
    await house.take(purchase_event(fund.PurchaseOrdered, sequence=2))
    await house.delivery.drain()

    assert found == (Status.PERMANENT_FAILURE, "http_400")
    assert (await house.messages(channel=Channel.EMAIL))[1].reason == "address_suppressed"


async def test_a_lost_answer_is_unknown(house: House, govuk: FakeGovukNotify) -> None:
    govuk.hang_up = True

    assert await answer_to(govuk, house) == (Status.TEMPORARY_FAILURE, "connection")
    delivery = await house.delivery_of((await house.one()).message_id)
    assert [each.outcome for each in delivery.attempts] == ["unknown"]


async def test_a_letter_has_its_address_in_lines(house: House, govuk: FakeGovukNotify) -> None:
    lines = ("P One", "1 School Lane", "Chester", "CH1 1AA")
    await house.know(REQUESTER, "p1@school.example", postal_address=lines)
    house.providers[Channel.EMAIL] = InApp()
    asked = Send(
        "purchase_approved",
        subjects=["p-1"],
        values={"reference": "LR-1"},
        channels=[Channel.LETTER],
    )
    await house.apply(lambda work: send(work, Intake(frozenset(house.providers)), "live", asked))
    await house.delivery.drain()

    letter = govuk.accepted[0]["personalisation"]
    assert [letter[f"address_line_{number}"] for number in range(1, 5)] == list(lines)
