"""The inbox in its owner's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.notify.domain.message import Message
from services.notify.domain.render import Rendered, render
from services.notify.domain.words import Language
from services.notify.storage import inbox, recipients, templates
from services.notify.storage.inbox import Owner


@dataclass(frozen=True, slots=True)
class Shown:
    """A message and its text; only the title is left once the values were erased."""

    message: Message
    text: Rendered


def page(
    connection: Connection, who: Principal, *, before: str, unread_only: bool, limit: int
) -> Sequence[Shown]:
    """Return the caller's messages, newest first."""
    owner = Owner(who.tenant, who.subject)
    found = inbox.page(connection, owner, before=before, unread_only=unread_only, limit=limit)
    person = recipients.load(connection, who.tenant, who.subject)
    language = person.language if person else Language.EN
    return [Shown(each, _text(connection, each, language)) for each in found]


def unread(connection: Connection, who: Principal) -> int:
    """Return how many of the caller's messages are unread."""
    return inbox.unread(connection, Owner(who.tenant, who.subject))


def _text(connection: Connection, message: Message, language: Language) -> Rendered:
    version = templates.version(
        connection, message.tenant, message.template_id, message.template_version
    )
    assert version is not None, "versions are never removed"
    rendered = render(version.template, language, message.given)
    if message.erased_at is None:
        return rendered
    return Rendered(title=rendered.title, subject="", body="", html="", sms="")
