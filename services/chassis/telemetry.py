"""What the product tells its operators: JSON lines on stderr, Prometheus metrics, trace ids.

None of it may hold personal data: messages are logged without their personal fields, and an
exception by its type and its places in the code, since its text can hold anything.
"""

from __future__ import annotations

import contextvars
import logging
import random
import re
import sys
import traceback
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import orjson
import prometheus_client
import structlog
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from localresponse.options.v1 import options_pb2
from structlog.typing import Processor

REGISTRY = prometheus_client.REGISTRY
"""The one registry of the process; /metrics shows it."""

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_CURRENT: contextvars.ContextVar[str] = contextvars.ContextVar("traceparent", default="")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # not annotated there


def traceparent() -> str:
    """Return the W3C trace context of the work being done; empty outside of any."""
    return _CURRENT.get()


def trace_id() -> str:
    """Return the 32 hexadecimal digits that name the present trace; empty outside of any."""
    return _CURRENT.get()[3:35]


def continue_trace(incoming: str) -> str:
    """Begin a span of the incoming trace, or a new trace when there is none that is valid.

    Args:
        incoming: A `traceparent` as it came with a call or an event; may be anything.

    Returns:
        The new traceparent, in force until the end of the present task.
    """
    valid = _TRACEPARENT.fullmatch(incoming)
    # Trace ids need to differ, not to be secret; the system's own randomness costs 20 times more.
    trace, flags = (incoming[3:35], incoming[53:55]) if valid else (_hex(128), "01")
    current = f"00-{trace}-{_hex(64)}-{flags}"
    _CURRENT.set(current)
    return current


def _hex(bits: int) -> str:
    """Return random digits, never all of them 0."""
    return f"{random.getrandbits(bits) or 1:0{bits // 4}x}"


def configure_logging(level: str = "info") -> None:
    """Send every log line of the process to stderr as JSON; call it once, at start.

    Args:
        level: debug, info, warning or error.
    """
    number = _LEVELS[level]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_personal,
        _exception_without_text,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_line)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_line),
            ],
        )
    )
    # Libraries speak only when something is wrong: their lines are not ours to vouch for.
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _line(event: Any, **options: Any) -> str:
    """Return an event as JSON on one line; what JSON has no form for is told as structlog does."""
    return orjson.dumps(event, options["default"], orjson.OPT_NON_STR_KEYS).decode()


class _Stderr:
    """Writes a line to what is stderr when the line is written."""

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = exception = log = msg


def redacted(message: Message) -> dict[str, Any]:
    """Return the message as JSON values without any field that the contract calls personal."""
    copy = type(message)()
    copy.CopyFrom(message)
    _clear_personal(copy)
    values: dict[str, Any] = json_format.MessageToDict(copy, preserving_proto_field_name=True)
    return values


@cache
def holds_personal(descriptor: Descriptor) -> bool:
    """Return whether a message of this type can hold personal data at any depth."""
    return _holds_personal(descriptor, frozenset())


def _holds_personal(descriptor: Descriptor, above: frozenset[str]) -> bool:
    if descriptor.full_name in above:
        return False
    within = above | {descriptor.full_name}
    return any(
        is_personal(field)
        or (field.message_type is not None and _holds_personal(field.message_type, within))
        for field in descriptor.fields
    )


def is_personal(field: FieldDescriptor) -> bool:
    """Return whether the contract calls the field personal."""
    return bool(field.GetOptions().Extensions[options_pb2.personal])


def _clear_personal(message: Message) -> None:
    for field, value in message.ListFields():
        if is_personal(field):
            message.ClearField(field.name)
        elif field.message_type is not None and holds_personal(field.message_type):
            for part in _messages_in(field, field.message_type, value):
                _clear_personal(part)


def _messages_in(field: FieldDescriptor, kind: Descriptor, value: Any) -> list[Message]:
    if kind.GetOptions().map_entry:
        return [part for part in value.values() if isinstance(part, Message)]
    return list(value) if field.is_repeated else [value]


def _without_personal(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, Message):
            event[key] = redacted(value)
    return event


def _exception_without_text(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = describe(error)
    return event


def describe(error: BaseException) -> list[str]:
    """Return the types and places of an exception and of what caused it, without their texts."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < 200:
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        ]
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return lines
