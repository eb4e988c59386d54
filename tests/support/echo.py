"""A small service of our own: a contract, an action table, and a servicer that answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from buf.validate import validate_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.message import Message
from localresponse.options.v1 import options_pb2

from services.chassis.auth import ActionTable, Relation, Resource, caller, require
from services.chassis.errors import FailedPrecondition

SERVICE = "localresponse.echo.v1.EchoService"
_READ = "[localresponse.options.v1.read_only]: true"
_CONTRACT = """
name: "localresponse/echo/v1/echo.proto"
package: "localresponse.echo.v1"
syntax: "proto3"
dependency: "buf/validate/validate.proto"
dependency: "localresponse/options/v1/options.proto"
message_type {
  name: "SayRequest"
  field {
    name: "text" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
    options { [buf.validate.field] { string { min_len: 1 max_len: 10 } } }
  }
  field {
    name: "school" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL
    options { [localresponse.options.v1.personal]: true }
  }
  field { name: "request_id" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL }
  field {
    name: "parts" number: 3 type: TYPE_MESSAGE label: LABEL_REPEATED
    type_name: ".localresponse.echo.v1.SayRequest"
  }
}
message_type {
  name: "Said"
  field { name: "text" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
}
message_type {
  name: "Person"
  field {
    name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
    options { [localresponse.options.v1.personal]: true }
  }
}
message_type {
  name: "WordSaid"
  field { name: "length" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
  options { [localresponse.options.v1.event_type]: "word.said" }
}
service {
  name: "EchoService"
  METHODS
}
"""


def _method(name: str, answer: str, *options: str, streams: str = "") -> str:
    return (
        f'method {{ name: "{name}" input_type: ".localresponse.echo.v1.SayRequest" '
        f'output_type: ".localresponse.echo.v1.{answer}" {streams} '
        f"options {{ {' '.join(options)} }} }}"
    )


def _action(name: str) -> str:
    return f'[localresponse.options.v1.action]: "{name}"'


_METHODS = (
    _method("Say", "Said", _action("echo.say")),
    _method("Read", "Said", _action("echo.read"), _READ),
    _method("ReadPerson", "Person", _action("echo.read"), _READ),
    _method("Unnamed", "Said"),
    _method("Unlisted", "Said", _action("echo.unlisted")),
    _method("Repeat", "Said", _action("echo.read"), _READ, streams="server_streaming: true"),
    _method("Join", "Said", _action("echo.say"), streams="client_streaming: true"),
)

ACTIONS: ActionTable = {
    "echo.say": {"practitioner": Relation.OWN, "finance_officer": Relation.TENANT},
    "echo.read": {"practitioner": Relation.OWN},
}


def _added() -> None:
    # The two modules are imported so that the text format knows their extensions.
    assert {validate_pb2, options_pb2}
    text = _CONTRACT.replace("METHODS", "\n".join(_METHODS))
    file = text_format.Parse(text, descriptor_pb2.FileDescriptorProto())
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())


_added()


def message(name: str, /, **fields: Any) -> Message:
    """Return a message of the contract, such as `message("SayRequest", text="a")`."""
    descriptor = descriptor_pool.Default().FindMessageTypeByName(f"localresponse.echo.v1.{name}")
    return message_factory.GetMessageClass(descriptor)(**fields)


class Full(FailedPrecondition):
    reason = "ECHO_FULL"


class EchoServicer:
    """Says what it is told; some words make it fail."""

    async def Say(self, request: Any, _context: Any) -> Message:  # noqa: N802  (the name of the rpc)
        match request.text:
            case "full":
                raise Full("no room for 3 more", field="text", left=3)
            case "crash":
                raise ValueError("Ada Lovelace, 4 Acacia Avenue")
            case "sleep":
                await asyncio.Event().wait()
            case "school":
                resource = Resource(caller().tenant, school=request.school)
                require(ACTIONS, caller(), "echo.say", resource)
        return message("Said", text=f"{caller().role}: {request.text}")

    async def Read(self, request: Any, _context: Any) -> Message:  # noqa: N802  (the name of the rpc)
        return message("Said", text=request.text)

    async def ReadPerson(self, request: Any, _context: Any) -> Message:  # noqa: N802  (the name of the rpc)
        return message("Person", name=request.text)

    async def Unnamed(self, request: Any, context: Any) -> Message:  # noqa: N802  (the name of the rpc)
        return await self.Read(request, context)

    async def Unlisted(self, request: Any, context: Any) -> Message:  # noqa: N802  (the name of the rpc)
        return await self.Read(request, context)

    async def Repeat(self, request: Any, _context: Any) -> AsyncIterator[Message]:  # noqa: N802  (the name of the rpc)
        for number in range(3):
            if request.text == "crash" and number == 2:
                raise ValueError("Ada Lovelace")
            yield message("Said", text=f"{request.text} {number}")

    async def Join(self, requests: AsyncIterator[Any], _context: Any) -> Message:  # noqa: N802  (the name of the rpc)
        return message("Said", text="+".join([request.text async for request in requests]))
