"""An e-mail as bytes: plain text and HTML, and headers that let software know a machine wrote."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notify.channels.port import Outgoing
from services.notify.domain.render import Rendered

_LINE_MAX = 998
"""The longest line that a relay must take. Source: RFC 5322, section 2.1.1."""


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
    if outgoing.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{outgoing.unsubscribe_url}>"
    if outgoing.unsubscribe_url.startswith("https:"):
        # RFC 8058 knows one click by https only; without it the page with the button is left.
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(content.body)
    message.add_alternative(content.html, subtype="html")
    # A folded URL would become an encoded word, which no mail program reads as one.
    return message.as_bytes(policy=SMTP.clone(max_line_length=_LINE_MAX))


def message_id(reference: str, sender: str) -> str:
    """Return the Message-ID: the same for each attempt of a message."""
    return f"<{reference}@{sender.rpartition('@')[2].rstrip('>')}>"
