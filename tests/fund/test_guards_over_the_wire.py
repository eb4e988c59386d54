"""The guards of approvals as clients meet them: by gRPC and by REST, the same refusal."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.json_format import ParseDict
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status
from localresponse.fund.v1 import payments_service_pb2 as payments
from localresponse.fund.v1 import payments_service_pb2_grpc as payments_rpc
from localresponse.fund.v1 import purchase_requests_pb2 as requests
from localresponse.fund.v1 import purchases_service_pb2_grpc as rpc

from gateway import app as gateway
from services.chassis.auth import Principal
from services.chassis.clock import SystemClock
from services.chassis.runtime import running
from services.chassis.settings import SERVICES, Settings
from services.fund import app as fund
from tests.gateway.api.over_the_fund import PEOPLE, SCHOOL, TENANT, Office, key, pounds, submission

OFFICER, SECOND, PRACTITIONER = PEOPLE["officer"], PEOPLE["second"], PEOPLE["practitioner"]
BOTH = Principal(TENANT, OFFICER.subject, "practitioner", frozenset({SCHOOL}))
APPROVAL = {"reason": "seen, and needed again"}


@dataclass(frozen=True, slots=True)
class Wire:
    """A running fund behind its gateway, called both ways."""

    office: Office
    target: str

    def bearer(self, who: Principal) -> str:
        return f"Bearer {self.office.minter.mint(who, SERVICES)}"

    async def post(self, who: Principal, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": self.bearer(who), **key()}
        answer = await self.office.http.post(f"/api/v1/{path}", json=body, headers=headers)
        return answer.json()

    async def ask(self, who: Principal, pounds_: str, **changes: Any) -> str:
        body = submission(pounds_, childIds=[str(uuid.uuid4())], supplierName=str(uuid.uuid4()))
        return str((await self.post(who, "purchases", body | changes))["id"])

    async def reasons(self, who: Principal, step: str, purchase_id: str, **body: Any) -> set[str]:
        """Return the reasons of the refusals by REST and by gRPC."""
        path = f"purchases/{purchase_id}:{step}"
        by_rest = await self.post(who, path, body)
        name = f"{step.capitalize()}Purchase"
        fields = {"requestId": str(uuid.uuid4()), "purchaseId": purchase_id, **body}
        request = ParseDict(fields, getattr(requests, f"{name}Request")())
        async with grpc.aio.insecure_channel(self.target) as channel:
            method = getattr(rpc.PurchasesServiceStub(channel), name)
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await method(request, metadata=(("authorization", self.bearer(who)),))
        return {by_rest["reason"], reason_of(error.value)}


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """Return the stable reason of a refusal by gRPC."""
    status: Any = rpc_status.from_call(error)
    info = ErrorInfo()
    status.details[0].Unpack(info)
    return str(info.reason)


@pytest.fixture(scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("wire"), gateway_port=0, operations_port=0)
    async with (
        running(settings, services=[fund.build], web=gateway.build) as process,
        httpx.AsyncClient(base_url=process.gateway_url, timeout=30) as http,
    ):
        office = await Office.open(http, settings)
        yield Wire(office, process.targets["fund"])


async def self_approval(wire: Wire) -> set[str]:
    asked = await wire.ask(BOTH, "1")
    return await wire.reasons(OFFICER, "approve", asked, **APPROVAL)


async def splitting(wire: Wire) -> set[str]:
    same = {"childIds": [str(uuid.uuid4())], "supplierName": "One shop"}
    first = await wire.ask(PRACTITIONER, "300", **same)
    second = await wire.ask(PRACTITIONER, "201", **same)
    await wire.post(OFFICER, f"purchases/{first}:approve", APPROVAL)
    return await wire.reasons(OFFICER, "approve", second, **APPROVAL)


async def delegation(wire: Wire) -> set[str]:
    until = {"year": SystemClock().now().year + 1, "month": 1, "day": 1}
    ids = {"delegatorId": OFFICER.subject, "deputyId": SECOND.subject}
    await wire.post(OFFICER, "covers", {**ids, "validToDate": until})
    asked = await wire.ask(BOTH, "1")
    stand_in = {**APPROVAL, "onBehalfOfId": OFFICER.subject}
    return await wire.reasons(SECOND, "approve", asked, **stand_in)


async def edit_after_approval(wire: Wire) -> set[str]:
    asked = await amended(wire, "2")
    return await wire.reasons(OFFICER, "order", asked)


async def lowered_limit(wire: Wire) -> set[str]:
    asked = await amended(wire, "2")
    lower = {"officerId": OFFICER.subject, "limit": pounds("1")}
    await wire.post(SECOND, "delegated-limits", lower)
    return await wire.reasons(OFFICER, "approve", asked, **APPROVAL)


async def amended(wire: Wire, cost: str) -> str:
    """Return a request that was approved and then edited."""
    asked = await wire.ask(PRACTITIONER, cost)
    await wire.post(OFFICER, f"purchases/{asked}:approve", APPROVAL)
    again = submission(cost, supplierName=str(uuid.uuid4()), requestId=str(uuid.uuid4()))
    body = {"reason": "another shop", "purchase": again}
    edited = await wire.post(PRACTITIONER, f"purchases/{asked}:amend", body)
    assert edited["state"] == "PURCHASE_STATE_SUBMITTED", edited
    return asked


async def invoiced(wire: Wire, net: str) -> dict[str, Any]:
    """Return a purchase of £1 that is on order and invoiced."""
    asked = await wire.ask(PRACTITIONER, "1")
    await wire.post(OFFICER, f"purchases/{asked}:approve", APPROVAL)
    await wire.post(OFFICER, f"purchases/{asked}:order", {})
    paper = {"invoiceNumber": "1", "net": pounds(net)}
    return dict(await wire.post(OFFICER, f"purchases/{asked}:invoice", paper))


async def invoice_above_the_order(wire: Wire) -> set[str]:
    purchase = await invoiced(wire, "2")
    (kept,) = purchase["invoices"]
    assert kept["state"] == "INVOICE_STATE_DISPUTED", purchase
    return await wire.reasons(OFFICER, "close", str(purchase["id"]))


GUARDS = [
    pytest.param(self_approval, "REQUESTER_MAY_NOT_DECIDE", id="self-approval"),
    pytest.param(splitting, "OVER_DELEGATED_LIMIT", id="splitting under the limit"),
    pytest.param(delegation, "REQUESTER_MAY_NOT_DECIDE", id="delegation round segregation"),
    pytest.param(edit_after_approval, "WRONG_STATE", id="edit after approval"),
    pytest.param(invoice_above_the_order, "INVOICE_IN_DISPUTE", id="closing over a dispute"),
    pytest.param(lowered_limit, "OVER_DELEGATED_LIMIT", id="again after the limit was lowered"),
]


@pytest.mark.parametrize(("act", "reason"), GUARDS)
async def test_a_guard_refuses_by_rest_and_by_grpc_alike(
    wire: Wire, act: Callable[[Wire], Awaitable[set[str]]], reason: str
) -> None:
    assert await act(wire) == {reason}


async def test_a_payee_on_hold_is_listed_with_its_moment_and_not_paid(wire: Wire) -> None:
    purchase = await invoiced(wire, "1")
    payee = {"accountHolder": "A shop", "sortCode": "200000", "accountNumber": "12345678"}
    path = f"suppliers/{purchase['supplierId']}:proposePayee"
    change = await wire.post(OFFICER, path, {**payee, "reason": "rang them"})
    confirmed = await wire.post(SECOND, f"payee-changes/{change['id']}:confirm", {})

    headers = {"Authorization": wire.bearer(SECOND)}
    listed = await wire.office.http.get("/api/v1/dueInvoices", headers=headers)
    (due,) = listed.json()["dueInvoices"]
    by_rest = await wire.post(SECOND, "paymentFiles", {})
    async with grpc.aio.insecure_channel(wire.target) as channel:
        create = payments_rpc.PaymentsServiceStub(channel).CreatePaymentFile
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await create(
                payments.CreatePaymentFileRequest(request_id=str(uuid.uuid4())),
                metadata=(("authorization", wire.bearer(SECOND)),),
            )

    assert due["holdReason"] == "HOLD_REASON_PAYEE_ON_HOLD"
    assert due["heldUntilTime"] == confirmed["inForceTime"]
    assert "12345678" not in str(confirmed)
    assert {by_rest["reason"], reason_of(error.value)} == {"PAYEE_ON_HOLD"}
