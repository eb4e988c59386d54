"""The fund behind its real server: tokens, validation and refusals as a client meets them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status
from localresponse.fund.v1 import purchases_service_pb2 as pb
from localresponse.fund.v1 import purchases_service_pb2_grpc as rpc

from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.runtime import Running, running
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.fund.app import build
from tests.fund.world import CHILD, OFFICER, PRACTITIONER, rid, submission


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Running]:
    settings = Settings(data_dir=tmp_path, operations_port=0, gateway_port=0)
    async with running(settings, services=[build]) as process:
        yield process


async def refused(process: Running, who: Principal, method: str, request: Any) -> Any:
    minter = TokenMinter(TokenKeys(process.settings.tokens_dir), SystemClock())
    metadata = (("authorization", f"Bearer {minter.mint(who, ('fund',))}"),)
    async with grpc.aio.insecure_channel(process.targets["fund"]) as channel:
        stub = rpc.PurchasesServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await getattr(stub, method)(request, metadata=metadata)
    status: Any = rpc_status.from_call(error.value)
    info = ErrorInfo()
    status.details[0].Unpack(info)
    return error.value.code(), info.reason


async def test_refusals_carry_their_reason(process: Running) -> None:
    unknown = pb.GetPurchaseRequest(purchase_id=CHILD)
    bad_urn = submission(school_urn="12")
    bad_id = submission(request_id="x")

    answers = [
        await refused(process, OFFICER, "GetPurchase", unknown),
        await refused(process, OFFICER, "SubmitPurchase", submission()),
        await refused(process, PRACTITIONER, "SubmitPurchase", bad_urn),
        await refused(process, PRACTITIONER, "SubmitPurchase", bad_id),
        await refused(process, PRACTITIONER, "SubmitPurchase", submission()),
    ]

    assert answers == [
        (grpc.StatusCode.NOT_FOUND, "PURCHASE_NOT_FOUND"),
        (grpc.StatusCode.PERMISSION_DENIED, "ACTION_NOT_ALLOWED"),
        (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        (grpc.StatusCode.FAILED_PRECONDITION, "NO_BUDGET_FOR_SCHOOL"),
    ]


async def test_the_same_id_with_another_input_is_refused(process: Running) -> None:
    request_id = rid()
    first = submission("5", request_id=request_id)
    other = submission("6", request_id=request_id)

    await refused(process, PRACTITIONER, "SubmitPurchase", first)

    _, reason = await refused(process, PRACTITIONER, "SubmitPurchase", other)
    assert reason == "REQUEST_ID_REUSED"
