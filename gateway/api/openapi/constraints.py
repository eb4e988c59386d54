"""Validation rules of the protos (buf.validate) as JSON Schema keywords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buf.validate import validate_pb2
from google.api import field_behavior_pb2
from google.protobuf.descriptor import FieldDescriptor

Schema = dict[str, Any]

_FORMATS: Mapping[str, str] = {
    "uuid": "uuid",
    "email": "email",
    "uri": "uri",
    "uri_ref": "uri-reference",
    "hostname": "hostname",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
}
_NUMBERS: Mapping[str, str] = {
    "gt": "exclusiveMinimum",
    "gte": "minimum",
    "lt": "exclusiveMaximum",
    "lte": "maximum",
    "const": "const",
}
_SMALL = ("float", "double", "int32", "uint32", "sint32", "fixed32", "sfixed32")


def rules(field: FieldDescriptor) -> Any:
    """Return the field's rules; an empty message when it has none."""
    return field.GetOptions().Extensions[validate_pb2.field]


def behaves(field: FieldDescriptor, behavior: int) -> bool:
    """Whether the field has a google.api.field_behavior."""
    return behavior in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]


def required(field: FieldDescriptor) -> bool:
    """Whether a request must give the field."""
    return behaves(field, field_behavior_pb2.REQUIRED) or rules(field).required


def keywords(given: Any) -> Schema:
    """Return what JSON Schema can say of some rules; the rest is in the field's comment.

    Bounds of 64-bit numbers are left out: they are strings in JSON.
    """
    kind = given.WhichOneof("type")
    if kind is None:
        return {"minLength": 1} if given.required else {}
    value = getattr(given, kind)
    if kind == "string":
        return _string(value)
    if kind in _SMALL:
        return _number(value)
    if kind == "repeated":
        return _repeated(value)
    if kind == "map":
        return _present(value, {"min_pairs": "minProperties", "max_pairs": "maxProperties"})
    return {}


def skips_zero(given: Any) -> bool:
    """Whether the rules leave the zero value alone."""
    return bool(given.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE)


def excluded(given: Any) -> set[int]:
    """Return the enum numbers that may not be given."""
    return set(given.enum.not_in) if given.WhichOneof("type") == "enum" else set()


def _present(value: Any, names: Mapping[str, str]) -> Schema:
    return {theirs: getattr(value, ours) for ours, theirs in names.items() if value.HasField(ours)}


def _string(value: Any) -> Schema:
    names = {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern", "const": "const"}
    schema = _present(value, names)
    if value.HasField("len"):
        schema |= {"minLength": value.len, "maxLength": value.len}
    chosen = value.WhichOneof("well_known")
    if chosen in _FORMATS:
        schema["format"] = _FORMATS[chosen]
    options = list(getattr(value, "in"))
    if options:
        schema["enum"] = options
    return schema


def _number(value: Any) -> Schema:
    schema: Schema = {}
    for ours, theirs in _NUMBERS.items():
        in_choice = ours in {"gt", "gte", "lt", "lte"}
        choice = "greater_than" if ours.startswith("g") else "less_than"
        given = value.WhichOneof(choice) == ours if in_choice else value.HasField(ours)
        if given:
            schema[theirs] = getattr(value, ours)
    options = list(getattr(value, "in"))
    if options:
        schema["enum"] = options
    return schema


def _repeated(value: Any) -> Schema:
    schema = _present(value, {"min_items": "minItems", "max_items": "maxItems"})
    if value.unique:
        schema["uniqueItems"] = True
    return schema
