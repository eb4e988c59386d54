"""The API as one ASGI application: HTTP in, rpc out, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import structlog
from google.protobuf.message import Message
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway import refusals
from gateway.api import answers, files, tabular
from gateway.api.answers import Asked
from gateway.api.assembly import assemble
from gateway.api.calling import Call, started
from gateway.api.contract import Contract, field_at
from gateway.api.pointers import problem
from gateway.api.problems import Problem
from gateway.api.routing import Match, Routes
from gateway.channels import Channels
from gateway.identity.callers import Callers
from gateway.limits import Limits, Quota
from services.chassis import telemetry
from services.chassis.errors import ServiceError

_PAGE_SIZE_MAX = 200
_CLIENT_GONE = 499
_log = structlog.get_logger("gateway.api")


@dataclass(frozen=True, slots=True)
class _Found:
    match: Match
    twin: str


class Api:
    """Serves every route that the contract declares.

    Args:
        contract: The rpcs.
        channels: Where their services are.
        callers: Who calls.
        limits: How often they may.
    """

    def __init__(
        self, contract: Contract, channels: Channels, *, callers: Callers, limits: Limits
    ) -> None:
        self.contract = contract
        self._routes = Routes(contract.rpcs)
        self._channels = channels
        self._callers = callers
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever it holds, the answer is no traceback."""
        request = Request(scope, receive)
        telemetry.continue_trace(request.headers.get("traceparent", ""))
        try:
            response = await self._serve(request)
        except Problem as fault:
            response = fault.response(telemetry.trace_id())
        except ServiceError as error:
            response = problem(refusals.of_error(error), None).response(telemetry.trace_id())
        except ClientDisconnect:
            response = Response(status_code=_CLIENT_GONE)
        except Exception as error:  # noqa: BLE001  (the last place where a mistake can be caught)
            _log.error("request failed", exc_info=error, trace_id=telemetry.trace_id())
            detail = "Something went wrong on our side. The trace id finds it in our logs."
            response = Problem("INTERNAL", detail, 500).response(telemetry.trace_id())
        await response(scope, receive, send)

    async def _serve(self, request: Request) -> Response:
        found = self._find(request)
        caller = await self._callers.of(request, found.match.rpc.service)
        quota = self._limits.take(caller.bucket)
        if not quota.allowed:
            detail = f"Too many requests; go on in {quota.reset_s} seconds."
            raise Problem("RATE_LIMITED", detail, 429, headers=quota.headers())
        try:
            assembled = await assemble(request, found.match)
            _keep_to(caller.agreement_id, assembled.message)
            call = Call(
                self._channels,
                found.match,
                assembled.message,
                caller.metadata(telemetry.traceparent()),
                conditional=assembled.conditional,
            )
            return await self._answer(request, found, call, quota)
        except Problem as fault:
            fault.headers = {**quota.headers(), **fault.headers}
            raise

    async def _answer(self, request: Request, found: _Found, call: Call, quota: Quota) -> Response:
        rpc, binding, file = found.match.rpc, found.match.binding, found.match.file
        if file is not None:
            head = request.method == "HEAD"
            response = await files.answer(call, file, _asked(request), head=head)
            response.headers.update(quota.headers())
            return response
        if rpc.descriptor.server_streaming:
            lines = await started(call.stream())
            headers = answers.stream_headers(answers.NDJSON, quota.headers())
            body = answers.ndjson(lines, telemetry.trace_id())
            return StreamingResponse(body, headers=headers)
        if found.twin == "csv":
            return await _csv(call, quota)
        response = answers.unary(rpc, await call.unary(), _asked(request), binding.response_body)
        response.headers.update(quota.headers())
        return response

    def _find(self, request: Request) -> _Found:
        path = _raw_path(request)
        method = "GET" if request.method == "HEAD" else request.method
        try:
            return self._route(method, path)
        except UnicodeDecodeError:
            raise Problem("UNKNOWN_ROUTE", "The path is not UTF-8.", 404) from None

    def _route(self, method: str, path: str) -> _Found:
        match = self._routes.find(method, path)
        if match is not None:
            return _Found(match, "")
        stem, _, suffix = path.rpartition(".")
        listing = self._routes.find("GET", stem) if suffix in {"csv", "json"} else None
        if listing is not None and not _has_twins(listing):
            listing = None
        if listing is not None and method == "GET":
            return _Found(listing, suffix)
        allowed = ["GET"] if listing is not None else self._routes.allowed(path)
        if allowed:
            detail = f"This path knows {', '.join(allowed)}."
            raise Problem("METHOD_NOT_ALLOWED", detail, 405, headers={"Allow": ", ".join(allowed)})
        raise Problem("UNKNOWN_ROUTE", "This API has no such path.", 404)


def _keep_to(agreement_id: str, message: Message) -> None:
    """Refuse to a caller who is bound to one agreement the calls that name another."""
    for name in ("agreement_id", "feed_id"):
        named = field_at(message, name)
        if agreement_id and named is not None and named != agreement_id:
            raise Problem("AGREEMENT_NOT_FOUND", "The key is for another agreement.", 404)


def _raw_path(request: Request) -> str:
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.decode("ascii", "replace").partition("?")[0]


def _has_twins(match: Match) -> bool:
    last = match.binding.template.segments[-1]
    return (
        match.rpc.items is not None and last not in {"*", "**"} and not match.binding.template.verb
    )


def _asked(request: Request) -> Asked:
    return Asked(
        method="GET" if request.method == "HEAD" else request.method,
        path=_raw_path(request),
        query=request.scope["query_string"].decode("ascii", "replace"),
        if_none_match=request.headers.get("if-none-match", ""),
    )


async def _csv(call: Call, quota: Quota) -> Response:
    """Return one page when the caller named a page, else every page, one after the other."""
    request: Any = call.message
    paged = call.match.rpc.takes("page_size")
    named = paged and bool(request.page_size or request.page_token)
    if paged and not named:
        request.page_size = _PAGE_SIZE_MAX
    first = await call.unary()
    name = call.match.binding.template.segments[-1]
    extra = {"Content-Disposition": f'attachment; filename="{name}.csv"', **quota.headers()}
    headers = answers.stream_headers(tabular.MEDIA_TYPE, extra)
    return StreamingResponse(_csv_pages(call, first, only_one=named), headers=headers)


async def _csv_pages(call: Call, page: Message, *, only_one: bool) -> AsyncIterator[str]:
    # A page that fails ends the connection before its time, so a part is never taken for all.
    items = call.match.rpc.items
    assert items is not None
    assert items.message_type is not None
    columns = tabular.columns(items.message_type)
    yield tabular.lines(columns, getattr(page, items.name), header=True)
    token = answers.page_token(page)
    while token and not only_one:
        request: Any = type(call.message)()
        request.CopyFrom(call.message)
        request.page_token = token
        page = await replace(call, message=request).unary()
        yield tabular.lines(columns, getattr(page, items.name), header=False)
        token = answers.page_token(page)
