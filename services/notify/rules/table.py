"""All rules by full event type, and a written reason for each event that tells nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import localresponse.fund.v1
import localresponse.outcomes.v1
from google.protobuf.descriptor import Descriptor
from google.protobuf.message_factory import GetMessageClass
from localresponse.options.v1 import options_pb2

from services.chassis.events import Event, event_type_of
from services.notify.rules import fund, outcomes
from services.notify.rules.notice import Notice, Rule

_PUBLISHERS = (localresponse.fund.v1, localresponse.outcomes.v1)


@cache
def event_messages() -> Mapping[str, Descriptor]:
    """Return every event that the fund and the outcomes service publish, by type."""
    return {
        event_type_of(descriptor): descriptor
        for package in _PUBLISHERS
        for module in _event_modules(package)
        for descriptor in module.DESCRIPTOR.message_types_by_name.values()
        if descriptor.GetOptions().Extensions[options_pb2.event_type]
    }


def _event_modules(package: ModuleType) -> Sequence[Any]:
    """Return the generated modules of a publisher's `*_events.proto` files."""
    return [
        import_module(f"{package.__name__}.{found.name}")
        for found in iter_modules(package.__path__)
        if found.name.endswith("_events_pb2")
    ]


def read(event: Event) -> Any:
    """Return the event's message.

    Raises:
        google.protobuf.message.DecodeError: The data is not such a message.
    """
    return GetMessageClass(event_messages()[event.type]).FromString(event.data)


def notices(event: Event) -> Sequence[Notice]:
    """Return whom to tell what; nothing for an event that tells nobody."""
    rule = _rules().get(event.type)
    return rule(read(event)) if rule is not None else []


def spoken_types() -> frozenset[str]:
    """Return the types of the events that tell somebody."""
    return frozenset(_rules())


def silent_reasons() -> Mapping[str, str]:
    """Return why an event tells nobody, by type."""
    return {
        _full(service, name): reason
        for service, rules in (("fund", fund), ("outcomes", outcomes))
        for name, reason in rules.SILENT.items()
    }


@cache
def _rules() -> Mapping[str, Rule]:
    return {
        _full(service, name): rule
        for service, rules in (("fund", fund), ("outcomes", outcomes))
        for name, rule in rules.RULES.items()
    }


def _full(service: str, name: str) -> str:
    return f"localresponse.{service}.{name}.v1"
