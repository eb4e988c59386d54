"""No webhook reaches a private address: not by its URL, not by a name, not by a redirect."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Sequence

import pytest
from localresponse.notify.v1 import webhooks_service_pb2 as pb

from services.chassis.ids import new_id
from services.notify.channels.port import Outgoing, Refuse, Retry, WebhookCall
from services.notify.channels.webhook import AddressRefused, Guard, Webhooks
from services.notify.channels.webhook.addresses import is_public
from services.notify.domain.words import Channel, Language
from services.notify.errors import WebhookAddressRefused
from tests.notify.house import ADMINISTRATOR, House
from tests.notify.receiver import Receiver
from tests.support.clock import FakeClock


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


def call(url: str) -> Outgoing:
    now = FakeClock().now()
    return Outgoing(
        message_id="m",
        tenant="E06000050",
        channel=Channel.WEBHOOK,
        reference="m",
        address=url,
        content=WebhookCall(url, (b"s" * 32,), "{}"),
        language=Language.EN,
        at=now,
        queued_at=now,
    )


class Names:
    """A name server whose answers change from one look to the next."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.looked = 0

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.looked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.1.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["151.101.0.144", "2a04:4e42::144", "64:ff9b::9765:90"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://user:pass@hooks.example/x",
        "https://hooks.example/x#part",
        "ftp://hooks.example/x",
        "https://hooks.example:99999/x",
        "https:///x",
    ],
)
async def test_an_endpoint_that_is_not_public_https_is_refused(url: str) -> None:
    guard = Guard(resolver=Names(["151.101.0.144"]))

    with pytest.raises(AddressRefused):
        await guard.check_url(url)


async def test_an_endpoint_whose_name_leads_inside_is_refused_at_once(
    house: House,
) -> None:
    request = pb.CreateWebhookEndpointRequest(request_id=new_id(), url="https://localhost/x")

    with pytest.raises(WebhookAddressRefused) as refusal:
        await house.call("CreateWebhookEndpoint", request, ADMINISTRATOR)

    assert refusal.value.field == "url"


async def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    guard = Guard(resolver=Names(["151.101.0.144", "10.0.0.1"]))

    with pytest.raises(AddressRefused):
        await guard.check_url("https://hooks.example/x")


async def test_a_name_that_leads_inside_after_it_was_registered_is_not_reached(
    receiver: Receiver,
) -> None:
    names = Names(["151.101.0.144"], ["127.0.0.1"])
    guard = Guard(resolver=names)
    provider = Webhooks(guard, timeout_s=2)

    await guard.check_url("https://hooks.example/x")
    answer = await provider.send(call(f"http://hooks.example:{receiver.port}/x"))

    await provider.close()
    assert answer == Refuse("webhook", "address_refused")
    assert receiver.connections == 0


async def test_the_address_that_was_checked_is_the_one_that_is_used(receiver: Receiver) -> None:
    names = Names(["127.0.0.1"], ["192.0.2.1"])
    provider = Webhooks(Guard(["127.0.0.0/8"], resolver=names), timeout_s=2)

    await provider.send(call(f"http://hooks.example:{receiver.port}/x"))

    await provider.close()
    assert names.looked == 1
    assert receiver.requests[0].headers["host"] == f"hooks.example:{receiver.port}"


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.statuses = [307]
    receiver.extra = f"location: http://127.0.0.1:{receiver.port}/secret\r\n"
    provider = Webhooks(Guard(["127.0.0.0/8"]), timeout_s=2)

    answer = await provider.send(call(receiver.url))

    await provider.close()
    assert answer == Retry("webhook", "http_307")
    assert [each.target for each in receiver.requests] == ["/hook"]


async def test_a_body_that_is_too_large_is_not_sent(receiver: Receiver) -> None:
    provider = Webhooks(Guard(["127.0.0.0/8"]), timeout_s=2)
    large = call(receiver.url)
    content = WebhookCall(receiver.url, (b"s" * 32,), "x" * 70_000)

    answer = await provider.send(
        Outgoing(**{name: getattr(large, name) for name in large.__slots__} | {"content": content})
    )

    await provider.close()
    assert answer == Refuse("webhook", "too_large", technical=True)
    assert not receiver.requests
