"""JSON values into protobuf messages: strict proto3 JSON, every fault with its JSON pointer.

`google.protobuf.json_format` refuses unknown fields too, but stops at the first fault and
names it in words; a form needs all of them, each with a pointer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.api import scalars
from gateway.api.contract import shape
from gateway.api.problems import FieldError

ERRORS_MAX = 20
_NAME_SHOWN = 60

# These have a JSON form of their own, which protobuf's own reader knows.
_SPECIAL = {
    "google.protobuf." + name
    for name in (
        *("Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue"),
        *("BoolValue", "StringValue", "BytesValue", "FloatValue", "DoubleValue"),
        *("Int32Value", "Int64Value", "UInt32Value", "UInt64Value"),
    )
}
_HINTS = {
    "google.protobuf.Timestamp": "must be a time such as 2026-11-21T09:30:00Z",
    "google.protobuf.Duration": 'must be a duration in seconds such as "90s"',
    "google.protobuf.FieldMask": "must be field names parted by commas",
}


class Reader:
    """Fills messages and gathers faults; ask `errors` when done.

    Args:
        root: The pointer of the body, `#` or deeper.
    """

    def __init__(self, root: str = "#") -> None:
        self.root = root
        self.errors: list[FieldError] = []

    def fault(self, pointer: str, detail: str) -> None:
        """Note a fault; beyond the first twenty they are dropped."""
        if len(self.errors) < ERRORS_MAX:
            self.errors.append(FieldError(detail, pointer=pointer))

    def message(self, target: Message, value: Any, pointer: str = "") -> None:
        """Fill a message from a JSON value."""
        pointer = pointer or self.root
        if is_special(shape(target)):
            self._special(target, value, pointer)
            return
        if not isinstance(value, dict):
            self.fault(pointer, "must be an object")
            return
        fields = _fields(shape(target))
        seen: dict[str, str] = {}
        for name, member in value.items():
            here = f"{pointer}/{escaped(name)}"
            field = fields.get(name)
            if field is None:
                self.fault(here, "is not a field of " + target.DESCRIPTOR.name)
            elif self._only_once(field, seen, here) and member is not None:
                self.field(target, field, member, here)

    def _only_once(self, field: FieldDescriptor, seen: dict[str, str], pointer: str) -> bool:
        group = _choice(field) or field.name
        if group in seen:
            self.fault(pointer, f"cannot be given together with {seen[group]}")
            return False
        seen[group] = field.json_name
        return True

    def field(self, target: Message, field: FieldDescriptor, value: Any, pointer: str) -> None:
        """Fill one field of a message from a JSON value that is not null."""
        if is_map(field):
            self._map(target, field, value, pointer)
        elif field.is_repeated:
            self._list(target, field, value, pointer)
        elif field.message_type is not None:
            inner = getattr(target, field.name)
            inner.SetInParent()
            self.message(inner, value, pointer)
        else:
            self._assign(target, field, value, pointer)

    def _assign(self, target: Message, field: FieldDescriptor, value: Any, pointer: str) -> None:
        try:
            setattr(target, field.name, scalars.read(field, value))
        except scalars.ValueRefused as error:
            self.fault(pointer, str(error))

    def _list(self, target: Message, field: FieldDescriptor, value: Any, pointer: str) -> None:
        if not isinstance(value, list):
            self.fault(pointer, "must be a list")
            return
        items = getattr(target, field.name)
        for index, item in enumerate(value):
            here = f"{pointer}/{index}"
            if field.message_type is not None:
                self.message(items.add(), item, here)
                continue
            try:
                items.append(scalars.read(field, item))
            except scalars.ValueRefused as error:
                self.fault(here, str(error))

    def _map(self, target: Message, field: FieldDescriptor, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            self.fault(pointer, "must be an object")
            return
        entry = cast("Descriptor", field.message_type)
        key_field, value_field = entry.fields_by_name["key"], entry.fields_by_name["value"]
        members = getattr(target, field.name)
        for name, member in value.items():
            here = f"{pointer}/{escaped(name)}"
            try:
                key = scalars.read_text(key_field, name)
                if value_field.message_type is not None:
                    self.message(members[key], member, here)
                else:
                    members[key] = scalars.read(value_field, member)
            except scalars.ValueRefused as error:
                self.fault(here, str(error))

    def _special(self, target: Message, value: Any, pointer: str) -> None:
        name = target.DESCRIPTOR.full_name
        try:
            json_format.ParseDict(value, target)
        except (json_format.ParseError, ValueError, TypeError, AttributeError):
            self.fault(pointer, _HINTS.get(name, "is not a " + target.DESCRIPTOR.name))


def is_special(descriptor: Descriptor) -> bool:
    """Whether proto3 JSON writes this message in a form of its own."""
    return descriptor.full_name in _SPECIAL


def is_map(field: FieldDescriptor) -> bool:
    """Whether the field is a map."""
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def escaped(name: str) -> str:
    """Return a name as a token of a JSON pointer (RFC 6901), cut at sixty characters."""
    plain = name[:_NAME_SHOWN].encode("utf-8", "replace").decode()
    return plain.replace("~", "~0").replace("/", "~1")


def _choice(field: FieldDescriptor) -> str:
    # An `optional` field sits in a oneof of its own that no caller knows of.
    choice = field.containing_oneof
    return choice.name if choice is not None and len(choice.fields) > 1 else ""


_KNOWN: dict[str, Mapping[str, FieldDescriptor]] = {}


def _fields(descriptor: Descriptor) -> Mapping[str, FieldDescriptor]:
    known = _KNOWN.get(descriptor.full_name)
    if known is None:
        known = {field.name: field for field in descriptor.fields}
        known |= {field.json_name: field for field in descriptor.fields}
        _KNOWN[descriptor.full_name] = known
    return known
