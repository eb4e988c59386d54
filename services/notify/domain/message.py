"""A message as it is kept: one for each producer, event, recipient, template and channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.notify.domain.words import Category, Channel, Status, Urgency


@dataclass(frozen=True, slots=True)
class Cause:
    """What made a message: two messages of one cause to one person by one channel are one.

    Attributes:
        producer: CloudEvents source, or `caller:` with a subject.
        event_id: The event's id, or the request's.
    """

    producer: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient by one channel.

    Attributes:
        recipient: A subject, `role:` with a role that nobody holds, or an endpoint id.
        audience: As `domain.audience.written` says it.
        given: Values of placeholders by canonical name; emptied by the retention clock.
        link: Path of the page to go to.
        address: Where it was sent; emptied by the retention clock.
        reference: The provider's; the same for each attempt and each replay.
        reason: A closed word that says why it stands where it stands.
        attempts: Made so far.
        events: How many it has announced: the sequence of its last event.
        due_at: When the delivery looks at it next; None when never.
        replay: 0, or which replay of the first message this is.
    """

    message_id: str
    tenant: str
    cause: Cause
    recipient: str
    template_id: str
    template_version: int
    channel: Channel
    audience: str
    category: Category
    urgency: Urgency
    reference: str
    created_at: datetime
    updated_at: datetime
    given: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    address: str = ""
    status: Status = Status.QUEUED
    reason: str = ""
    attempts: int = 0
    events: int = 0
    due_at: datetime | None = None
    first_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    read_at: datetime | None = None
    erased_at: datetime | None = None
    replay: int = 0
    replay_of: str = ""
    digest_id: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a provider, as it is kept."""

    number: int
    provider: str
    outcome: str
    reason: str
    reference: str
    at: datetime
    duration_ms: int
