"""One service while it runs: opened, served, quieted, finished and closed, in that order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from services.chassis import calls, health, migrations
from services.chassis.audit import Checkpoints
from services.chassis.bus import Bus
from services.chassis.clock import Clock
from services.chassis.consumers import ConsumerLoop
from services.chassis.ending import end
from services.chassis.errors import ServiceError
from services.chassis.relay import Relay
from services.chassis.runtime.jobs import repeat
from services.chassis.server import GrpcServer, MutualTls
from services.chassis.service import Job, Service
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys, TokenVerifier
from services.chassis.unit_of_work import Commands

_CHECKPOINT_EVERY_S = 3600.0
_CONSUMERS_DRAIN_S = 2.0
_RELAY_DRAIN_S = 3.0
_log = structlog.get_logger()


class Part:
    """A service and what carries it.

    Args:
        service: As its composition root built it.
        settings: Of the process.
        clock: For records, tokens and the relay.
        bus: Its own connection, not yet connected.
    """

    def __init__(self, service: Service, settings: Settings, clock: Clock, bus: Bus) -> None:
        self.service, self.bus = service, bus
        self._settings, self._clock = settings, clock
        self._relay = Relay(service.database, bus, clock)
        self._checkpoints = Checkpoints(settings.checkpoints_dir, settings.keys_dir, service.name)
        database = service.database
        commands = Commands(database, clock)
        self.loops = {
            each.name: ConsumerLoop(each, commands, database=database, bus=bus, clock=clock)
            for each in service.consumers
        }
        self._server: GrpcServer | None = None
        self._quiet: list[asyncio.Task[None]] = []
        self._last: list[asyncio.Task[None]] = []
        self._opened = False

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What must run for as long as the process does."""
        return [*self._quiet, *self._last]

    @property
    def checks(self) -> dict[str, health.Check]:
        """What readiness asks of this service."""
        name = self.service.name
        return {
            f"{name}.database": health.database_check(self.service.database, self._clock),
            f"{name}.bus": self.bus.canary,
        }

    async def open(self) -> None:
        """Bring the database up to date where we may, and open the lane; begin to connect."""
        self._last.append(_task(f"{self.service.name}.bus", self.bus.connect(), ends=True))
        if self._settings.migrates(self.service.name):
            await asyncio.to_thread(
                migrations.upgrade, self.service.database.url, self.service.package
            )
        self._opened = True
        self.service.database.start()

    async def serve(self) -> str:
        """Answer calls, publish, consume and do the jobs.

        Returns:
            The target that reaches the gRPC server.
        """
        name = self.service.name
        self._server = self._grpc_server()
        target = await self._server.start()
        self._last.append(_task(f"{name}.relay", self._relay.run()))
        for consumer, loop in self.loops.items():
            self._quiet.append(_task(f"{name}.{consumer}", loop.run()))
        signing = Job(name="audit-checkpoint", every_s=_CHECKPOINT_EVERY_S, run=self._sign)
        for job in (*self.service.jobs, signing):
            self._quiet.append(_task(f"{name}.{job.name}", repeat(name, job)))
        return target

    async def quiet(self) -> None:
        """Say by health that it leaves; end consumers and jobs. Their commits are whole."""
        if self._server is not None:
            await self._server.refuse_new()
        for loop in self.loops.values():
            loop.stop()
        consuming = self._quiet[: len(self.loops)]
        if consuming:
            # Each ends after the batch in hand; one that waits for the bus is cancelled.
            await asyncio.wait(consuming, timeout=_CONSUMERS_DRAIN_S)
        await end(self._quiet)

    async def finish(self) -> None:
        """Let calls in flight end, then publish what they left in the outbox."""
        if self._server is not None:
            await self._server.stop(self._settings.drain_s)
        await end(self._last)
        if not self._opened:
            return
        try:
            async with asyncio.timeout(_RELAY_DRAIN_S):
                await self._relay.drain()
                await self._sign()
        except (ServiceError, TimeoutError) as error:
            # The rows stay in the outbox and the next start publishes them.
            _log.warning("left unsent", service=self.service.name, kind=type(error).__name__)

    async def close(self) -> None:
        """Close the bus and then the database."""
        await self.bus.close()
        if self._opened:
            await asyncio.to_thread(self.service.database.close)

    def _grpc_server(self) -> GrpcServer:
        database, settings = self.service.database, self._settings
        guard = calls.Guard(
            actions=self.service.actions,
            verifier=TokenVerifier(TokenKeys(settings.tokens_dir), self.service.name, self._clock),
            trail=calls.DatabaseTrail(database),
            clock=self._clock,
        )
        handlers = {
            each.service: calls.handler_of(each.implementation, each.service, guard)
            for each in self.service.servicers
        }
        return GrpcServer(settings.listen(self.service.name), handlers, tls=mutual_tls(settings))

    async def _sign(self) -> None:
        at: datetime = self._clock.now()

        def sign(connection: Connection) -> int:
            return self._checkpoints.write(connection, at)

        await self.service.database.read(sign)


def mutual_tls(settings: Settings) -> MutualTls | None:
    """Return the files of mutual TLS between processes; None when none are set."""
    certificate, key = settings.grpc_certificate_file, settings.grpc_key_file
    if certificate is None or key is None or settings.grpc_ca_file is None:
        return None
    return MutualTls(certificate, key, settings.grpc_ca_file)


def _task(name: str, work: Coroutine[Any, Any, None], *, ends: bool = False) -> asyncio.Task[None]:
    """Start `work`; what is meant to run for ever fails when it ends."""

    async def for_ever() -> None:
        await work
        if not ends:
            raise RuntimeError(f"{name} ended by itself")
        await asyncio.Event().wait()

    return asyncio.create_task(for_ever(), name=name)
