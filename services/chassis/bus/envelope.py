"""Events as NATS messages: CloudEvents 1.0 in binary mode, attributes in headers.

Source: CloudEvents NATS protocol binding 1.0.3, section 3.1; CloudEvents sequence extension.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from services.chassis.events import Event

# The binding encodes space, double quote, percent and all outside of printable ASCII.
_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_TYPE = re.compile(r"localresponse\.[a-z]+\.[a-z_]+\.[a-z_]+\.v[0-9]+")
_REQUIRED = ("ce-id", "ce-type", "ce-subject", "ce-time", "ce-sequence", "ce-tenant")
_LONGEST = {"ce-id": 36, "ce-type": 120, "ce-subject": 80, "ce-time": 40, "ce-tenant": 9}


class Unparsable(Exception):
    """A message that no number of deliveries can turn into an event; it says why in a word."""


def headers_of(event: Event) -> dict[str, str]:
    """Return the message headers of an event; its data is the message's payload."""
    # Only what others name can hold what must be encoded.
    headers = {
        "ce-specversion": "1.0",
        "ce-id": event.id,
        "ce-type": event.type,
        "ce-source": quote(event.source, safe=_PRINTABLE),
        "ce-subject": quote(event.resource, safe=_PRINTABLE),
        "ce-time": event.time,
        "ce-sequence": str(event.sequence),
        "ce-tenant": quote(event.tenant, safe=_PRINTABLE),
        "ce-datacontenttype": "application/protobuf",
    }
    if event.traceparent:
        headers["traceparent"] = event.traceparent
    # JetStream drops a second message with the same id while its window is open.
    headers["Nats-Msg-Id"] = event.id
    return headers


def event_of(subject: str, headers: Mapping[str, str], data: bytes) -> Event:
    """Return the event that a message carries.

    Args:
        subject: Where it was published; it must agree with the headers, because the server only
            guards who publishes to a subject, not what the headers say.
        headers: As they came.
        data: The payload, not looked into.

    Raises:
        Unparsable: A header is missing, too long, malformed, or does not agree with the subject.
    """
    values = {name: unquote(headers.get(name, "")) for name in _REQUIRED}
    for name, value in values.items():
        if not value:
            raise Unparsable(f"{name} is missing")
        if len(value) > _LONGEST.get(name, 19):
            raise Unparsable(f"{name} is too long")
    if not _TYPE.fullmatch(values["ce-type"]):
        raise Unparsable("ce-type is malformed")
    event = Event(
        id=values["ce-id"],
        type=values["ce-type"],
        tenant=values["ce-tenant"],
        resource=values["ce-subject"],
        sequence=_sequence(values["ce-sequence"]),
        time=values["ce-time"],
        data=data,
        traceparent=headers.get("traceparent", "")[:55],
    )
    if event.subject != subject:
        raise Unparsable("ce-type and ce-tenant do not agree with the subject")
    return event


def _sequence(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or int(value) < 1:
        raise Unparsable("ce-sequence is malformed")
    return int(value)
