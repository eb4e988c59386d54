"""The envelope of an event: CloudEvents names, ids only, never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from google.protobuf.descriptor import Descriptor
from localresponse.options.v1 import options_pb2


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as it is kept in the outbox and sent on the wire.

    Attributes:
        id: Unique; also the stream's message id.
        type: Such as `localresponse.fund.purchase.approved.v1`.
        tenant: The authority's nine-character ONS code.
        resource: The id of the resource it happened to (ce-subject).
        sequence: 1, 2, 3 … over all the events of that resource.
        time: RFC 3339, UTC.
        data: A serialised message of the publisher's events proto.
        traceparent: W3C trace context of the command; empty if none.
    """

    id: str
    type: str
    tenant: str
    resource: str
    sequence: int
    time: str
    data: bytes
    traceparent: str = ""

    @property
    def service(self) -> str:
        """The publisher: the second word of the type."""
        return self.type.split(".")[1]

    @property
    def source(self) -> str:
        """CloudEvents source, `/<tenant>/<service>`."""
        return f"/{self.tenant}/{self.service}"

    @property
    def subject(self) -> str:
        """The NATS subject, `lr.<tenant>.<service>.<resource>.<verb>`."""
        _, service, resource, verb, _ = self.type.split(".")
        return f"lr.{self.tenant}.{service}.{resource}.{verb}"


@cache
def event_type_of(descriptor: Descriptor) -> str:
    """Return the event type that a message announces, from its `event_type` option.

    Raises:
        ValueError: The message has no such option, so it is not an event.
    """
    name = descriptor.GetOptions().Extensions[options_pb2.event_type]
    if not name:
        raise ValueError(f"{descriptor.full_name} is not an event")
    service, version = descriptor.full_name.split(".")[1:3]
    return f"localresponse.{service}.{name}.{version}"
