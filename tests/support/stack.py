"""The whole product for journeys: in one process, or in four with a broker beside them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
from pydantic import SecretStr

from gateway.api import contract
from services.chassis.clock import SharedClock, SystemClock
from services.chassis.nats_server import Identity, NatsServer
from services.chassis.runtime import running
from services.chassis.settings import SERVICES, Settings
from services.chassis.tokens import TokenKeys, TokenMinter
from services.cli import parts
from services.demonstration.api import GrpcApi, RestApi
from tests.support.postgres import free_port
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = "gateway"
# A service that was killed is called again as soon as it is back.
_OPTIONS = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
_STARTED = '"event":"started"'


@dataclass(slots=True)
class Stack:
    """A running product and two ways to call it.

    Attributes:
        broker: The supervised nats-server.
        grpc: Calls by gRPC, straight to the services.
        rest: Calls by REST, through the gateway.
        processes: By part, where each has one of its own.
    """

    settings: Settings
    broker: NatsServer
    grpc: GrpcApi
    rest: RestApi
    processes: dict[str, PartProcess] = field(default_factory=dict)

    @property
    def clock(self) -> SharedClock:
        """The clock that every process of it shares; a test may move it."""
        assert self.settings.clock_file is not None
        return SharedClock(self.settings.clock_file)


class PartProcess:
    """`localresponse serve <part>` as a process of its own, to be killed and started again."""

    def __init__(self, part: str, environment: Mapping[str, str], log: Path) -> None:
        self._part, self._environment, self._log = part, dict(environment), log
        self._process: Process | None = None

    async def start(self) -> None:
        """Start it and return when it says so."""
        self._log.write_text("")
        with self._log.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "services", "serve", self._part),
                cwd=ROOT,
                env=os.environ | self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await until(self._has_started, within_s=60, what=f"{self._part} started")

    async def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """Ask it to leave; return how it ended, 0 when it never began."""
        if self._process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        return await self._process.wait()

    def _has_started(self) -> bool:
        said = self._log.read_text()
        assert self._process is not None
        assert self._process.returncode is None, said
        return _STARTED in said


def settings_for(folder: Path, urls: Mapping[str, str] | None = None) -> Settings:
    """Return settings for a folder of a test and, by service, database URLs."""
    values: dict[str, Any] = {
        f"{name}_database_url": SecretStr(url) for name, url in (urls or {}).items()
    }
    return Settings(
        data_dir=folder,
        clock_file=folder / "clock.json",
        gateway_port=free_port(),
        operations_port=0,
        migrate_at_start=True,
        **values,
    )


@contextlib.asynccontextmanager
async def one_process(settings: Settings) -> AsyncIterator[Stack]:
    """Run everything in this process."""
    async with running(settings, services=parts.builders(), web=parts.web()) as process:
        assert process.broker.server is not None
        async with _clients(settings) as (by_grpc, by_rest):
            yield Stack(settings, process.broker.server, by_grpc, by_rest)


@contextlib.asynccontextmanager
async def four_processes(settings: Settings) -> AsyncIterator[Stack]:
    """Run each service and the gateway in a process of its own, on the same settings."""
    clock = SystemClock()
    services = [build(settings, clock) for build in parts.builders()]
    identities = [
        Identity(service.name, tuple(consumer.name for consumer in service.consumers))
        for service in services
    ]
    broker = NatsServer(settings.data_dir / "nats", identities)
    await broker.start()
    environment = _environment(settings, broker, SERVICES)
    processes = {
        part: PartProcess(part, environment, settings.data_dir / f"{part}.log")
        for part in (*SERVICES, GATEWAY)
    }
    try:
        await asyncio.gather(*(process.start() for process in processes.values()))
        async with _clients(settings) as (by_grpc, by_rest):
            yield Stack(settings, broker, by_grpc, by_rest, processes)
    finally:
        await asyncio.gather(*(process.stop() for process in processes.values()))
        await broker.stop()


def _environment(settings: Settings, broker: NatsServer, services: Sequence[str]) -> dict[str, str]:
    """Write each secret to a file and return the variables of every process."""
    values = {
        "DATA_DIR": str(settings.data_dir),
        "CLOCK_FILE": str(settings.clock_file),
        "GATEWAY_PORT": str(settings.gateway_port),
        "OPERATIONS_PORT": "0",
        "MIGRATE_AT_START": "true",
        "NATS_URL": broker.url,
        "NATS_CREDENTIALS_DIR": str(broker.seed_file("ops").parent),
        "LOG_LEVEL": settings.log_level,
    }
    for service in services:
        broker.seed_file(service)
    for database in (*services, "outcomes_keys"):
        path = settings.data_dir / f"{database}.url"
        path.touch(mode=0o600)
        path.write_text(settings.database_url(database))
        values[f"{database.upper()}_DATABASE_URL_FILE"] = str(path)
    return {f"LOCALRESPONSE_{name}": value for name, value in values.items()}


@contextlib.asynccontextmanager
async def _clients(settings: Settings) -> AsyncIterator[tuple[GrpcApi, RestApi]]:
    assert settings.clock_file is not None
    minter = TokenMinter(TokenKeys(settings.tokens_dir), SharedClock(settings.clock_file))
    base_url = f"http://127.0.0.1:{settings.gateway_port}"
    known = contract.load()
    async with contextlib.AsyncExitStack() as stack:
        channels = {
            service: await stack.enter_async_context(
                grpc.aio.insecure_channel(settings.target(service), options=_OPTIONS)
            )
            for service in SERVICES
        }
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base_url, timeout=60))
        yield GrpcApi(known, channels, minter), RestApi(known, client, minter)
