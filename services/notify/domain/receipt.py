"""What providers say after they accepted: GOV.UK Notify's receipts and returned e-mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Email
from email.policy import default

from services.notify.domain.words import Status

_GOVUK = {
    "delivered": Status.DELIVERED,
    "permanent-failure": Status.PERMANENT_FAILURE,
    "temporary-failure": Status.TEMPORARY_FAILURE,
    "technical-failure": Status.TECHNICAL_FAILURE,
}
_OF_ADDRESS = re.compile(r"5\.1\.\d+|5\.2\.1")
_CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MESSAGE_ID = re.compile(r"<([^@<>\s]{1,64})@")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider reported of a message.

    Attributes:
        provider: Such as `govuk-notify`.
        reference: The message's.
        said: Its own word, kept as evidence.
        status: What it means; None when it changes nothing.
        reason: A closed word.
        suppress: Whether the address is at fault.
    """

    provider: str
    reference: str
    said: str
    status: Status | None
    reason: str = ""
    suppress: bool = False


def from_govuk_notify(reference: str, status: str) -> Receipt:
    """Return GOV.UK Notify's delivery receipt."""
    meaning = _GOVUK[status]
    return Receipt(
        provider="govuk-notify",
        reference=reference,
        said=status,
        status=meaning,
        reason="" if meaning is Status.DELIVERED else status.replace("-", "_"),
        suppress=meaning is Status.PERMANENT_FAILURE,
    )


def from_bounce(content: bytes) -> Receipt | None:
    """Return what a delivery status notification says, or None when it is not one of ours.

    Source: RFC 3464: Action and Status of the recipient's fields, Message-ID of the returned
    headers. Nothing else of it is kept.
    """
    email = message_from_bytes(content, policy=default)
    parts: list[Email] = list(email.walk())
    reference = next(_references(parts), "")
    fields = next(_recipient_fields(parts), None)
    if not reference or fields is None:
        return None
    action = str(fields.get("Action", "")).strip().lower()
    found = _CODE.search(str(fields.get("Status", "")))
    code = found[1] if found else ""
    status = _meaning(action, code)
    return Receipt(
        provider="smtp",
        reference=reference,
        said=f"{action[:20]} {code}".strip(),
        status=status,
        reason="" if status in {None, Status.DELIVERED} else f"bounce_{code or 'unknown'}",
        suppress=status is Status.PERMANENT_FAILURE and bool(_OF_ADDRESS.fullmatch(code)),
    )


def _meaning(action: str, code: str) -> Status | None:
    match action:
        case "delivered":
            return Status.DELIVERED
        case "failed":
            return Status.TEMPORARY_FAILURE if code.startswith("4") else Status.PERMANENT_FAILURE
        case _:
            return None


def _references(parts: list[Email]) -> Iterator[str]:
    """Yield the references of returned messages: the left part of a Message-ID."""
    for part in parts:
        returned: object = None
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            returned = message_from_bytes(payload) if isinstance(payload, bytes) else None
        elif part.get_content_type() == "message/rfc822" and part.is_multipart():
            returned = part.get_payload(0)
        if isinstance(returned, Email):
            found = _MESSAGE_ID.search(str(returned.get("Message-ID", "")))
            if found:
                yield found[1]


def _recipient_fields(parts: list[Email]) -> Iterator[Email]:
    """Yield the groups of fields that speak of a recipient."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for group in part.get_payload():
                if isinstance(group, Email) and "Action" in group:
                    yield group
