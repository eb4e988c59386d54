"""A template: what is declared, what it says in each language, and what it uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.notify.domain.words import Category, Channel, Kind, Language, Urgency

_MARK = re.compile(r"\(\((?P<name>[^()?]+)(?:\?\?(?P<shown>[^()]*))?\)\)")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A declared placeholder.

    Attributes:
        name: Lower case with underscores.
        kind: What its value may be.
        sample: Shown in previews.
        optional: Whether a message may be sent without it.
    """

    name: str
    kind: Kind
    sample: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What a template says in one language; `sms` is empty when it never goes by SMS."""

    title: str
    subject: str
    body: str
    sms: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """The content of one version, which never changes."""

    template_id: str
    category: Category
    urgency: Urgency
    channels: tuple[Channel, ...]
    texts: Mapping[Language, Text]
    placeholders: tuple[Placeholder, ...] = ()
    version: int = field(default=0, compare=False)

    def text(self, language: Language) -> Text:
        """Return the text in `language`, or in English where it is missing."""
        return self.texts.get(language) or self.texts[Language.EN]


def canonical(name: str) -> str:
    """Return a placeholder's name without case, spaces, underscores and hyphens.

    Source: GOV.UK Notify compares names in this way, so a person who writes templates there
    finds the same here.
    """
    return re.sub(r"[\s_-]", "", name).lower()


def used(text: str) -> set[str]:
    """Return the canonical names of the placeholders in `text`."""
    return {canonical(mark["name"]) for mark in _MARK.finditer(text)}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of `((name))`, and of `((name??shown))` when the value says yes.

    Args:
        text: With marks.
        values: By canonical name; one that is absent or empty leaves nothing.
    """

    def put(mark: re.Match[str]) -> str:
        value = values.get(canonical(mark["name"]), "")
        if mark["shown"] is None:
            return value
        return mark["shown"] if value and value.lower() not in {"no", "false", "0"} else ""

    return _MARK.sub(put, text)
