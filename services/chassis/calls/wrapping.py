"""Each rpc as gRPC serves it: bytes in, the checks, the handler, bytes out, and one log line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

import grpc
import structlog
from google.protobuf.message import Message
from prometheus_client import Histogram

from services.chassis import audit, auth, status, telemetry
from services.chassis.calls.guard import Guard, parse
from services.chassis.calls.methods import Method, methods_of
from services.chassis.errors import PermissionDenied, ServiceError, Unavailable

DEADLINE_S = 30.0
"""For a unary call whose client set none."""
STREAM_DEADLINE_S = 900.0
"""For a stream whose client set none."""

_log = structlog.get_logger()
_SECONDS = Histogram(
    "grpc_server_handling_seconds",
    "Time from a call's arrival to its answer.",
    ["rpc", "code"],
    registry=telemetry.REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_Context = grpc.aio.ServicerContext[bytes, bytes]


def handler_of(implementation: object, service: str, guard: Guard) -> grpc.GenericRpcHandler:
    """Return gRPC's handler for a whole servicer, every method behind the checks.

    Args:
        implementation: Has an attribute for each rpc of the service.
        service: The proto service's full name.
        guard: The checks.

    Raises:
        AttributeError: A method is not implemented.
    """
    handlers = {
        method.name: _handler(method, getattr(implementation, method.name), guard)
        for method in methods_of(service)
    }
    return grpc.method_handlers_generic_handler(service, handlers)


def _handler(method: Method, behaviour: Any, guard: Guard) -> grpc.RpcMethodHandler[Any, Any]:
    """Wrap one method; requests stay bytes here, so that bad bytes get a refusal of ours."""

    async def answers_one(incoming: Any, context: _Context) -> bytes:
        async with _Serving(method, guard, context):
            async with asyncio.timeout(_limit(context, method)):
                answer: Message = await behaviour(_incoming(method, incoming), context)
            return answer.SerializeToString()

    async def answers_many(incoming: Any, context: _Context) -> AsyncIterator[bytes]:
        async with _Serving(method, guard, context) as call:
            if method.audited:
                # Answers leave before the call ends, so its record goes first.
                await guard.record(call)
                call.recorded = True
            async with asyncio.timeout(_limit(context, method)):
                async for answer in behaviour(_incoming(method, incoming), context):
                    yield answer.SerializeToString()

    match method.streams_in, method.streams_out:
        case False, False:
            return grpc.unary_unary_rpc_method_handler(answers_one)
        case True, False:
            return grpc.stream_unary_rpc_method_handler(answers_one)
        case False, True:
            return grpc.unary_stream_rpc_method_handler(answers_many)
        case _:
            return grpc.stream_stream_rpc_method_handler(answers_many)


def _incoming(method: Method, incoming: Any) -> Any:
    return _each(method, incoming) if method.streams_in else parse(method, incoming)


async def _each(method: Method, incoming: AsyncIterator[bytes]) -> AsyncIterator[Message]:
    async for raw in incoming:
        yield parse(method, raw)


def _limit(context: _Context, method: Method) -> float | None:
    """Return our own limit when the client set none; gRPC ends the call at the client's."""
    # Typed as never None, but it is when there is no deadline.
    remaining: float | None = context.time_remaining()
    if remaining is not None:
        return None
    return STREAM_DEADLINE_S if method.streams_in or method.streams_out else DEADLINE_S


class _Serving:
    """One call from its arrival to its end, however it ends."""

    __slots__ = ("_call", "_context", "_guard", "_method", "_started")

    def __init__(self, method: Method, guard: Guard, context: _Context) -> None:
        self._method, self._guard, self._context = method, guard, context
        self._call: audit.AuditedCall | None = None
        self._started = time.perf_counter()

    async def __aenter__(self) -> audit.AuditedCall:
        try:
            return self._admit()
        except Exception as error:
            await self._end(error)
            raise

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self._end(error)

    def _admit(self) -> audit.AuditedCall:
        metadata: dict[str, Any] = dict(self._context.invocation_metadata() or ())
        telemetry.continue_trace(metadata.get("traceparent", ""))
        principal = self._guard.identify(metadata.get("authorization", ""))
        action = self._method.action
        decision = auth.decide_role(self._guard.actions, principal, action)
        self._call = audit.AuditedCall(principal, self._method.rpc, action, decision.rule)
        auth.refuse(decision, action)
        auth.enter(principal)
        audit.enter(self._call)
        return self._call

    async def _end(self, error: BaseException | None) -> None:
        error = await self._recorded(error)
        match error:
            case None:
                self._report("OK", "")
            case ServiceError():
                self._report(error.code, error.reason)
                await status.abort(self._context, status.status_of(error))
            case TimeoutError():
                await self._fail("DEADLINE_EXCEEDED", "the call took too long")
            case NotImplementedError():
                await self._fail("UNIMPLEMENTED", "this rpc is not served yet")
            case asyncio.CancelledError() | GeneratorExit():
                self._report("CANCELLED", "")
            case _:
                self._report("INTERNAL", "INTERNAL", error)
                await status.abort(self._context, status.internal_status(telemetry.trace_id()))

    async def _recorded(self, error: BaseException | None) -> BaseException | None:
        """Write the audit row unless the call's own commit did; return how the call now ends.

        A call that cannot be recorded is not answered well; a refusal stays what it was.
        """
        call = self._call
        if call is None or not (self._method.audited or isinstance(error, PermissionDenied)):
            return error
        lost = error is not None and not _decided(error)
        if (call.recorded and not lost) or not isinstance(error, Exception | None):
            return error
        try:
            await self._guard.record(call, error)
        except Exception as failure:  # noqa: BLE001  (whatever it was, the row is lost)
            _log.exception("audit row lost", rpc=self._method.rpc)
            return error or failure
        return error

    async def _fail(self, code: str, message: str) -> None:
        self._report(code, code)
        await status.abort(self._context, status.library_status(code, message))

    def _report(self, code: str, reason: str, error: BaseException | None = None) -> None:
        seconds = time.perf_counter() - self._started
        trace = telemetry.trace_id()
        _SECONDS.labels(self._method.rpc, code).observe(seconds, {"trace_id": trace})
        who = self._call.principal if self._call else None
        line = {
            "rpc": self._method.rpc,
            "code": code,
            "reason": reason,
            "ms": round(seconds * 1000, 2),
            "tenant": who.tenant if who else "",
            "role": who.role if who else "",
            "trace_id": trace,
        }
        if error is not None:
            _log.error("rpc", **line, exc_info=error)
        else:
            _log.info("rpc", **line)


def _decided(error: BaseException) -> bool:
    """Return whether a commit of the call's own can have carried its refusal."""
    return isinstance(error, ServiceError) and not isinstance(error, Unavailable)
