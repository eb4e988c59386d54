"""Whom a message is for: one person, or whoever holds a role when it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from services.notify.domain.recipient import Recipient


@dataclass(frozen=True, slots=True)
class Person:
    """One person by subject."""

    subject: str


@dataclass(frozen=True, slots=True)
class Holders:
    """Everybody who holds a role.

    Attributes:
        role: Such as `finance_officer`.
        school: Only those of the role for this school (URN); empty for all.
        but: A subject to leave out: who caused the event need not be told of it.
    """

    role: str
    school: str = ""
    but: str = ""


@dataclass(frozen=True, slots=True)
class Deputies:
    """The deputies of everybody who holds a role."""

    role: str


Audience = Person | Holders | Deputies

PERSON = "person"
"""How an audience of one named person is kept."""


def written(audience: Audience) -> str:
    """Return the audience as it is kept with a message."""
    match audience:
        case Holders(role, school):
            return f"role:{role}:{school}" if school else f"role:{role}"
        case Deputies(role):
            return f"deputy:{role}"
        case Person():
            return PERSON


def read(text: str) -> Audience | None:
    """Return the role that a kept audience names, or None when it names a person."""
    kind, _, rest = text.partition(":")
    role, _, school = rest.partition(":")
    match kind:
        case "role":
            return Holders(role, school)
        case "deputy":
            return Deputies(role)
        case _:
            return None


def still_in(audience: str, recipient: Recipient) -> bool:
    """Return whether a message that was meant for a role is still this person's to get.

    A named person needs a role, whichever; deputies were looked up when their step was due.
    """
    match read(audience):
        case Holders(role, school):
            return recipient.holds(role, school)
        case _:
            return bool(recipient.roles)
