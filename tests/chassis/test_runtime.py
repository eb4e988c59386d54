from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.chassis import audit
from services.chassis.auth import Principal
from services.chassis.clock import Clock, SystemClock
from services.chassis.ids import new_id
from services.chassis.runtime import Running, running
from services.chassis.settings import Settings
from services.chassis.status import failure_of
from services.chassis.tokens import TokenKeys, TokenMinter
from tests.support import echo_service
from tests.support.echo import SERVICE, message
from tests.support.waiting import until

FINANCE = Principal("E06000050", "f-1", "finance_officer")


def settings_in(folder: Path, **values: Any) -> Settings:
    return Settings(
        data_dir=folder, migrate_at_start=False, operations_port=0, gateway_port=0, **values
    )


def web(_settings: Settings, _clock: Clock) -> Starlette:
    async def hello(_request: object) -> PlainTextResponse:
        return PlainTextResponse("hello")

    return Starlette(routes=[Route("/", hello)])


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Running]:
    settings = settings_in(tmp_path)
    async with running(settings, services=[echo_service.build], web=web) as process:
        yield process


async def say(process: Running, text: str, request_id: str | None = None) -> None:
    settings = process.settings
    minter = TokenMinter(TokenKeys(settings.tokens_dir), SystemClock())
    request = message("SayRequest", text=text, request_id=request_id or new_id())
    metadata = (("authorization", f"Bearer {minter.mint(FINANCE, ('echo',))}"),)
    async with grpc.aio.insecure_channel(process.targets["echo"]) as channel:
        call: Any = channel.unary_unary(f"/{SERVICE}/Say")
        await call(request.SerializeToString(), metadata=metadata)


async def counted(process: Running, table: Any) -> int:
    database = process.services["echo"].database
    return int(await database.read(echo_service.count(table)))


async def ready(process: Running) -> bool:
    return set((await process.states()).values()) == {"ok"}


async def test_a_command_goes_all_the_way_to_its_consumer(process: Running) -> None:
    await say(process, "hello")

    await until(lambda: _is(process, echo_service.HEARD, 1))
    database = process.services["echo"].database
    assert await database.read(audit.verify) == []
    assert await counted(process, echo_service.METADATA.tables["audit"]) == 1


async def _is(process: Running, table: Any, number: int) -> bool:
    return await counted(process, table) == number


async def test_a_refusal_is_stored_and_recorded(process: Running) -> None:
    request_id = new_id()
    reasons = []
    for _ in range(2):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await say(process, "rude", request_id)
        reasons.append(failure_of(refused.value).reason)

    assert reasons == ["ECHO_RUDE", "ECHO_RUDE"]
    assert await counted(process, echo_service.METADATA.tables["audit"]) == 2


async def test_the_web_and_the_operators_are_answered(process: Running) -> None:
    await until(lambda: ready(process))
    async with httpx.AsyncClient() as client:
        hello = await client.get(process.gateway_url)
        alive = await client.get(f"{process.operations_url}/healthz")
        states = await client.get(f"{process.operations_url}/readyz")
        accept = {"accept": "application/openmetrics-text; version=1.0.0"}
        metrics = await client.get(f"{process.operations_url}/metrics", headers=accept)

    assert (hello.text, alive.status_code, states.status_code) == ("hello", 200, 200)
    assert states.json() == {"process": "ok", "echo.database": "ok", "echo.bus": "ok"}
    assert metrics.headers["content-type"].startswith("application/openmetrics-text")
    assert metrics.text.endswith("# EOF\n")
    assert "_created" not in metrics.text


async def test_a_process_without_its_broker_is_alive_and_not_ready(process: Running) -> None:
    await until(lambda: ready(process))
    server = process.broker.server
    assert server is not None
    await server.stop()

    states = await process.states()

    assert states["echo.bus"] == "failed"
    assert states["echo.database"] == "ok"


async def test_what_a_process_makes_is_its_owners_alone(process: Running) -> None:
    settings = process.settings
    folders = (settings.keys_dir, settings.runtime_dir, settings.tokens_dir)

    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


async def test_what_was_committed_is_sent_after_the_next_start(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with running(settings, services=[echo_service.build]) as process:
        assert process.broker.server is not None
        await process.broker.server.stop()
        await say(process, "hello")

    async with running(settings, services=[echo_service.build]) as process:
        await until(lambda: _is(process, echo_service.HEARD, 1))


async def test_a_part_that_cannot_start_leaves_nothing_running(tmp_path: Path) -> None:
    async with running(settings_in(tmp_path / "a"), services=[]) as first:
        taken = int(first.operations_url.rpartition(":")[2])
        before = asyncio.all_tasks()
        settings = settings_in(tmp_path / "b").model_copy(update={"operations_port": taken})

        with pytest.raises(OSError, match="in use"):
            async with running(settings, services=[echo_service.build]):
                pass

        assert asyncio.all_tasks() == before


_SCRIPT = """
import sys
from pathlib import Path
from services.chassis.runtime import serve
from services.chassis.settings import load
from tests.support import echo_service
serve(load(), services=[echo_service.build])
"""


async def test_sigterm_drains_and_ends_with_0(tmp_path: Path) -> None:
    environment = os.environ | {
        "LOCALRESPONSE_DATA_DIR": str(tmp_path),
        "LOCALRESPONSE_MIGRATE_AT_START": "false",
        "LOCALRESPONSE_OPERATIONS_PORT": "0",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SCRIPT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(30):
        while b'"event":"started"' not in said:
            line = await process.stderr.readline()
            assert line, said.decode()
            said += line
    process.send_signal(signal.SIGTERM)

    rest = await process.stderr.read()

    assert await process.wait() == 0
    assert b'"event":"ended"' in rest
