"""The one port of every channel: what is handed over, and the three answers there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notify.domain.render import Rendered
from services.notify.domain.words import Channel, Language


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """What a webhook sends.

    Attributes:
        url: Where to.
        secrets: One or two, newest first, each as raw bytes.
        body: JSON.
    """

    url: str
    secrets: tuple[bytes, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to go. Nothing more is read from the database to send it.

    Attributes:
        reference: The same for each attempt, so that a provider or a mail server can tell a
            repeat: the Message-ID's left part, the Webhook-Id, GOV.UK Notify's reference.
        address: Where it goes, as the channel writes it.
        content: The filled text, or the call of a webhook.
        at: The moment of this attempt, aware UTC.
        queued_at: When the message was taken in.
        attempt: Its number, 1 for the first.
        unsubscribe_url: Where one POST ends such e-mails; empty for all but digests.
    """

    message_id: str
    tenant: str
    channel: Channel
    reference: str
    address: str
    content: Rendered | WebhookCall
    language: Language
    at: datetime
    queued_at: datetime
    attempt: int = 1
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it.

    Attributes:
        provider: Which one, such as `smtp:relay-1`.
        delivered: Whether it also said that it arrived; SMTP acceptance does not.
    """

    provider: str
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not take it, and may later.

    Attributes:
        provider: Which one.
        reason: A closed word such as `smtp_451`.
        after_s: The least to wait; 0 for what our own rule says.
        unknown: Whether the provider may have taken it: the answer was lost.
    """

    provider: str
    reason: str
    after_s: float = 0
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """It will never take it.

    Attributes:
        provider: Which one.
        reason: A closed word such as `smtp_550`.
        suppress: Whether the address itself is at fault and must not be used again.
        technical: Whether the fault is ours, such as a wrong key.
    """

    provider: str
    reason: str
    suppress: bool = False
    technical: bool = False


Answer = Accepted | Retry | Refuse


class Provider(Protocol):
    """Hands messages over. It keeps no state of messages and never touches the database.

    Attributes:
        name: For attempts and metrics.
        per_s: Most messages in a second; infinite for no limit.
        at_once: Most messages that it is handed at the same time.
    """

    name: str
    per_s: float
    at_once: int

    async def send(self, outgoing: Outgoing) -> Answer:
        """Hand one message over; every expected failure is an answer, not an exception."""
        ...

    async def close(self) -> None:
        """Close idle connections."""
        ...
