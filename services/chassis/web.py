"""An HTTP server inside our own event loop: uvicorn, without its own hold on signals and logs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class WebServer:
    """Serves one ASGI application.

    Args:
        application: Its lifespan runs with the server.
        host: To bind.
        port: 0 takes a free one.
        tls: Certificate and key files, both PEM.
        drain_s: What requests in flight have when it stops.
    """

    def __init__(
        self,
        application: ASGIApp,
        host: str,
        port: int,
        *,
        tls: tuple[Path, Path] | None = None,
        drain_s: float = 10,
    ) -> None:
        self._address = (host, port)
        self._scheme = "https" if tls else "http"
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            ws="none",
            timeout_graceful_shutdown=max(1, int(drain_s)),
            ssl_certfile=str(tls[0]) if tls else None,
            ssl_keyfile=str(tls[1]) if tls else None,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Bind, run the application's start, and return the address when it answers.

        Raises:
            OSError: The address is taken.
            RuntimeError: The application did not start.
        """
        listener = _listener(self._address)
        self._task = asyncio.create_task(self._serve(listener), name="web")
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._task, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if self._task.done():
            listener.close()
            await self._task
        host, port = listener.getsockname()[:2]
        return f"{self._scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    async def wait(self) -> None:
        """Return when the server has ended, which it does only when told to.

        Raises:
            RuntimeError: It ended by itself.
        """
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Take no new request, let those in flight end, run the application's end."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task

    async def _serve(self, listener: socket.socket) -> None:
        try:
            await self._server.serve([listener])
        except SystemExit:
            # It would end the whole event loop from within.
            raise RuntimeError("the web application did not start") from None
        if not self._server.should_exit or not self._server.started:
            raise RuntimeError("the web application did not start")


class _Server(uvicorn.Server):
    """Leaves signals to the runtime and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.listening.set()


def _listener(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(False)
    return listener
