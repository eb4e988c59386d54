"""E-mail by SMTP: relays with connections that are used again, and fail-over between two."""

from services.notify.channels.smtp.provider import Smtp
from services.notify.channels.smtp.relay import Relay

__all__ = ["Relay", "Smtp"]
