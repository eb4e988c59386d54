"""The supervised broker: its credentials, its files, and that it comes back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from services.chassis.nats_server import OPERATIONS, Identity, NatsServer
from tests.support.waiting import until

FUND = Identity("fund", consumers=("fund-outcomes",))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path / "nats", [FUND, Identity("notify")])
    await server.start()
    yield server
    await server.stop()


async def connected(server: NatsServer, identity: str) -> Client:
    async def ignored(_error: Exception) -> None: ...

    return await nats.connect(
        server.url,
        nkeys_seed_str=server.seed(identity),
        inbox_prefix=f"_INBOX_{identity}",
        error_cb=ignored,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.05,
    )


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


async def test_its_files_are_for_its_owner_only(server: NatsServer, tmp_path: Path) -> None:
    server.seed("fund")

    open_to_others = [
        path
        for path in [tmp_path / "nats", *(tmp_path / "nats").glob("*")]
        if path.name != "server.log" and path.stat().st_mode & 0o077
    ]

    assert open_to_others == []
    assert (tmp_path / "nats" / "server.conf").stat().st_mode & 0o777 == 0o600
    assert server.seed_file("fund").stat().st_mode & 0o777 == 0o600


async def test_it_writes_to_disk_before_it_acknowledges(server: NatsServer, tmp_path: Path) -> None:
    told = json.loads((tmp_path / "nats" / "server.conf").read_text())

    assert told["jetstream"]["sync_interval"] == "always"
    assert told["listen"] == f"127.0.0.1:{server.port}"


async def test_a_stranger_is_refused(server: NatsServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reader.readline()

    writer.write(b"CONNECT {}\r\nPING\r\n")
    answer = await reader.readline()

    assert b"Authorization Violation" in answer
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("subject", "allowed"),
    [
        pytest.param("lr.E06000050.fund.purchase.approved", True, id="its own event"),
        pytest.param("lr._canary.fund", True, id="its own canary"),
        pytest.param("lr.E06000050.notify.message.sent", False, id="another service's event"),
        pytest.param("lr._canary.notify", False, id="another service's canary"),
        pytest.param("$JS.API.STREAM.PURGE.LR", False, id="purging the stream"),
        pytest.param("$JS.API.STREAM.DELETE.LR", False, id="deleting the stream"),
        pytest.param("$JS.API.CONSUMER.MSG.NEXT.LR.notify-fund", False, id="another's consumer"),
    ],
)
async def test_a_service_publishes_only_its_own(
    server: NatsServer, subject: str, *, allowed: bool
) -> None:
    client = await connected(server, "fund")

    await client.publish(subject, b"")
    if not allowed:
        await until(lambda: client.last_error is not None)
    # The server answers in order: after the answer to a later ping no refusal can follow.
    await client.flush()

    assert (client.last_error is None) is allowed
    await client.close()


async def test_a_service_does_not_hear_another_s_replies(server: NatsServer) -> None:
    client = await connected(server, "notify")

    await client.subscribe("_INBOX_fund.>")
    await until(lambda: client.last_error is not None)

    assert "permissions violation" in str(client.last_error).lower()
    await client.close()


async def test_it_is_started_again_on_its_port_with_what_it_acknowledged(
    server: NatsServer,
) -> None:
    client = await connected(server, OPERATIONS)
    await client.jetstream().add_stream(name="LR", subjects=["lr.>"])
    killed = server.process_id

    os.kill(killed, signal.SIGKILL)
    await until(lambda: server.starts == 2 and client.is_connected)

    assert server.process_id != killed
    info = await client.jetstream().stream_info("LR")
    assert info.config.subjects == ["lr.>"]
    await client.close()


async def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from services.chassis.nats_server import NatsServer\n"
        "async def main():\n"
        "    server = NatsServer(pathlib.Path(sys.argv[1]), [])\n"
        "    await server.start()\n"
        "    print(server.process_id, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, str(tmp_path / "nats")), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert is_running(child)

    parent.kill()
    await parent.wait()

    await until(lambda: not is_running(child), what="nats-server ended with its parent")


async def test_a_program_that_is_not_a_server_is_reported(tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "nats", [], program=Path("/bin/false"))

    with pytest.raises(RuntimeError, match="does not answer"):
        await server.start()
