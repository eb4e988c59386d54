"""Leaving a digest by its link: notify and the gateway as they run, and nobody signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from localresponse.notify.v1 import deliveries_service_pb2 as board
from localresponse.notify.v1 import messages_service_pb2 as messages
from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import recipients_service_pb2 as pb
from localresponse.notify.v1.deliveries_service_pb2_grpc import DeliveriesServiceStub
from localresponse.notify.v1.messages_service_pb2_grpc import MessagesServiceStub
from localresponse.notify.v1.recipients_service_pb2_grpc import RecipientsServiceStub

from gateway import app
from services.chassis.auth import Principal
from services.chassis.ids import new_id
from services.chassis.keyfiles import kept_key
from services.chassis.runtime import Running, running
from services.chassis.tokens import TokenKeys, TokenMinter
from services.notify.app import build
from services.notify.domain.words import Category
from services.notify.unsubscribing import LIFETIME, UNSUBSCRIBE, Leaving, UnsubscribeTokens
from services.notify.vault import Vault
from tests.notify.house import MANAGER, OTHER_TENANT, REQUESTER, TENANT, who
from tests.notify.sink import Sink
from tests.support.clock import FakeClock
from tests.support.stack import settings_for
from tests.support.waiting import until

DAILY = pb.CategoryPreference(category=types.CATEGORY_OUTCOMES, digest=pb.DIGEST_DAILY)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Stack:
    """A running notify and gateway: calls by gRPC as anybody, and a browser without cookies."""

    def __init__(
        self, process: Running, clock: FakeClock, channel: grpc.aio.Channel, http: httpx.AsyncClient
    ) -> None:
        self._minter = TokenMinter(TokenKeys(process.settings.tokens_dir), clock)
        self.clock, self.http = clock, http
        self.recipients = RecipientsServiceStub(channel)
        self.messages = MessagesServiceStub(channel)
        self.deliveries = DeliveriesServiceStub(channel)
        vault = Vault(kept_key(process.settings.keys_dir / "notify"))
        self.tokens = UnsubscribeTokens(vault.key(UNSUBSCRIBE))

    async def know(self, person: Principal) -> None:
        request = pb.UpsertRecipientRequest(
            request_id=new_id(),
            subject=person.subject,
            role=person.role,
            schools=person.schools,
            email="p1@school.example",
        )
        await self.as_(person, self.recipients.UpsertRecipient, request)

    async def as_(self, person: Principal, method: Any, request: Any) -> Any:
        token = self._minter.mint(person, ("notify",))
        return await method(request, metadata=(("authorization", f"Bearer {token}"),))

    async def preferences(self, person: Principal = REQUESTER) -> pb.Preferences:
        request = pb.GetPreferencesRequest()
        answer: pb.Preferences = await self.as_(person, self.recipients.GetPreferences, request)
        return answer

    def token(self, category: Category = Category.OUTCOMES, tenant: str = TENANT) -> str:
        return self.tokens.make(Leaving(tenant, "p-1", category), self.clock.now())

    async def holds_one(self) -> bool:
        request = board.ListDeliveriesRequest(
            statuses=[types.MESSAGE_STATUS_HELD], channel=types.CHANNEL_EMAIL
        )
        found = await self.as_(MANAGER, self.deliveries.ListDeliveries, request)
        return bool(found.deliveries)

    async def click(self, token: str) -> httpx.Response:
        return await self.http.post(f"/unsubscribe/{token}", data=ONE_CLICK)


@pytest.fixture
async def stack(tmp_path: Path, sink: Sink, clock: FakeClock) -> AsyncIterator[Stack]:
    values = {"smtp_url": sink.url, "public_url": "https://fund.example"}
    settings = settings_for(tmp_path).model_copy(update=values)
    address = f"http://127.0.0.1:{settings.gateway_port}"
    async with (
        running(settings, services=[build], web=app.build, clock=clock) as process,
        grpc.aio.insecure_channel(process.targets["notify"]) as channel,
        httpx.AsyncClient(base_url=address) as http,
    ):
        yield Stack(process, clock, channel, http)


def opted_out(preferences: pb.Preferences) -> set[types.Category.ValueType]:
    return {
        each.category for each in preferences.categories if types.CHANNEL_EMAIL in each.opt_outs
    }


async def digest_header(stack: Stack, sink: Sink) -> str:
    """Have a digest sent, and return its header by which one leaves."""
    await stack.know(REQUESTER)
    wanted = pb.UpdatePreferencesRequest(request_id=new_id(), categories=[DAILY])
    await stack.as_(REQUESTER, stack.recipients.UpdatePreferences, wanted)
    message = messages.SendMessageRequest(
        request_id=new_id(), template_id="analysis_completed", subjects=["p-1"]
    )
    await stack.as_(MANAGER, stack.messages.SendMessage, message)
    await until(stack.holds_one, what="the message held for its digest")
    stack.clock.set(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))
    await until(lambda: bool(sink.raw), what="the digest")
    assert sink.received[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    lines = sink.raw[0].decode().splitlines()
    return next(line for line in lines if line.startswith("List-Unsubscribe: "))


async def test_the_header_of_a_digest_stops_its_category_by_one_click(
    stack: Stack, sink: Sink
) -> None:
    header = await digest_header(stack, sink)
    prefix = "List-Unsubscribe: <https://fund.example/unsubscribe/"
    assert header.startswith(prefix)

    answer = await stack.click(header.removeprefix(prefix).removesuffix(">"))

    after = await stack.preferences()
    assert (answer.status_code, "no more emails about outcomes" in answer.text) == (200, True)
    assert opted_out(after) == {types.CATEGORY_OUTCOMES}
    assert after.categories[0].digest == pb.DIGEST_DAILY


async def test_looking_changes_nothing_and_the_button_works_twice(stack: Stack) -> None:
    await stack.know(REQUESTER)
    token = stack.token()

    page = await stack.http.get(f"/unsubscribe/{token}")
    before = await stack.preferences()
    clicks = [await stack.click(token) for _ in range(2)]
    after = await stack.preferences()

    assert (page.status_code, '<form method="post">' in page.text) == (200, True)
    assert opted_out(before) == set()
    assert [each.status_code for each in clicks] == [200, 200]
    assert opted_out(after) == {types.CATEGORY_OUTCOMES}
    assert int(after.etag) == int(before.etag) + 1


async def test_a_forged_an_ended_or_a_statutory_link_stops_nothing(stack: Stack) -> None:
    await stack.know(REQUESTER)
    ended = stack.token()
    forged = UnsubscribeTokens(b"x" * 32).make(
        Leaving(TENANT, "p-1", Category.OUTCOMES), stack.clock.now()
    )
    stack.clock.advance(seconds=LIFETIME.total_seconds())
    altered = stack.token()[:-1] + "~"
    tokens = (ended, forged, altered, "nonsense", "ŵ", stack.token(Category.STATUTORY))

    answers = [await stack.click(token) for token in tokens]

    assert {each.status_code for each in answers} == {404}
    assert all("This link does not work" in each.text for each in answers)
    assert opted_out(await stack.preferences()) == set()


async def test_the_link_of_one_authority_stops_nothing_in_another(stack: Stack) -> None:
    elsewhere = who("practitioner", "p-1", "100001", tenant=OTHER_TENANT)
    await stack.know(REQUESTER)
    await stack.know(elsewhere)

    await stack.click(stack.token(tenant=OTHER_TENANT))

    assert opted_out(await stack.preferences()) == set()
    assert opted_out(await stack.preferences(elsewhere)) == {types.CATEGORY_OUTCOMES}


async def test_no_role_of_a_person_may_call_it_and_the_narrow_role_nothing_else(
    stack: Stack,
) -> None:
    await stack.know(REQUESTER)
    leave = pb.UnsubscribeRequest(request_id=new_id(), token=stack.token())
    narrow = who("unsubscriber", "p-1")

    for person in (REQUESTER, MANAGER, who("administrator", "a-1")):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await stack.as_(person, stack.recipients.Unsubscribe, leave)
        assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await stack.preferences(narrow)
    assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED
