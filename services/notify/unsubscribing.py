"""The token of a digest's one-click unsubscribe: signed, ending, and of ids only.

Whoever holds it may stop one person's e-mails of one category, and nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.notify.domain.words import Category
from services.notify.errors import UnsubscribeTokenExpired, UnsubscribeTokenInvalid

LIFETIME = timedelta(days=60)
"""From when the digest was written; senders are asked to honour 30 days at least."""
UNSUBSCRIBE = "unsubscribe"
"""The purpose of the key that signs."""
_TAG = 32


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a token says: who no longer wants which e-mails."""

    tenant: str
    subject: str
    category: Category


class UnsubscribeTokens:
    """Makes and reads the tokens.

    Args:
        key: A secret of this deployment; the same in every replica.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, leaving: Leaving, written_at: datetime) -> str:
        """Return the token of a digest; the same for each attempt of it."""
        ends = int((written_at + LIFETIME).timestamp())
        said = [leaving.tenant, leaving.subject, leaving.category, ends]
        body = json.dumps(said, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._tag(body) + body).decode().rstrip("=")

    def read(self, token: str, now: datetime) -> Leaving:
        """Return what a token says.

        Raises:
            UnsubscribeTokenInvalid: It is not ours, or was altered.
            UnsubscribeTokenExpired: It is ours, and its time is over.
        """
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(body)):
            raise UnsubscribeTokenInvalid("token: it is not one of ours", field="token")
        tenant, subject, category, ends = json.loads(body)
        if now >= datetime.fromtimestamp(ends, UTC):
            raise UnsubscribeTokenExpired("token: its time is over", field="token")
        return Leaving(tenant, subject, Category(category))

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")
