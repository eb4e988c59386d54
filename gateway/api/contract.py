"""What the protos say, read from the descriptor image: rpcs, routes, actions and comments.

REST routes, OpenAPI and the catalogue of problems all start here, so nothing is written twice.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    MethodDescriptor,
)
from google.protobuf.message import Message
from localresponse.options.v1 import options_pb2

from gateway.api import file_routes
from gateway.api.file_routes import FileRoute
from gateway.api.templates import Template, parse

_METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Binding:
    """One way to call an rpc by HTTP; `body` is empty, `*` or a field's name."""

    method: str
    template: Template
    body: str
    response_body: str


@dataclass(frozen=True, slots=True)
class Rpc:
    """One rpc: how it is called, who may, and what it says about itself.

    `service` is the short name (`fund`) by which the gateway knows the target.
    """

    descriptor: MethodDescriptor
    service: str
    request: type[Message]
    answer: type[Message]
    bindings: tuple[Binding, ...]
    action: str
    read_only: bool
    comment: str
    files: tuple[FileRoute, ...] = ()

    @property
    def path(self) -> str:
        """The name on the wire, `/package.Service/Method`."""
        return f"/{self.descriptor.containing_service.full_name}/{self.descriptor.name}"

    @property
    def items(self) -> FieldDescriptor | None:
        """The repeated field of a list's answer; None when this is not a list."""
        answer = shape(self.answer)
        paged = "next_page_token" in answer.fields_by_name
        if not paged and not self.descriptor.name.startswith("List"):
            return None
        repeated = [one for one in answer.fields if one.is_repeated and one.message_type]
        return repeated[0] if len(repeated) == 1 else None

    def takes(self, name: str) -> bool:
        """Whether the request has a field of that name."""
        return name in self.request.DESCRIPTOR.fields_by_name


@dataclass(frozen=True, slots=True)
class Contract:
    """All rpcs and error reasons of an image, with the comment of every element by full name."""

    rpcs: tuple[Rpc, ...]
    reasons: tuple[EnumDescriptor, ...]
    comments: Mapping[str, str]


def product_image() -> bytes:
    """Return the descriptor image that the build wrote beside the generated modules."""
    return (resources.files("localresponse") / "descriptors.binpb").read_bytes()


def load(image: bytes | None = None) -> Contract:
    """Read a serialised FileDescriptorSet with source info; without one, the product's own."""
    files = descriptor_pb2.FileDescriptorSet.FromString(image or product_image()).file
    comments: dict[str, str] = {}
    for file in files:
        _register(file)
        comments.update(_comments(file))
    pool = descriptor_pool.Default()
    rpcs: list[Rpc] = []
    reasons: list[EnumDescriptor] = []
    for file in files:
        found: Any = pool.FindFileByName(file.name)
        for service in found.services_by_name.values():
            rpcs.extend(_rpc(method, comments) for method in service.methods)
        reasons.extend(
            enum for name, enum in found.enum_types_by_name.items() if name == "ErrorReason"
        )
    return Contract(tuple(rpcs), tuple(reasons), comments)


def _register(file: descriptor_pb2.FileDescriptorProto) -> None:
    # Generated modules come first: they and the image differ in json_name and source info,
    # and the pool refuses a second, different file of the same name.
    pool = descriptor_pool.Default()
    module = file.name.removesuffix(".proto").replace("/", ".") + "_pb2"
    try:
        importlib.import_module(module)
    except ModuleNotFoundError:
        pool.AddSerializedFile(file.SerializeToString())


def _rpc(method: MethodDescriptor, comments: Mapping[str, str]) -> Rpc:
    options = method.GetOptions()
    rule: http_pb2.HttpRule = options.Extensions[annotations_pb2.http]
    return Rpc(
        descriptor=method,
        service=method.containing_service.full_name.split(".")[1],
        request=message_factory.GetMessageClass(method.input_type),
        answer=message_factory.GetMessageClass(method.output_type),
        bindings=tuple(_bindings(rule)),
        action=options.Extensions[options_pb2.action],
        read_only=options.Extensions[options_pb2.read_only],
        comment=comments.get(method.full_name, ""),
        files=file_routes.of_method(method),
    )


def _bindings(rule: http_pb2.HttpRule) -> Iterator[Binding]:
    pattern = rule.WhichOneof("pattern")
    if pattern is None:
        return
    if pattern == "custom":
        method, path = rule.custom.kind, rule.custom.path
    else:
        method, path = pattern.upper(), getattr(rule, pattern)
    yield Binding(method, parse(path), rule.body, rule.response_body)
    for extra in rule.additional_bindings:
        yield from _bindings(extra)


def _comments(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, str]]:
    names = dict(_names(file))
    for location in file.source_code_info.location:
        name = names.get(tuple(location.path))
        text = location.leading_comments or location.trailing_comments
        if name and text:
            yield name, "\n".join(line.strip() for line in text.strip().splitlines())


def _names(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    # The numbers are those of the fields of FileDescriptorProto and its parts.
    prefix = f"{file.package}." if file.package else ""
    for index, message in enumerate(file.message_type):
        yield from _message_names(message, (4, index), prefix + message.name)
    for index, enum in enumerate(file.enum_type):
        yield from _enum_names(enum, (5, index), prefix + enum.name)
    for index, service in enumerate(file.service):
        yield (6, index), prefix + service.name
        for number, method in enumerate(service.method):
            yield (6, index, 2, number), f"{prefix}{service.name}.{method.name}"


def _message_names(
    message: descriptor_pb2.DescriptorProto, path: tuple[int, ...], name: str
) -> Iterator[tuple[tuple[int, ...], str]]:
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, 2, index), f"{name}.{field.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _message_names(nested, (*path, 3, index), f"{name}.{nested.name}")
    for index, enum in enumerate(message.enum_type):
        yield from _enum_names(enum, (*path, 4, index), f"{name}.{enum.name}")


def _enum_names(
    enum: descriptor_pb2.EnumDescriptorProto, path: tuple[int, ...], name: str
) -> Iterator[tuple[tuple[int, ...], str]]:
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, 2, index), f"{name}.{value.name}"


def shape(message: Message | type[Message]) -> Descriptor:
    """Return a message's descriptor; the stubs know two classes where there is one."""
    return cast("Descriptor", message.DESCRIPTOR)


def find_field(descriptor: Descriptor, path: str) -> FieldDescriptor | None:
    """Follow a dotted path of proto or JSON names; None when a step is unknown or repeated."""
    step, _, rest = path.partition(".")
    field = descriptor.fields_by_name.get(step) or descriptor.fields_by_camelcase_name.get(step)
    if field is None or not rest:
        return field
    if field.message_type is None or field.is_repeated:
        return None
    return find_field(field.message_type, rest)


def field_at(message: Message, path: str) -> Any:
    """Follow a dotted path of proto names to a value; None where there is no such field."""
    value: Any = message
    for step in path.split("."):
        fields = getattr(getattr(value, "DESCRIPTOR", None), "fields_by_name", {})
        if step not in fields:
            return None
        value = getattr(value, step)
    return value
