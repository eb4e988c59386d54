"""Messages and enums as JSON schemas, each once, under components."""

from __future__ import annotations

from typing import Any, cast

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from localresponse.options.v1 import options_pb2

from gateway.api.contract import Contract
from gateway.api.json_reading import is_map
from gateway.api.openapi import constraints
from gateway.api.openapi.constraints import Schema

F = FieldDescriptor
_BITS_32 = 2**31
_SCALARS: dict[int, Schema] = {
    F.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    F.CPPTYPE_UINT32: {"type": "integer", "format": "int64", "minimum": 0},
    F.CPPTYPE_INT64: {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"},
    F.CPPTYPE_UINT64: {"type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"},
    F.CPPTYPE_BOOL: {"type": "boolean"},
    F.CPPTYPE_DOUBLE: {"type": "number", "format": "double"},
    F.CPPTYPE_FLOAT: {"type": "number", "format": "float"},
}
_SPECIAL: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"},
    "google.protobuf.FieldMask": {"type": "string"},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.Value": {},
    "google.protobuf.ListValue": {"type": "array"},
    "google.protobuf.BoolValue": {"type": "boolean"},
    "google.protobuf.StringValue": {"type": "string"},
    "google.protobuf.BytesValue": {"type": "string", "contentEncoding": "base64"},
    "google.protobuf.FloatValue": {"type": "number"},
    "google.protobuf.DoubleValue": {"type": "number"},
    "google.protobuf.Int32Value": {"type": "integer"},
    "google.protobuf.UInt32Value": {"type": "integer"},
    "google.protobuf.Int64Value": {"type": "string"},
    "google.protobuf.UInt64Value": {"type": "string"},
}
_UNITS = "Whole pounds, at most 2^53 pence in all; a string."
_TYPES: dict[str, Schema] = {
    "google.type.Money": {
        "type": "object",
        "description": "Pounds and pence, never a part of a penny.",
        "required": ["currencyCode"],
        "properties": {
            "currencyCode": {"type": "string", "const": "GBP"},
            "units": {"type": "string", "pattern": "^-?[0-9]{1,14}$", "description": _UNITS},
            "nanos": {
                "type": "integer",
                "description": "The pence, times 10,000,000.",
                "minimum": -990_000_000,
                "maximum": 990_000_000,
                "multipleOf": 10_000_000,
            },
        },
    },
    "google.type.Date": {
        "type": "object",
        "description": "A day of the calendar.",
        "required": ["year", "month", "day"],
        "properties": {
            "year": {"type": "integer", "minimum": 1, "maximum": 9999},
            "month": {"type": "integer", "minimum": 1, "maximum": 12},
            "day": {"type": "integer", "minimum": 1, "maximum": 31},
        },
    },
}
"""What services accept of these is narrower than what their comments say."""


def prose(comment: str) -> str:
    """Return a comment's text with its lines joined."""
    return " ".join(comment.split())


