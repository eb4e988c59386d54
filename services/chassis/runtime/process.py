"""A process of the product, from its first folder to its last commit.

Whatever runs is supervised: if any of it ends, the process drains and fails. Drain: health says
NOT_SERVING, the web server ends, consumers and jobs end, calls in flight end, the outbox is
published, then the bus, the databases and our own broker close.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Sequence

import structlog

from services.chassis import health, telemetry
from services.chassis.clock import Clock, SharedClock, SystemClock
from services.chassis.ending import end
from services.chassis.runtime.broker import Broker
from services.chassis.runtime.folders import prepare
from services.chassis.runtime.part import Part
from services.chassis.service import Service, ServiceBuilder, WebBuilder
from services.chassis.settings import Settings
from services.chassis.tokens import TokenKeys
from services.chassis.web import WebServer

_SWITCH_S = 0.0005
_log = structlog.get_logger()


class Running:
    """A started process.

    Attributes:
        settings: As given.
        services: Those that run here, by name.
        targets: Where each of them is called.
        broker: The event bus; `broker.server` is our own nats-server, if we have one.
        gateway_url: Where people's pages are; empty without a gateway.
        operations_url: Where /metrics, /healthz and /readyz are.
    """

    def __init__(self, settings: Settings, services: Sequence[Service], clock: Clock) -> None:
        self.settings = settings
        self.services = {service.name: service for service in services}
        self.targets: dict[str, str] = {}
        self.broker = Broker(settings, services)
        self.gateway_url = ""
        self.operations_url = ""
        self._clock = clock
        self._parts: list[Part] = []
        self._webs: list[WebServer] = []
        self._supervised: list[asyncio.Task[None]] = []
        self._readiness = health.Readiness({})
        self._stopping = asyncio.Event()

    async def start(self, web: WebBuilder | None) -> None:
        """Start everything; what was started before a failure is for `stop` to end."""
        settings = self.settings
        if self.services:
            await self.broker.start()
            self._supervised.append(asyncio.create_task(self.broker.keep(), name="keeper"))
        self._parts = [
            Part(service, settings, self._clock, self.broker.bus(service.name))
            for service in self.services.values()
        ]
        for part in self._parts:
            await part.open()
        for part in self._parts:
            self.targets[part.service.name] = await part.serve()
            self._supervised += part.tasks
        await self._start_webs(web)
        _log.info("started", services=list(self.services), gateway=self.gateway_url)

    async def _start_webs(self, web: WebBuilder | None) -> None:
        settings = self.settings
        checks = {name: check for part in self._parts for name, check in part.checks.items()}
        self._readiness = health.Readiness(checks)
        operations = WebServer(
            health.application(self._readiness),
            settings.operations_host,
            settings.operations_port,
            drain_s=1,
        )
        self.operations_url = await self._start_web(operations)
        if web is not None:
            certificate, key = settings.tls_certificate_file, settings.tls_key_file
            gateway = WebServer(
                web(settings, self._clock),
                settings.gateway_host,
                settings.gateway_port,
                tls=(certificate, key) if certificate and key else None,
                drain_s=settings.drain_s,
            )
            self.gateway_url = await self._start_web(gateway)

    async def _start_web(self, server: WebServer) -> str:
        url = await server.start()
        self._webs.append(server)
        self._supervised.append(asyncio.create_task(server.wait(), name="web"))
        return url

    async def states(self) -> dict[str, str]:
        """Return what /readyz says: `ok` for each part that was just proved to work."""
        return await self._readiness.states()

    def leave(self) -> None:
        """Ask the process to end; `ended` returns and the drain begins."""
        self._stopping.set()

    async def ended(self) -> None:
        """Return when the process was asked to leave.

        Raises:
            Exception: What ended a part of it that must run.
        """
        asked = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait(
            {asked, *self._supervised}, return_when=asyncio.FIRST_COMPLETED
        )
        asked.cancel()
        for task in done - {asked}:
            if not self._stopping.is_set():
                task.result()
                raise RuntimeError(f"{task.get_name()} ended by itself")

    async def stop(self) -> None:
        """Drain, in order; every step is taken whatever became of the one before."""
        self._readiness.leave()
        # Operators see it leaving until the end, so their server is the last of the webs.
        for server in reversed(self._webs[1:]):
            await _settled(server.stop())
        await _settled(*(part.quiet() for part in self._parts))
        await _settled(*(part.finish() for part in self._parts))
        await end(self._supervised)
        await _settled(*(part.close() for part in self._parts))
        await _settled(self.broker.stop())
        await _settled(*(server.stop() for server in self._webs[:1]))
        _log.info("ended", services=list(self.services))


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    services: Sequence[ServiceBuilder],
    web: WebBuilder | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Running]:
    """Run services, and the gateway if `web` is given, for the length of a block.

    Args:
        settings: Of this process.
        services: Each service's `app.build`.
        web: The gateway's `app.build`.
        clock: As settings say by default.

    Raises:
        RuntimeError: An address is taken, or a part did not start.
    """
    clock = clock or _clock(settings)
    prepare(settings)
    # Whoever starts first on a machine makes the key; two of them do no harm.
    TokenKeys(settings.tokens_dir).create_first()
    process = Running(settings, [build(settings, clock) for build in services], clock)
    try:
        await process.start(web)
        yield process
    finally:
        await process.stop()


def _clock(settings: Settings) -> Clock:
    return SharedClock(settings.clock_file) if settings.clock_file else SystemClock()


def serve(
    settings: Settings, *, services: Sequence[ServiceBuilder], web: WebBuilder | None = None
) -> None:
    """Run until SIGTERM or SIGINT, then drain; the body of `localresponse serve`.

    Raises:
        SystemExit: 1, with what kept the process from starting, or ended it.
    """
    import uvloop

    telemetry.configure_logging(settings.log_level)
    # The lane waits for the interpreter after each statement; 5 ms would be most of its time.
    sys.setswitchinterval(_SWITCH_S)
    try:
        uvloop.run(_serve(settings, services, web))
    except (OSError, RuntimeError, ValueError) as error:
        sys.stderr.write(f"localresponse: {error}\n")
        raise SystemExit(1) from error


async def _serve(
    settings: Settings, services: Sequence[ServiceBuilder], web: WebBuilder | None
) -> None:
    async def live() -> None:
        async with running(settings, services=services, web=web) as process:
            # What a process is made of stays: nothing of it need be searched for garbage again.
            gc.collect()
            gc.freeze()
            await process.ended()

    life = asyncio.create_task(live(), name="process")
    asked = False

    def leave() -> None:
        # Once: a second signal must not end the drain. It may come while we still start.
        nonlocal asked
        if not asked:
            asked = True
            life.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leave)
    try:
        await life
    except asyncio.CancelledError:
        if not asked:
            raise


async def _settled(*steps: object) -> None:
    results = await asyncio.gather(*steps, return_exceptions=True)  # type: ignore[call-overload]  # awaitables of any kind
    for result in results:
        if isinstance(result, BaseException):
            _log.error("a step of the drain failed", exc_info=result)
