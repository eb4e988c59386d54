"""A throwaway PostgreSQL from a directory of binaries, for machines without containers.

It runs with fsync on, as production does, because group commit is only honest when a commit
costs something. PostgreSQL refuses to run as root, so root's tests run it as `nobody`; its
binaries and data must then lie where that user can reach them.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

_NOBODY = 65534
_START_WITHIN_S = 60
_PORTS = (20_000, 32_000)
_DRAW = random.SystemRandom()

# The child dies with the tests even if they are killed, so that no server is left behind.
_TETHER = """
import ctypes, os, signal, sys
uid = int(sys.argv[1])
if uid:
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
os.execv(sys.argv[2], sys.argv[2:])
"""


class LocalPostgres:
    """One server in a temporary directory; it listens on loopback only."""

    def __init__(self, binaries: Path) -> None:
        self._uid = _NOBODY if os.getuid() == 0 else 0
        self._home = Path(tempfile.mkdtemp(prefix="localresponse-postgres-"))
        self._own(self._home)
        self._binaries = self._reachable(binaries)
        self._log = self._home / "server.log"
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://tests@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        data = self._home / "data"
        initdb = ["initdb", "-D", str(data), "-U", "tests", "-A", "trust", "-E", "UTF8"]
        with self._run([*initdb, "--locale=C", "--no-sync"]) as process:
            if process.wait() != 0:
                raise RuntimeError(f"initdb failed: {self._log.read_text()}")
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
        }
        options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
        self._server = self._run(["postgres", "-D", str(data), "-p", str(self.port), *options])
        self._wait_until_it_answers()

    def stop(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def _wait_until_it_answers(self) -> None:
        assert self._server is not None
        deadline = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < deadline and self._server.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(psycopg_url(self.url), connect_timeout=2).close()
                return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text()}")

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        program, *arguments = command
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", "-c", _TETHER, str(self._uid)),
                    *(str(self._binaries / program), *arguments),
                ],
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _own(self, directory: Path) -> None:
        if self._uid:
            os.chown(directory, self._uid, self._uid)

    def _reachable(self, binaries: Path) -> Path:
        """Copy the installation beside the data when another user could not read it."""
        parts = [binaries.resolve(), *binaries.resolve().parents]
        if not self._uid or all(part.stat().st_mode & 0o001 for part in parts):
            return binaries
        root = binaries.parent.parent
        for tree in (root, root.with_suffix(".libs")):
            if tree.is_dir():
                shutil.copytree(tree, self._home / tree.name, symlinks=True)
        return self._home / root.name / binaries.parent.name / "bin"


def psycopg_url(url: str) -> str:
    """Return a SQLAlchemy URL as psycopg itself reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def free_port() -> int:
    """Return a port that is free, below those that the system gives to outgoing connections.

    Whoever asked will bind it later; in between nobody gets it who did not draw it as well.
    """
    while True:
        port = _DRAW.randrange(*_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
