"""Notify without its process: its database, its clock and providers that are really there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message as Proto
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import deliveries_service_pb2 as board
from localresponse.notify.v1 import messages_service_pb2 as inbox
from sqlalchemy import text

from services.chassis import inbox as chassis_inbox
from services.chassis.auth import Principal, acting_as
from services.chassis.database import Database
from services.chassis.events import Event, event_type_of
from services.chassis.ids import new_id
from services.chassis.service import Service
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.notify.app import Parts, assemble
from services.notify.channels.port import Provider
from services.notify.channels.webhook import Guard
from services.notify.commands.recipients import Kept, keep
from services.notify.delivery.context import Context
from services.notify.delivery.loop import Delivery
from services.notify.domain.deciding import Policy
from services.notify.domain.message import Attempt, Message
from services.notify.domain.words import Channel
from services.notify.storage import attempts
from services.notify.storage.messages import all_columns, of_row
from services.notify.vault import Vault
from tests.support.clock import FakeClock

TENANT = "E06000050"
OTHER_TENANT = "E06000049"
VAULT = Vault(b"k" * 32)
T = TypeVar("T")


def who(role: str, subject: str, *schools: str, tenant: str = TENANT) -> Principal:
    return Principal(tenant, subject, role, frozenset(schools))


REQUESTER = who("practitioner", "p-1", "100001")
OFFICER = who("finance_officer", "f-1")
MANAGER = who("programme_manager", "m-1")
ADMINISTRATOR = who("administrator", "a-1")


@dataclass
class House:
    """Notify's parts over one database.

    Attributes:
        providers: By channel; a test may put others in before the first drain.
    """

    database: Database
    clock: FakeClock
    providers: dict[Channel, Provider]
    policy: Policy = field(default_factory=Policy)
    guard: Guard = field(default_factory=Guard)
    lease_s: float = 120

    def __post_init__(self) -> None:
        self.commands = Commands(self.database, self.clock)
        context = Context(self.policy, VAULT, "https://fund.example", lease_s=self.lease_s)
        parts = Parts(context=context, providers=self.providers, guard=self.guard)
        self.service: Service = assemble(self.database, self.clock, parts)
        self.delivery = Delivery(
            self.database, self.commands, self.clock, context=context, providers=self.providers
        )

    async def apply(self, work: Callable[[UnitOfWork], T], tenant: str = TENANT) -> T:
        return await self.commands.apply(Principal.system(tenant), work)

    async def know(self, principal: Principal, email: str = "", **contacts: Any) -> None:
        """Keep a person as their sign-in would."""
        kept = Kept(principal.subject, principal.role, principal.schools, email=email, **contacts)
        await self.apply(lambda work: keep(work, kept), principal.tenant)

    async def take(self, event: Event) -> None:
        """Give an event to its consumer, as the bus would."""
        consumer = next(
            each for each in self.service.consumers if each.name == f"notify-{event.service}"
        )
        handler = consumer.handlers[event.type]
        await self.apply(
            lambda work: chassis_inbox.once(work, consumer.name, event, handler), event.tenant
        )

    async def job(self, name: str) -> None:
        """Run a job once."""
        await next(job for job in self.service.jobs if job.name == name).run()

    async def messages(self, **equal: str) -> list[Message]:
        """Return the kept messages, oldest first."""
        rows = await self.database.read(
            lambda connection: connection.execute(
                all_columns().order_by(text("message_id"))
            ).fetchall()
        )
        found = [of_row(row) for row in rows]
        return [
            each
            for each in found
            if all(str(getattr(each, name)) == value for name, value in equal.items())
        ]

    async def attempts(self, message_id: str) -> Sequence[Attempt]:
        """Return a message's attempts."""
        return await self.database.read(
            lambda connection: attempts.of_message(connection, message_id)
        )

    async def one(self, channel: Channel = Channel.EMAIL) -> Message:
        """Return the one message of a channel."""
        found = await self.messages(channel=channel)
        assert len(found) == 1, found
        return found[0]

    async def call(self, rpc: str, request: Any, principal: Principal) -> Any:
        """Call an rpc as a person, without the wire."""
        for servicer in self.service.servicers:
            method = getattr(type(servicer.implementation), rpc, None)
            if method is not None:
                with acting_as(principal):
                    return await method(servicer.implementation, request, None)
        raise AssertionError(f"no servicer has {rpc}")

    async def inbox(self, principal: Principal, **fields: Any) -> inbox.ListMessagesResponse:
        answer: inbox.ListMessagesResponse = await self.call(
            "ListMessages", inbox.ListMessagesRequest(**fields), principal
        )
        return answer

    async def delivery_of(self, message_id: str) -> board.Delivery:
        answer: board.Delivery = await self.call(
            "GetDelivery", board.GetDeliveryRequest(message_id=message_id), MANAGER
        )
        return answer


def event(message: Proto, *, resource: str, sequence: int = 1, tenant: str = TENANT) -> Event:
    return Event(
        id=new_id(),
        type=event_type_of(cast("Descriptor", message.DESCRIPTOR)),
        tenant=tenant,
        resource=resource,
        sequence=sequence,
        time="2026-11-02T09:30:00+00:00",
        data=message.SerializeToString(),
    )


def purchase_event(
    kind: type[Proto], *, sequence: int = 1, actor: str = "", **changes: Any
) -> Event:
    """Return an event of a purchase that `p-1` asked for."""
    values: Mapping[str, Any] = {
        "purchase_id": "purchase-1",
        "reference": "LR-2026-0042",
        "requester_id": "p-1",
        "school_urn": "100001",
        "actor_id": actor or "f-1",
        "child_ids": ["child-secret-1"],
    }
    snapshot = fund.PurchaseSnapshot(**{**values, **changes})
    resource = snapshot.purchase_id
    return event(kind(purchase=snapshot), resource=resource, sequence=sequence)
