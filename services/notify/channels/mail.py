"""An e-mail as bytes: plain text and HTML, and headers that let software know a machine wrote."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notify.channels.port import Outgoing
from services.notify.domain.render import Rendered


def written(outgoing: Outgoing, sender: str) -> bytes:
    """Return the whole e-mail.

    Args:
        outgoing: A message with rendered content.
        sender: The From address; its domain makes the Message-ID unique.
    """
    content = outgoing.content
    assert isinstance(content, Rendered), "only a webhook has no text"
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = outgoing.address
    message["Subject"] = content.subject
    message["Date"] = format_datetime(outgoing.at)
    message["Message-ID"] = message_id(outgoing.reference, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = str(outgoing.language)
    if outgoing.preferences_url:
        message["List-Unsubscribe"] = f"<{outgoing.preferences_url}>"
    message.set_content(content.body)
    message.add_alternative(content.html, subtype="html")
    return message.as_bytes()


def message_id(reference: str, sender: str) -> str:
    """Return the Message-ID: the same for each attempt of a message."""
    return f"<{reference}@{sender.rpartition('@')[2].rstrip('>')}>"
