"""The contract's own rules: what buf cannot know, checked over the descriptors."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pool import Default
from localresponse.options.v1 import options_pb2

from gateway.api.contract import Contract, Rpc, find_field, load, shape
from services.chassis.errors import ServiceError

SERVICES = ("fund", "outcomes", "notify")
PERSONAL_WORDS = (
    "first_name",
    "last_name",
    "full_name",
    "email",
    "phone",
    "upn",
    "birth",
    "address",
)

# Short, fixed lists that every caller reads whole.
VOCABULARIES = {
    "ListCategories",
    "ListRegisterCodes",
    "ListSuspensionReasons",
    "ListNeighbours",
    "ListSchoolLinks",
    "ListCharacteristicKinds",
}


def _contract() -> Contract:
    return load()


def _ours(name: str) -> bool:
    return name.startswith("localresponse.")


def _rpcs() -> list[Rpc]:
    return [rpc for rpc in _contract().rpcs if _ours(rpc.descriptor.full_name)]


def _unary() -> list[Rpc]:
    return [rpc for rpc in _rpcs() if not rpc.descriptor.client_streaming]


def _files() -> list[Any]:
    pool = Default()
    modules = {rpc.descriptor.containing_service.file.name for rpc in _rpcs()}
    for service in SERVICES:
        package: Any = importlib.import_module(f"localresponse.{service}.v1")
        found = [module.name for module in pkgutil.iter_modules(package.__path__)]
        names = [name.removesuffix("_pb2") for name in found if name.endswith("_pb2")]
        modules |= {f"localresponse/{service}/v1/{name}.proto" for name in names}
    return [pool.FindFileByName(name) for name in sorted(modules)]


def _messages() -> list[Descriptor]:
    top = [message for file in _files() for message in file.message_types_by_name.values()]
    return [one for message in top for one in _nested(message)]


def _nested(message: Descriptor) -> Iterator[Descriptor]:
    yield message
    for inner in message.nested_types:
        if not inner.GetOptions().map_entry:
            yield from _nested(inner)


def _enums() -> list[EnumDescriptor]:
    top = [enum for file in _files() for enum in file.enum_types_by_name.values()]
    return top + [enum for message in _messages() for enum in message.enum_types]


def _within(message: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    if message.full_name in seen:
        return
    seen.add(message.full_name)
    for field in message.fields:
        yield field
        if field.message_type is not None:
            yield from _within(field.message_type, seen)


def test_every_rpc_names_its_action() -> None:
    unnamed = [rpc.path for rpc in _rpcs() if not rpc.action]

    assert unnamed == []


def test_every_rpc_but_client_streams_has_a_route_under_api_v1() -> None:
    without = [
        rpc.path
        for rpc in _unary()
        if not rpc.bindings
        or not all(one.template.text.startswith("/api/v1/") for one in rpc.bindings)
    ]

    assert without == []


def test_what_a_get_calls_writes_nothing() -> None:
    wrong = [
        rpc.path
        for rpc in _unary()
        for binding in rpc.bindings
        if binding.method == "GET" and not rpc.read_only
    ]

    assert wrong == []


def test_a_path_binds_single_fields_only() -> None:
    wrong = []
    for rpc in _unary():
        for variable in [one for binding in rpc.bindings for one in binding.template.variables]:
            field = find_field(shape(rpc.request), variable.path)
            if field is None or field.is_repeated or field.message_type is not None:
                wrong.append(f"{rpc.path} {variable.path}")

    assert wrong == []


def test_every_write_has_a_request_id_that_is_a_uuid() -> None:
    without = []
    for rpc in _unary():
        field = shape(rpc.request).fields_by_name.get("request_id")
        if not rpc.read_only and (field is None or not _uuid(field)):
            without.append(rpc.path)

    assert without == []


def _uuid(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().Extensions[validate_pb2.field].string.uuid)


def test_a_read_takes_no_request_id() -> None:
    wrong = [rpc.path for rpc in _rpcs() if rpc.read_only and rpc.takes("request_id")]

    assert wrong == []


def test_every_list_has_pages() -> None:
    without = [
        rpc.path
        for rpc in _unary()
        if rpc.descriptor.name.startswith("List")
        and rpc.descriptor.name not in VOCABULARIES
        and not (
            rpc.takes("page_size")
            and rpc.takes("page_token")
            and "next_page_token" in shape(rpc.answer).fields_by_name
        )
    ]

    assert without == []


def test_every_element_has_a_comment() -> None:
    names = [rpc.descriptor.full_name for rpc in _rpcs()]
    names += [rpc.descriptor.containing_service.full_name for rpc in _rpcs()]
    for message in _messages():
        names += [message.full_name, *(field.full_name for field in message.fields)]
    for enum in _enums():
        names += [enum.full_name, *(f"{enum.full_name}.{value.name}" for value in enum.values)]
    comments = _contract().comments

    assert [name for name in names if not comments.get(name)] == []


def test_the_zero_of_every_enum_is_unspecified() -> None:
    wrong = [enum.full_name for enum in _enums() if not _zero(enum).endswith("_UNSPECIFIED")]

    assert wrong == []


def _zero(enum: EnumDescriptor) -> str:
    return enum.values_by_number[0].name


def test_no_event_holds_personal_data() -> None:
    wrong = [
        field.full_name
        for message in _messages()
        if message.GetOptions().Extensions[options_pb2.event_type]
        for field in _within(message, set())
        if field.GetOptions().Extensions[options_pb2.personal]
        or any(word in field.name for word in PERSONAL_WORDS)
    ]

    assert wrong == []


def test_fields_named_like_personal_data_say_so() -> None:
    silent = [
        field.full_name
        for message in _messages()
        for field in message.fields
        if field.cpp_type == FieldDescriptor.CPPTYPE_STRING
        and any(word in field.name for word in PERSONAL_WORDS)
        and not field.GetOptions().Extensions[options_pb2.personal]
    ]

    assert silent == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_reasons_of_the_contract_are_those_that_are_raised(service: str) -> None:
    module = importlib.import_module(f"services.{service}.errors")
    for part in pkgutil.iter_modules(getattr(module, "__path__", [])):
        importlib.import_module(f"{module.__name__}.{part.name}")
    raised = {
        error.reason
        for error in _subclasses(ServiceError)
        if error.__module__.startswith(f"{module.__name__}") and "reason" in vars(error)
    }
    enums = [one for one in _contract().reasons if one.full_name.split(".")[1] == service]
    values = [value for enum in enums for value in enum.values if value.number]

    assert raised == {value.name.removeprefix("ERROR_REASON_") for value in values}


def _subclasses(family: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for child in family.__subclasses__():
        yield child
        yield from _subclasses(child)


def test_no_two_rpcs_share_a_route() -> None:
    routes = [
        (binding.method, binding.template.verb, binding.template.segments)
        for rpc in _unary()
        for binding in rpc.bindings
    ]

    assert len(routes) == len(set(routes))
