"""One service's gRPC server: on a unix socket or a port, with health, without reflection."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health

RECEIVE_MAX_BYTES = 16 * 1024 * 1024
"""One request message; the biggest is a file of 10 MB sent whole."""

SEND_MAX_BYTES = 32 * 1024 * 1024
"""One answer."""

_FRAME_MAX_BYTES = 4 * 1024 * 1024
_UNIX = "unix:"


@dataclass(frozen=True, slots=True)
class MutualTls:
    """Files in PEM; a caller must show a certificate of the same authority."""

    certificate: Path
    key: Path
    authority: Path

    def server_credentials(self) -> grpc.ServerCredentials:
        """Return what a server shows and demands."""
        return grpc.ssl_server_credentials(
            [(self.key.read_bytes(), self.certificate.read_bytes())],
            root_certificates=self.authority.read_bytes(),
            require_client_auth=True,
        )

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """Return what a client shows and demands."""
        return grpc.ssl_channel_credentials(
            self.authority.read_bytes(), self.key.read_bytes(), self.certificate.read_bytes()
        )


class GrpcServer:
    """A server for the servicers of one service.

    The object must be kept: grpc.aio stops a server silently when nothing refers to it.

    Args:
        address: `unix:/path` or `host:port`; port 0 takes a free one.
        handlers: From `calls.handler_of`, by the full name of the proto service.
        tls: For an address that other machines reach.
    """

    def __init__(
        self,
        address: str,
        handlers: dict[str, grpc.GenericRpcHandler],
        *,
        tls: MutualTls | None = None,
    ) -> None:
        self._address = address
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", RECEIVE_MAX_BYTES),
                ("grpc.max_send_message_length", SEND_MAX_BYTES),
                ("grpc.so_reuseport", 0),
                # A whole file comes in a few large frames instead of window by window; a message
                # is held whole before it is parsed in either case.
                ("grpc.http2.bdp_probe", 0),
                ("grpc.http2.lookahead_bytes", RECEIVE_MAX_BYTES),
                ("grpc.http2.max_frame_size", _FRAME_MAX_BYTES),
            ]
        )
        self._server.add_generic_rpc_handlers(tuple(handlers.values()))
        self._names: Sequence[str] = ("", *handlers)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._tls = tls

    async def start(self) -> str:
        """Bind, serve, and say so by health.

        Returns:
            The target that reaches this server.

        Raises:
            RuntimeError: The address is taken or cannot be bound.
        """
        if self._address.startswith(_UNIX):
            _remove_left_behind(Path(self._address.removeprefix(_UNIX)))
        if self._tls is None:
            port = self._server.add_insecure_port(self._address)
        else:
            port = self._server.add_secure_port(self._address, self._tls.server_credentials())
        await self._server.start()
        await self._say(health_pb2.HealthCheckResponse.SERVING)
        if self._address.startswith(_UNIX):
            return self._address
        return f"{self._address.rpartition(':')[0]}:{port}"

    async def refuse_new(self) -> None:
        """Say by health that this server is leaving; calls are still served."""
        await self._say(health_pb2.HealthCheckResponse.NOT_SERVING)

    async def stop(self, grace_s: float) -> None:
        """Take no new call, give those in flight `grace_s` seconds, then end them."""
        await self._server.stop(grace_s)

    async def _say(self, status: Any) -> None:
        for name in self._names:
            await self._health.set(name, status)


def _remove_left_behind(path: Path) -> None:
    """Remove the socket of a killed process, which would refuse the new one."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
