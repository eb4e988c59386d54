"""A recipient: contacts, language and what they asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from services.notify.domain.words import Category, Channel, Digest, Language, Urgency


@dataclass(frozen=True, slots=True)
class CategoryPreference:
    """What a person asked for about one category; `digest` is None when nothing was asked."""

    opt_outs: frozenset[Channel] = frozenset()
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person asked for; quiet hours are None for the authority's."""

    categories: Mapping[Category, CategoryPreference] = field(default_factory=dict)
    quiet_start: time | None = None
    quiet_end: time | None = None

    def opted_out(self, category: Category, channel: Channel) -> bool:
        """Return whether the person shut this channel for this category.

        In-app is never shut, nor what the law requires to be told.
        """
        if channel is Channel.IN_APP or category is Category.STATUTORY:
            return False
        return channel in self.categories.get(category, CategoryPreference()).opt_outs

    def digest(self, category: Category, urgency: Urgency) -> Digest:
        """Return how often e-mails of this category come; what is not urgent comes daily."""
        if urgency is Urgency.CRITICAL or category is Category.STATUTORY:
            return Digest.NONE
        asked = self.categories.get(category, CategoryPreference()).digest
        if asked is None:
            return Digest.DAILY if urgency is Urgency.LOW else Digest.NONE
        return asked


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person whom notify can reach.

    Attributes:
        subject: The same as in tokens.
        roles: Role -> schools (URN); no schools for the whole authority.
        email: Empty when unknown; `phone` (E.164) and `postal_address` likewise.
        deputy: The subject who is told when this person does not act in time; or empty.
        version: Of the row, for preconditions.
    """

    subject: str
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    email: str = ""
    phone: str = ""
    postal_address: tuple[str, ...] = ()
    language: Language = Language.EN
    team_member: bool = False
    deputy: str = ""
    preferences: Preferences = Preferences()
    version: int = 0

    def address(self, channel: Channel) -> str:
        """Return where a channel reaches the person; empty when it cannot."""
        match channel:
            case Channel.EMAIL:
                return self.email
            case Channel.SMS:
                return self.phone
            case Channel.LETTER:
                return "\n".join(self.postal_address)
            case _:
                return self.subject

    def holds(self, role: str, school: str) -> bool:
        """Return whether the person holds `role`, for `school` when one is given."""
        schools = self.roles.get(role)
        return schools is not None and (not school or not schools or school in schools)
