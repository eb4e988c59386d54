"""One gRPC channel for each service behind the gateway."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import grpc

_MESSAGE_MAX = 32 * 1024 * 1024

# Every read may be repeated and every write carries a request id, so UNAVAILABLE may always be
# tried again (AIP-194); it bridges a service that is being restarted.
_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", _MESSAGE_MAX),
    ("grpc.max_send_message_length", _MESSAGE_MAX),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
]


class Channels:
    """The channels by service name; they connect at the first call.

    Args:
        targets: Where each service listens: `unix:/path`, `host:port` or `dns:///name:port`.
        credentials: For mTLS between machines; without, a target must be local.
    """

    def __init__(
        self, targets: Mapping[str, str], *, credentials: grpc.ChannelCredentials | None = None
    ) -> None:
        self._targets = dict(targets)
        self._credentials = credentials
        self._open: dict[str, grpc.aio.Channel] = {}

    def __getitem__(self, service: str) -> grpc.aio.Channel:
        """Return the channel to a service; it belongs to the running event loop."""
        channel = self._open.get(service)
        if channel is None:
            channel = self._open[service] = self._connect(self._targets[service])
        return channel

    def _connect(self, target: str) -> grpc.aio.Channel:
        if self._credentials is None:
            return grpc.aio.insecure_channel(target, options=_OPTIONS)
        return grpc.aio.secure_channel(target, self._credentials, options=_OPTIONS)

    async def close(self) -> None:
        """Close all channels; calls in flight have two seconds to end."""
        for channel in self._open.values():
            await channel.close(grace=2)
        self._open.clear()
