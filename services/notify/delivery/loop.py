"""The delivery loop: it wakes at a commit, and no transaction is open while a provider answers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import ServiceError
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.notify.channels.port import Accepted, Answer, Outgoing, Provider, Refuse, Retry
from services.notify.delivery import metrics
from services.notify.delivery.bucket import Bucket
from services.notify.delivery.claim import claim
from services.notify.delivery.context import Context
from services.notify.delivery.record import Recorder
from services.notify.domain.words import Channel
from services.notify.storage import messages

IN_FLIGHT_MAX = 100
_IDLE_S = 1.0
_LONGEST_WAIT_S = 5.0
_LANDING_S = 5.0
_ROUND_S = 30.0

_log = structlog.get_logger(__name__)


class Delivery:
    """Sends what is due.

    Args:
        database: The service's own.
        commands: Runs the records as commands of the system.
        clock: Says what is due.
        context: Settings of delivery.
        providers: By channel.
    """

    def __init__(
        self,
        database: Database,
        commands: Commands,
        clock: Clock,
        *,
        context: Context,
        providers: Mapping[Channel, Provider],
    ) -> None:
        self._database = database
        self._commands = commands
        self._clock = clock
        self._context = context
        self._providers = providers
        self._buckets = {each.name: Bucket(each.per_s) for each in providers.values()}
        self._turns = {each.name: asyncio.Semaphore(each.at_once) for each in providers.values()}
        self._recorder = Recorder(context.vault)
        self._flying: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        database.lane.committed.append(self._committed)

    async def run(self) -> None:
        """Send what is due for a while; the runtime repeats it, and so sees that it lives.

        When it is cancelled, what is in the air may come down first.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            await self.recover()
        end = time.monotonic() + _ROUND_S
        try:
            while time.monotonic() < end:
                self._wake.clear()
                await self.drain()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_IDLE_S):
                        await self._wake.wait()
        except asyncio.CancelledError:
            await self.close()
            raise

    async def recover(self) -> None:
        """Take back what a process that is gone had claimed, where there can be no other.

        Only one process may write a SQLite file. On PostgreSQL another replica may be sending,
        so there a lost claim waits for the end of its lease.
        """
        if not self._database.url.startswith("sqlite"):
            return
        now = self._clock.now()
        if await self._database.write(lambda connection: messages.forfeit(connection, now)):
            _log.info("claims taken back")

    async def drain(self) -> None:
        """Send all that is due now, and return when each attempt is recorded."""
        while await self._database.read(self._any_due) and await self._launch():
            pass
        while self._flying:
            await asyncio.wait(self._flying)

    async def close(self) -> None:
        """Let attempts end for a while, give the rest up to their leases, close providers."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=_LANDING_S)
        left = list(self._flying)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for provider in set(self._providers.values()):
            await provider.close()

    def _any_due(self, connection: Connection) -> bool:
        return messages.any_due(connection, self._clock.now())

    async def _launch(self) -> bool:
        """Claim as much as there is room for, and start sending it.

        Returns:
            Whether it is worth looking again; another replica may hold all that is due.
        """
        room = IN_FLIGHT_MAX - len(self._flying)
        if room <= 0:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return True
        now = self._clock.now()
        looked, claimed = await self._database.transact(
            lambda transaction: claim(transaction, self._context, now, room)
        )
        for outgoing in claimed:
            task = asyncio.create_task(self._deliver(outgoing))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return looked > 0

    async def _deliver(self, outgoing: Outgoing) -> None:
        provider = self._providers.get(outgoing.channel)
        if provider is None:
            refusal = Refuse("none", "no_provider", technical=True)
            await self._record(outgoing, refusal, 0.0)
            return
        claimed = time.monotonic()
        async with self._turns[provider.name]:
            wait_s = await self._wait(provider)
            started = time.monotonic()
            if wait_s or started - claimed > self._context.lease_s / 2:
                await self._release(outgoing, wait_s)
                return
            answer = await self._ask(provider, outgoing)
        await self._record(outgoing, answer, time.monotonic() - started)

    async def _wait(self, provider: Provider) -> float:
        """Wait for the provider's rate; return the seconds instead when they are too many."""
        bucket = self._buckets[provider.name]
        wait_s = bucket.reserve()
        if wait_s > _LONGEST_WAIT_S:
            bucket.give_back()
            return wait_s
        await asyncio.sleep(wait_s)
        return 0.0

    async def _release(self, outgoing: Outgoing, after_s: float) -> None:
        """Give a claim back unused: its turn comes too late, and another may hold it by then."""
        await self._apply(outgoing, lambda work: self._recorder.release(work, outgoing, after_s))

    async def _ask(self, provider: Provider, outgoing: Outgoing) -> Answer:
        """Return the provider's answer; what takes too long, or is unexpected, is unknown."""
        try:
            async with asyncio.timeout(self._context.lease_s / 2):
                return await provider.send(outgoing)
        except TimeoutError:
            return Retry(provider.name, "timeout", unknown=True)
        except Exception as error:  # noqa: BLE001  (whatever a provider does, it is recorded)
            _log.error("provider failed", provider=provider.name, exc_info=error)
            return Retry(provider.name, "unexpected", unknown=True)

    async def _record(self, outgoing: Outgoing, answer: Answer, elapsed_s: float) -> None:
        self._count(outgoing, answer, elapsed_s)
        duration_ms = round(elapsed_s * 1000)
        await self._apply(
            outgoing,
            lambda work: self._recorder.record(work, outgoing, answer, duration_ms=duration_ms),
        )

    async def _apply(self, outgoing: Outgoing, work: Callable[[UnitOfWork], None]) -> None:
        """Write what came of an attempt; without it the lease ends and it goes again."""
        try:
            await self._commands.apply(Principal.system(outgoing.tenant), work)
        except ServiceError as error:
            _log.warning("attempt not recorded", reason=error.reason)

    def _count(self, outgoing: Outgoing, answer: Answer, elapsed_s: float) -> None:
        outcome = type(answer).__name__.lower()
        metrics.ATTEMPTS.labels(outgoing.channel, answer.provider, outcome).inc()
        metrics.SEND_SECONDS.labels(answer.provider).observe(elapsed_s)
        if isinstance(answer, Accepted) and outgoing.attempt == 1:
            waited = self._clock.now() - outgoing.queued_at
            metrics.SENT_SECONDS.labels(outgoing.channel).observe(
                max(waited, timedelta()).total_seconds()
            )

    def _committed(self) -> None:
        """Wake the loop; called on the lane's thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake.set)
