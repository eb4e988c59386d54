"""The library, a gateway before it, and a client with a good token."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import app as gateway
from gateway.api.contract import Contract, load
from gateway.api.transcoder import Api
from gateway.channels import Channels
from gateway.identity.callers import SessionOrBearer
from gateway.identity.demo import Persona
from gateway.identity.origin import SessionCookie
from gateway.identity.provider import Identity
from gateway.identity.service_keys import ServiceKeys
from gateway.identity.sessions import Sessions
from gateway.identity.tokens import SessionTokens
from gateway.limits import Limits, Policy
from services.chassis.database import Database
from services.chassis.runtime import running
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenMinter, TokenVerifier
from services.fund import app as fund
from tests.gateway.api.library import Library, Server, compile_image
from tests.gateway.api.over_the_fund import Office
from tests.support.clock import FakeClock

PERSONA = Persona(
    "ana", Identity("ana", "Ana", "practitioner", "E06000050", "Demonstration Borough", ("100001",))
)


@dataclass(slots=True)
class Stack:
    """All that a test of the API touches."""

    client: httpx.AsyncClient
    library: Library
    server: Server
    sessions: Sessions
    keys: ServiceKeys
    minter: TokenMinter
    clock: FakeClock
    api: Api

    def bearer(self, *audience: str) -> dict[str, str]:
        token = self.minter.mint(PERSONA.identity.principal(), audience or ("library",))
        return {"Authorization": f"Bearer {token}"}

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.bearer(), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)


@pytest.fixture(scope="session")
def library_contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return load(compile_image(tmp_path_factory.mktemp("library")))


@pytest.fixture
def policy() -> Policy:
    return Policy()


@pytest.fixture
async def stack(
    library_contract: Contract, tmp_path: Path, clock: FakeClock, policy: Policy
) -> AsyncIterator[Stack]:
    library = Library()
    server = Server(library, f"unix:{tmp_path}/library.sock")
    await server.start()
    keys = TokenKeys(tmp_path / "keys")
    keys.create_first()
    minter = TokenMinter(keys, clock)
    database = Database(f"sqlite:///{tmp_path}/gateway.sqlite3")
    database.start()
    sessions = Sessions(database, clock)
    keys_kept = ServiceKeys(database, clock)
    await sessions.prepare()
    await keys_kept.prepare()
    channels = Channels({"library": server.target})
    callers = SessionOrBearer(
        {"library": TokenVerifier(keys, "library", clock)},
        sessions,
        keys_kept,
        cookie=SessionCookie(secure=False),
        tokens=SessionTokens(minter, clock),
    )
    api = Api(library_contract, channels, callers=callers, limits=Limits(policy, time.monotonic))
    transport = httpx.ASGITransport(api, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield Stack(client, library, server, sessions, keys_kept, minter, clock, api)
    await channels.close()
    await server.stop()
    database.close()


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The fund and the gateway in one process, with money in a budget."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("office"), gateway_port=0, operations_port=0
    )
    async with (
        running(settings, services=[fund.build], web=gateway.build) as process,
        httpx.AsyncClient(base_url=process.gateway_url, timeout=30) as http,
    ):
        yield await Office.open(http, settings)
