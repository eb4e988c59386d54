"""The event bus as settings say: a supervised nats-server of our own, or a given cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from services.chassis.bus import Bus, Keeper, StreamLimits
from services.chassis.keyfiles import refuse_readable
from services.chassis.nats_server import OPERATIONS, Identity, NatsServer
from services.chassis.service import Service
from services.chassis.settings import Settings


class Broker:
    """Gives each service its connection, and keeps the stream where it may.

    Args:
        settings: `nats_url` unset means a server of our own.
        services: Those of this process.
    """

    def __init__(self, settings: Settings, services: Sequence[Service]) -> None:
        self._settings = settings
        self._readers = [consumer.reader for service in services for consumer in service.consumers]
        identities = [
            Identity(service.name, tuple(consumer.name for consumer in service.consumers))
            for service in services
        ]
        self.server: NatsServer | None = None
        if settings.nats_url is None:
            home, program = settings.data_dir / "nats", settings.nats_server
            self.server = NatsServer(home, identities, program=program)
        self._operations: Bus | None = None

    async def start(self) -> None:
        """Start our own server, if we have one."""
        if self.server is not None:
            await self.server.start()

    def bus(self, name: str) -> Bus:
        """Return a connection, not yet connected, as the identity `name`."""
        if self.server is not None:
            return Bus(self.server.url, name, seed=self.server.seed(name))
        assert self._settings.nats_url is not None
        return Bus(self._settings.nats_url, name, seed=self._seed(name))

    async def keep(self) -> None:
        """Keep the stream and this process's consumers, for ever; needs the operations key."""
        if not self._may_keep():
            await asyncio.Event().wait()
        self._operations = self.bus(OPERATIONS)
        await self._operations.connect()
        await Keeper(self._operations, self._limits(), self._readers).run()

    async def stop(self) -> None:
        """End the connection of operations, and our own server."""
        if self._operations is not None:
            await self._operations.close()
        if self.server is not None:
            await self.server.stop()

    def _may_keep(self) -> bool:
        folder = self._settings.nats_credentials_dir
        return self.server is not None or folder is None or _key(folder, OPERATIONS).exists()

    def _limits(self) -> StreamLimits:
        if self.server is not None:
            return StreamLimits(self.server.stream_bytes)
        return StreamLimits(self._settings.nats_stream_bytes, self._settings.nats_replicas)

    def _seed(self, name: str) -> str | None:
        folder = self._settings.nats_credentials_dir
        if folder is None:
            return None
        refuse_readable(_key(folder, name))
        return _key(folder, name).read_text(encoding="ascii").strip()


def _key(folder: Path, name: str) -> Path:
    return folder / f"{name}.nk"
