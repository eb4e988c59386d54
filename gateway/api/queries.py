"""Query and path parameters into protobuf messages, as google.api.http maps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway.api import scalars
from gateway.api.contract import find_field, shape
from gateway.api.json_reading import Reader, is_map, is_special
from gateway.api.problems import FieldError

PARAMETERS_MAX = 200


def bind_path(target: Message, variables: dict[str, str]) -> list[FieldError]:
    """Set the fields that the path names; the faults are returned."""
    faults = (_bind(target, path, text) for path, text in variables.items())
    return [fault for fault in faults if fault is not None]


def bind_query(
    target: Message, pairs: list[tuple[str, str]], *, taken: Iterable[str] = ()
) -> list[FieldError]:
    """Set fields from a query string; the faults are returned.

    Args:
        target: The request message.
        pairs: Names and values in the order of the query, decoded.
        taken: Fields that the path or the body owns, which a parameter may not set.
    """
    if len(pairs) > PARAMETERS_MAX:
        return [FieldError(f"no more than {PARAMETERS_MAX} parameters", parameter="*")]
    faults: list[FieldError] = []
    owned = set(taken)
    seen: set[str] = set()
    for name, text in pairs:
        field = find_field(shape(target), name)
        if field is None or not _bindable(field):
            faults.append(FieldError("is not a parameter of this call", parameter=name[:60]))
            continue
        path = _proto_path(target, name)
        if path in owned or path.partition(".")[0] in owned:
            faults.append(FieldError("is set by the path or the body", parameter=name))
        elif path in seen and not field.is_repeated:
            faults.append(FieldError("may be given once", parameter=name))
        else:
            seen.add(path)
            fault = _bind(target, path, text)
            faults += [FieldError(fault.detail, parameter=name)] if fault else []
    return faults


def _bind(target: Message, path: str, text: str) -> FieldError | None:
    *parents, last = path.split(".")
    for step in parents:
        target = getattr(target, step)
        target.SetInParent()
    field = shape(target).fields_by_name[last]
    if field.message_type is not None:
        reader = Reader()
        reader.message(getattr(target, last), _special_value(field, text))
        return FieldError(reader.errors[0].detail, parameter=path) if reader.errors else None
    try:
        value = scalars.read_text(field, text)
    except scalars.ValueRefused as error:
        return FieldError(str(error), parameter=path)
    if field.is_repeated:
        getattr(target, last).append(value)
    else:
        setattr(target, last, value)
    return None


def _bindable(field: FieldDescriptor) -> bool:
    if field.message_type is None:
        return True
    return is_special(field.message_type) and not field.is_repeated and not is_map(field)


def _special_value(field: FieldDescriptor, text: str) -> Any:
    # A wrapper of a bool is the one whose JSON form is not also good as a string.
    wrapper = cast("Any", field.message_type).full_name == "google.protobuf.BoolValue"
    return {"true": True, "false": False}.get(text, text) if wrapper else text


def _proto_path(target: Message, name: str) -> str:
    descriptor: Any = target.DESCRIPTOR
    steps = []
    for step in name.split("."):
        field = find_field(descriptor, step)
        assert field is not None
        steps.append(field.name)
        descriptor = field.message_type
    return ".".join(steps)
