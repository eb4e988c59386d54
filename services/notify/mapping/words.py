"""Closed words as enum values: each value's name is its prefix and the word in capitals."""

from __future__ import annotations

from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import recipients_service_pb2 as recipients
from localresponse.notify.v1 import templates_service_pb2 as templates

from services.notify.domain.words import (
    Category,
    Channel,
    Digest,
    Kind,
    Language,
    Status,
    Urgency,
)


def channel_to(word: Channel) -> types.Channel.ValueType:
    """Return the contract's value."""
    return types.Channel.Value(f"CHANNEL_{word.upper()}")


def channel_from(value: types.Channel.ValueType) -> Channel | None:
    """Return the word; None when unspecified."""
    return Channel(_word(types.Channel.Name(value), "CHANNEL_")) if value else None


def status_to(word: Status) -> types.MessageStatus.ValueType:
    """Return the contract's value."""
    return types.MessageStatus.Value(f"MESSAGE_STATUS_{word.upper()}")


def status_from(value: types.MessageStatus.ValueType) -> Status | None:
    """Return the word; None when unspecified."""
    return Status(_word(types.MessageStatus.Name(value), "MESSAGE_STATUS_")) if value else None


def language_to(word: Language) -> types.Language.ValueType:
    """Return the contract's value."""
    return types.Language.Value(f"LANGUAGE_{word.upper()}")


def language_from(value: types.Language.ValueType) -> Language | None:
    """Return the word; None when unspecified."""
    return Language(_word(types.Language.Name(value), "LANGUAGE_")) if value else None


def category_to(word: Category) -> types.Category.ValueType:
    """Return the contract's value."""
    return types.Category.Value(f"CATEGORY_{word.upper()}")


def category_from(value: types.Category.ValueType) -> Category:
    """Return the word; the contract refuses an unspecified one."""
    return Category(_word(types.Category.Name(value), "CATEGORY_"))


def urgency_to(word: Urgency) -> types.Urgency.ValueType:
    """Return the contract's value."""
    return types.Urgency.Value(f"URGENCY_{word.upper()}")


def urgency_from(value: types.Urgency.ValueType) -> Urgency:
    """Return the word; normal when unspecified."""
    return Urgency(_word(types.Urgency.Name(value), "URGENCY_")) if value else Urgency.NORMAL


def digest_to(word: Digest | None) -> recipients.Digest.ValueType:
    """Return the contract's value; unspecified for None."""
    if word is None:
        return recipients.DIGEST_UNSPECIFIED
    return recipients.Digest.Value(f"DIGEST_{word.upper()}")


def digest_from(value: recipients.Digest.ValueType) -> Digest | None:
    """Return the word; None when unspecified."""
    return Digest(_word(recipients.Digest.Name(value), "DIGEST_")) if value else None


def kind_to(word: Kind) -> templates.PlaceholderKind.ValueType:
    """Return the contract's value."""
    return templates.PlaceholderKind.Value(f"PLACEHOLDER_KIND_{word.upper()}")


def kind_from(value: templates.PlaceholderKind.ValueType) -> Kind:
    """Return the word; the contract refuses an unspecified one."""
    return Kind(_word(templates.PlaceholderKind.Name(value), "PLACEHOLDER_KIND_"))


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()
