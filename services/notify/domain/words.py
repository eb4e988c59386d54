"""Notify's closed words; each is the lower-case end of its name in the contract."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a message reaches its recipient."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    WEBHOOK = "webhook"


class Status(StrEnum):
    """Where a message stands; `domain.status` says what may follow what."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary_failure"
    PERMANENT_FAILURE = "permanent_failure"
    TECHNICAL_FAILURE = "technical_failure"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class Language(StrEnum):
    """The language that a recipient reads."""

    EN = "en"
    CY = "cy"


class Category(StrEnum):
    """What a message is about; recipients choose by category."""

    REQUESTS = "requests"
    DECISIONS = "decisions"
    MONEY = "money"
    OUTCOMES = "outcomes"
    STATUTORY = "statutory"


class Urgency(StrEnum):
    """How soon a message should be seen."""

    LOW = "low"
    NORMAL = "normal"
    CRITICAL = "critical"


class Digest(StrEnum):
    """How often the e-mails of a category come."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


class Kind(StrEnum):
    """What a value of a placeholder may be."""

    REFERENCE = "reference"
    MONEY = "money"
    DATE = "date"
    COUNT = "count"
    TEXT = "text"


class Outcome(StrEnum):
    """How an attempt ended."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"
    UNKNOWN = "unknown"
