"""NATS servers for tests: one without users, and the product's own with its credentials."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.postgres import free_port

_START_WITHIN_S = 20

_TETHER = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
os.execv(sys.argv[1], sys.argv[1:])
"""


class LooseNats:
    """A server without users on loopback, as a stranger's cluster or a container would be."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._home = Path(tempfile.mkdtemp(prefix="localresponse-nats-"))
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._port}"

    def start(self) -> None:
        settings = self._home / "server.conf"
        store = f'jetstream {{ store_dir: "{self._home}", sync_interval: always }}'
        settings.write_text(f"listen: 127.0.0.1:{self._port}\n{store}\n")
        arguments = ["-c", str(settings)]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _TETHER, str(self._program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self._port), timeout=1),
            ):
                return
            time.sleep(0.01)
        raise RuntimeError("nats-server did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)
