"""Two ways to call the product by the name of an rpc: gRPC, and the REST route it is bound to."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, cast
from urllib.parse import quote

import grpc
import httpx
from google.protobuf import json_format
from google.protobuf.message import Message
from localresponse.outcomes.v1.feeds_service_pb2 import FilePart

from gateway.api.calling import bound
from gateway.api.contract import Contract, Rpc
from services.chassis.auth import Principal
from services.chassis.errors import Code, ServiceError, restored
from services.chassis.ids import new_id
from services.chassis.status import failure_of
from services.chassis.tokens import TokenMinter

AUDIENCE = ("fund", "outcomes", "notify", "gateway")
Json = dict[str, Any]
_CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "FAILED_PRECONDITION",
    412: "ABORTED",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class Api(Protocol):
    """Calls an rpc as somebody."""

    async def call(self, method: str, who: Principal, body: Json) -> Json:
        """Return the answer of `method` (`fund.PurchasesService.GetPurchase`) as proto3 JSON.

        Raises:
            ServiceError: The refusal, with its code and reason.
        """
        ...


class _Named:
    def __init__(self, contract: Contract) -> None:
        self._rpcs = {
            f"{rpc.service}.{rpc.descriptor.containing_service.name}.{rpc.descriptor.name}": rpc
            for rpc in contract.rpcs
        }

    def find(self, method: str, body: Json) -> tuple[Rpc, Json]:
        """Return the rpc and the body, with a request id where it needs one and has none."""
        rpc = self._rpcs[method]
        if rpc.takes("request_id") and "request_id" not in body:
            body = {"request_id": new_id(), **body}
        return rpc, body


class GrpcApi:
    """Calls over gRPC.

    Args:
        contract: What can be called.
        channels: One for each service, by its short name.
        minter: Makes the tokens.
    """

    def __init__(
        self, contract: Contract, channels: Mapping[str, grpc.aio.Channel], minter: TokenMinter
    ) -> None:
        self._named = _Named(contract)
        self._channels = channels
        self._minter = minter

    async def call(self, method: str, who: Principal, body: Json) -> Json:
        """Call `method` and return its answer as JSON."""
        rpc, body = self._named.find(method, body)
        answer = await self.send(method, who, json_format.ParseDict(body, rpc.request()))
        return json_format.MessageToDict(
            answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )

    async def send(self, method: str, who: Principal, request: Message) -> Message:
        """Call `method` with a message and return its answer as one."""
        rpc, _ = self._named.find(method, {})
        call = bound(rpc, self._channels[rpc.service].unary_unary)
        try:
            answer: Message = await call(request, metadata=self._metadata(who), timeout=60)
        except grpc.aio.AioRpcError as error:
            raise _refusal(error) from error
        return answer

    async def stream(self, method: str, who: Principal, parts: AsyncIterator[Message]) -> Json:
        """Call a client-streaming `method` and return its answer as JSON."""
        rpc, _ = self._named.find(method, {})
        call = bound(rpc, self._channels[rpc.service].stream_unary)
        try:
            answer: Message = await call(parts, metadata=self._metadata(who), timeout=600)
        except grpc.aio.AioRpcError as error:
            raise _refusal(error) from error
        return json_format.MessageToDict(answer, preserving_proto_field_name=True)

    async def download(self, method: str, who: Principal, body: Json) -> bytes:
        """Call a server-streaming `method` that sends a file, and return the file."""
        rpc, _ = self._named.find(method, {})
        call = bound(rpc, self._channels[rpc.service].unary_stream)
        request = json_format.ParseDict(body, rpc.request())
        try:
            parts = call(request, metadata=self._metadata(who), timeout=60)
            return b"".join([cast("FilePart", part).content async for part in parts])
        except grpc.aio.AioRpcError as error:
            raise _refusal(error) from error

    def _metadata(self, who: Principal) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self._minter.mint(who, AUDIENCE)}"),)


class RestApi:
    """Calls the REST route that the contract binds to an rpc.

    Args:
        contract: What can be called, and where.
        client: Its base URL is the gateway.
        minter: Makes the tokens.
    """

    def __init__(self, contract: Contract, client: httpx.AsyncClient, minter: TokenMinter) -> None:
        self._named = _Named(contract)
        self._client = client
        self._minter = minter

    async def call(self, method: str, who: Principal, body: Json) -> Json:
        """Call the route of `method` and return its answer as JSON."""
        rpc, body = self._named.find(method, body)
        binding = rpc.bindings[0]
        path, rest = _path(binding.template.text, body)
        headers = {"authorization": f"Bearer {self._minter.mint(who, AUDIENCE)}"}
        if "request_id" in rest:
            headers["idempotency-key"] = f'"{rest.pop("request_id")}"'
        answer = await self._client.request(
            binding.method,
            path,
            params=None if binding.body else {name: _plain(value) for name, value in rest.items()},
            json=rest if binding.body else None,
            headers=headers,
        )
        if answer.is_error:
            raise _problem(answer)
        message = json_format.Parse(answer.content, rpc.answer())
        return json_format.MessageToDict(
            message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )


def bytes_field(content: bytes) -> str:
    """Return bytes as proto3 JSON has them."""
    return base64.b64encode(content).decode()


def _path(template: str, body: Json) -> tuple[str, Json]:
    """Fill the template's variables from the body; return what is left of the body."""
    rest = {name: dict(value) if isinstance(value, dict) else value for name, value in body.items()}
    path = template
    while "{" in path:
        before, _, after = path.partition("{")
        variable, _, tail = after.partition("}")
        owner = rest
        *parents, leaf = variable.split("=")[0].split(".")
        for parent in parents:
            owner = owner[parent]
        path = before + quote(str(owner.pop(leaf)), safe="") + tail
    return path, rest


def _plain(value: object) -> str | list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(error: grpc.aio.AioRpcError) -> Exception:
    failure = failure_of(error)
    return _error(failure.code, failure.reason, failure.message)


def _problem(answer: httpx.Response) -> Exception:
    problem = answer.json()
    code = _CODES.get(answer.status_code, "INTERNAL")
    return _error(code, problem["reason"], problem["detail"])


def _error(code: str, reason: str, message: str) -> Exception:
    if code not in Code.__members__:
        return RuntimeError(f"{code}: {message}")
    error: ServiceError = restored(Code(code), reason, message, field="", metadata={})
    return error