class Schemas:
    """Gathers the schemas that are asked for, and those that they need.

    Args:
        contract: For comments.
        closed: Names of messages that come in requests, where unknown fields are refused.
    """

    def __init__(self, contract: Contract, closed: set[str]) -> None:
        self._comments = contract.comments
        self._closed = closed
        self.components: dict[str, Schema] = {}

    def reference(self, descriptor: Descriptor) -> Schema:
        """Return a schema or a `$ref` to it for a message."""
        special = _SPECIAL.get(descriptor.full_name)
        if special is not None:
            return dict(special)
        name = component_name(descriptor)
        if name not in self.components:
            self.components[name] = {}
            known = _TYPES.get(descriptor.full_name)
            closed = {"additionalProperties": False}
            self.components[name] = {**known, **closed} if known else self.object(descriptor)
        return {"$ref": f"#/components/schemas/{name}"}

    def object(self, descriptor: Descriptor, *, without: frozenset[str] = frozenset()) -> Schema:
        """Return the schema of a message's fields, less those that go elsewhere."""
        fields = [field for field in descriptor.fields if field.name not in without]
        schema: Schema = {
            "type": "object",
            "properties": {field.json_name: self.field(field) for field in fields},
        }
        comment = self._comments.get(descriptor.full_name)
        if comment:
            schema["description"] = prose(comment)
        needed = [field.json_name for field in fields if constraints.required(field)]
        if needed:
            schema["required"] = needed
        if descriptor.full_name in self._closed:
            schema["additionalProperties"] = False
        return schema

    def field(self, field: FieldDescriptor) -> Schema:
        """Return the schema of one field with its comment and rules."""
        schema = self._value(field)
        comment = self._comments.get(field.full_name)
        if comment:
            schema = {"description": prose(comment), **schema}
        if constraints.behaves(field, field_behavior_pb2.OUTPUT_ONLY):
            schema["readOnly"] = True
        if field.GetOptions().Extensions[options_pb2.personal]:
            schema["x-personal-data"] = True
        return schema

    def _value(self, field: FieldDescriptor) -> Schema:
        given = constraints.rules(field)
        if is_map(field):
            value = cast("Any", field.message_type).fields_by_name["value"]
            inner = self._single(value, given.map.values)
            return {
                "type": "object",
                "additionalProperties": inner,
                **constraints.keywords(given),
            }
        if field.is_repeated:
            inner = self._single(field, given.repeated.items)
            return {"type": "array", "items": inner, **constraints.keywords(given)}
        return self._single(field, given)

    def _single(self, field: FieldDescriptor, given: Any) -> Schema:
        if field.message_type is not None:
            return self.reference(field.message_type)
        if field.enum_type is not None:
            return self._enum(field.enum_type, constraints.excluded(given))
        schema = _scalar(field)
        more = constraints.keywords(given) if field.type != F.TYPE_BYTES else {}
        if more.get("minLength") == 1 and schema["type"] != "string":
            more.pop("minLength")
        if more and constraints.skips_zero(given):
            zero = "" if schema["type"] == "string" else 0
            return {**schema, "anyOf": [{"const": zero}, more]}
        return {**schema, **more}

    def _enum(self, enum: EnumDescriptor, without: set[int]) -> Schema:
        if without:
            return {"type": "string", "enum": _names(enum, without)}
        name = component_name(enum)
        if name not in self.components:
            lines = [self._comments.get(enum.full_name, "")]
            for value in enum.values:
                comment = self._comments.get(f"{enum.full_name}.{value.name}", "")
                lines.append(f"- `{value.name}`: {prose(comment)}")
            self.components[name] = {
                "type": "string",
                "enum": _names(enum, set()),
                "description": "\n".join(lines).strip(),
            }
        return {"$ref": f"#/components/schemas/{name}"}


def component_name(descriptor: Descriptor | EnumDescriptor) -> str:
    """Return `fund.Purchase` for `localresponse.fund.v1.Purchase`."""
    package = descriptor.file.package
    inside = descriptor.full_name.removeprefix(package + ".")
    return f"{package.split('.')[1]}.{inside}"


def _names(enum: EnumDescriptor, without: set[int]) -> list[str]:
    return [value.name for value in enum.values if value.number not in without]


def _scalar(field: FieldDescriptor) -> Schema:
    if field.type == F.TYPE_BYTES:
        return {"type": "string", "contentEncoding": "base64"}
    if field.cpp_type == F.CPPTYPE_STRING:
        return {"type": "string"}
    schema = dict(_SCALARS[field.cpp_type])
    if field.cpp_type == F.CPPTYPE_INT32:
        schema |= {"minimum": -_BITS_32, "maximum": _BITS_32 - 1}
    return schema


def messages_within(descriptor: Descriptor, seen: set[str]) -> set[str]:
    """Return the full names of a message and of all messages that it can hold."""
    if descriptor.full_name not in seen:
        seen.add(descriptor.full_name)
        for field in descriptor.fields:
            if field.message_type is not None:
                messages_within(field.message_type, seen)
    return seen
