"""The whole service as the runtime runs it: its address, its tokens, its jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from localresponse.notify.v1 import deliveries_service_pb2 as board
from localresponse.notify.v1 import messages_service_pb2 as pb
from localresponse.notify.v1 import recipients_service_pb2 as recipients
from localresponse.notify.v1.deliveries_service_pb2_grpc import DeliveriesServiceStub
from localresponse.notify.v1.messages_service_pb2_grpc import MessagesServiceStub
from localresponse.notify.v1.recipients_service_pb2_grpc import RecipientsServiceStub

from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.ids import new_id
from services.chassis.runtime import Running, running
from services.chassis.tokens import TokenKeys, TokenMinter
from services.notify.app import build
from tests.notify.house import MANAGER, REQUESTER
from tests.notify.sink import Sink
from tests.support.stack import settings_for
from tests.support.waiting import until


@pytest.fixture
async def process(tmp_path: Path, sink: Sink) -> AsyncIterator[Running]:
    settings = settings_for(tmp_path).model_copy(update={"smtp_url": sink.url})
    async with running(settings, services=[build]) as process:
        yield process


def bearer(process: Running, who: Principal) -> tuple[tuple[str, str], ...]:
    keys = TokenKeys(process.settings.tokens_dir)
    token = TokenMinter(keys, SystemClock()).mint(who, ("notify",))
    return (("authorization", f"Bearer {token}"),)


async def test_a_message_sent_by_hand_arrives_in_page_and_mailbox(
    process: Running, sink: Sink
) -> None:
    async with grpc.aio.insecure_channel(process.targets["notify"]) as channel:
        await RecipientsServiceStub(channel).UpsertRecipient(
            recipients.UpsertRecipientRequest(
                request_id=new_id(),
                subject="p-1",
                role="practitioner",
                schools=["100001"],
                email="p1@school.example",
            ),
            metadata=bearer(process, REQUESTER),
        )
        await MessagesServiceStub(channel).SendMessage(
            pb.SendMessageRequest(
                request_id=new_id(), template_id="analysis_completed", subjects=["p-1"]
            ),
            metadata=bearer(process, MANAGER),
        )

        async def shown() -> bool:
            inbox = await MessagesServiceStub(channel).ListMessages(
                pb.ListMessagesRequest(), metadata=bearer(process, REQUESTER)
            )
            return [each.title for each in inbox.messages] == ["An analysis is ready"]

        # Each goes its own way, and neither waits for the other.
        await until(lambda: bool(sink.raw), what="the e-mail")
        await until(shown, what="the message on the page")


async def test_a_practitioner_does_not_see_the_board(process: Running) -> None:
    async with grpc.aio.insecure_channel(process.targets["notify"]) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await DeliveriesServiceStub(channel).ListDeliveries(
                board.ListDeliveriesRequest(), metadata=bearer(process, REQUESTER)
            )

    assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED
