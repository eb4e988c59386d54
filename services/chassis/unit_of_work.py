"""One command, one unit of work: its reads, its writes, its events and its answer, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from sqlalchemy import Connection, MetaData, Table

from services.chassis import audit, idempotency
from services.chassis.auth import Principal, caller
from services.chassis.clock import Clock
from services.chassis.database import Database, Transaction
from services.chassis.database.bulk import inserter
from services.chassis.database.together import Asked
from services.chassis.errors import RequestIdReused, ServiceError, Unavailable
from services.chassis.events import Event, event_type_of
from services.chassis.idempotency import Stored
from services.chassis.ids import new_id
from services.chassis.tables import Row, add_to
from services.chassis.telemetry import traceparent

M = TypeVar("M", bound=Message)
T = TypeVar("T")
_METADATA = MetaData()
add_to(_METADATA)
_OUTBOX = _METADATA.tables["outbox"]


@dataclass(slots=True)
class UnitOfWork:
    """What a command may use.

    Attributes:
        transaction: The lane's transaction as this command sees it.
        caller: On whose behalf; consumers and jobs act as the system.
        at: The one moment of this command, aware UTC.
        command_id: The request id, or one made for a consumer or a job.
        traceparent: W3C trace context, handed on to the events.
        resource: What its first event happened to; the audit row names it.
    """

    transaction: Transaction
    caller: Principal
    at: datetime
    command_id: str
    traceparent: str = ""
    resource: str = ""

    @property
    def connection(self) -> Connection:
        """The writer's connection, inside the transaction."""
        return self.transaction.connection

    @property
    def tenant(self) -> str:
        """The authority's ONS code, from the caller's token."""
        return self.caller.tenant

    def insert_later(self, table: Table, row: Row) -> None:
        """Insert an append-only row with the batch's others, just before the commit.

        Only for rows that no command of the same batch needs to read.
        """
        self.transaction.later(inserter(table), row)

    def emit(self, message: Message, *, resource: str, sequence: int) -> Event:
        """Put an event in the outbox with this command's commit.

        Args:
            message: A message with the `event_type` option; ids and pence, no personal data.
            resource: The id of what it happened to.
            sequence: 1 for the resource's first event, then one more each time.
        """
        self.resource = self.resource or resource
        event = Event(
            id=new_id(),
            type=event_type_of(cast("Descriptor", message.DESCRIPTOR)),
            tenant=self.tenant,
            resource=resource,
            sequence=sequence,
            time=self.at.isoformat(),
            data=message.SerializeToString(),
            traceparent=self.traceparent,
        )
        self.insert_later(
            _OUTBOX,
            {
                "event_id": event.id,
                "tenant": event.tenant,
                "type": event.type,
                "resource": resource,
                "sequence": sequence,
                "time": event.time,
                "data": event.data,
                "traceparent": event.traceparent,
                "sent_at": None,
            },
        )
        return event


class Commands:
    """Runs commands on a service's database, each once for its request id.

    Args:
        database: The service's own.
        clock: Asked once for each command.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        database.lane.answers = idempotency.StoredAnswers()

    async def run(
        self,
        request: Any,
        answer: type[M],
        work: Callable[[UnitOfWork], M],
        *,
        fingerprint: bytes | None = None,
        ahead: Sequence[Asked] = (),
    ) -> M:
        """Run `work` for the caller of this rpc and return its answer after the commit.

        Args:
            request: A request message with `request_id`.
            answer: The type of the answer, to read a stored one.
            work: The command; raises ServiceError to refuse, and the refusal is stored too.
            fingerprint: The request's `input_hash`, if a large one was hashed beside other work.
            ahead: What `work` will look up; the batch asks for it together.

        Raises:
            RequestIdReused: The id came before with another input.
            ServiceError: The command's refusal, now or the first time.
        """
        who, trace = caller(), traceparent()
        key, method = (who.tenant, who.subject, request.request_id), request.DESCRIPTOR.full_name
        fingerprint = fingerprint or idempotency.input_hash(request)
        trail = audit.CommandTrail(request.request_id, fingerprint)

        def once(transaction: Transaction) -> M:
            known = transaction.memory.get(key)
            at = self._clock.now()
            if known is not None:
                again = answer.FromString(known.replay(fingerprint))
                trail.done(transaction, at, "")
                return again
            unit = UnitOfWork(transaction, who, at, request.request_id, trace)
            result = work(unit)
            trail.done(transaction, at, unit.resource)
            stored = Stored(fingerprint, result.SerializeToString(), None)
            idempotency.remember(transaction, key, method=method, stored=stored, at=at)
            return result

        def refused(transaction: Transaction, error: ServiceError) -> None:
            at = self._clock.now()
            trail.refused(transaction, at, error)
            if key in transaction.memory or isinstance(error, RequestIdReused | Unavailable):
                return
            stored = Stored(fingerprint, None, idempotency.refusal_of(error))
            idempotency.remember(transaction, key, method=method, stored=stored, at=at)

        return await self._database.lane.submit(once, refused=refused, key=key, ahead=ahead)

    async def apply(self, principal: Principal, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` for a consumer or a job; nothing is stored as its answer.

        Raises:
            ServiceError: What `work` raised; its writes are undone.
        """
        trace = traceparent()

        def once(transaction: Transaction) -> T:
            return work(UnitOfWork(transaction, principal, self._clock.now(), new_id(), trace))

        return await self._database.lane.submit(once)
