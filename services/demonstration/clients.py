"""Clients of a running product: gRPC channels and the gateway's REST, with personas' tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
import httpx

from gateway.api import contract
from services.chassis.clock import Clock
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.demonstration.api import GrpcApi, RestApi

_MESSAGE_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Clients:
    """Both ways to call one running product."""

    grpc: GrpcApi
    rest: RestApi
    http: httpx.AsyncClient


@asynccontextmanager
async def connected(
    settings: Settings, clock: Clock, *, targets: Mapping[str, str], gateway_url: str
) -> AsyncIterator[Clients]:
    """Open channels to `targets` (by service) and a client of the gateway."""
    options = [("grpc.max_send_message_length", _MESSAGE_MAX)]
    channels = {
        name: grpc.aio.insecure_channel(target, options=options) for name, target in targets.items()
    }
    minter = TokenMinter(TokenKeys(settings.tokens_dir), clock)
    known = contract.load()
    async with httpx.AsyncClient(base_url=gateway_url, timeout=60) as http:
        try:
            yield Clients(GrpcApi(known, channels, minter), RestApi(known, http, minter), http)
        finally:
            await asyncio.gather(*(channel.close() for channel in channels.values()))
