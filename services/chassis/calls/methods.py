"""A method as its contract describes it: action, messages, and whether reading it is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from localresponse.options.v1 import options_pb2

from services.chassis.telemetry import holds_personal


@dataclass(frozen=True, slots=True)
class Method:
    """One rpc.

    Attributes:
        rpc: `localresponse.fund.v1.PurchaseService/GetPurchase`; also a metric label.
        name: The method's own name.
        action: A key of the action table; empty when the contract names none.
        request: The class of its request messages.
        streams_in: The client sends many messages.
        streams_out: The server sends many messages.
        audited: It writes, or what it answers can hold personal data.
    """

    rpc: str
    name: str
    action: str
    request: type[Message]
    streams_in: bool
    streams_out: bool
    audited: bool


def methods_of(service: str) -> list[Method]:
    """Return the methods of a proto service from its descriptor.

    Args:
        service: Its full name; the generated module must have been imported.

    Raises:
        KeyError: No such service is known.
    """
    descriptor = descriptor_pool.Default().FindServiceByName(service)
    return [_method(service, method) for method in descriptor.methods]


def _method(service: str, method: MethodDescriptor) -> Method:
    options = method.GetOptions().Extensions
    return Method(
        rpc=f"{service}/{method.name}",
        name=method.name,
        action=options[options_pb2.action],
        request=message_factory.GetMessageClass(method.input_type),
        streams_in=method.client_streaming,
        streams_out=method.server_streaming,
        audited=not options[options_pb2.read_only] or holds_personal(method.output_type),
    )
