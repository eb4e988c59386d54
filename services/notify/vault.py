"""Notify's own secrets: what hashes addresses, signs page tokens and seals webhook secrets."""

from __future__ import annotations

import hashlib
import hmac

from services.chassis import sealing


class Vault:
    """Keys that are derived from one secret of this deployment, the same in every replica.

    Args:
        secret: 32 bytes or more.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._webhooks = self.key("webhook secrets")

    def key(self, purpose: str) -> bytes:
        """Return the key of one purpose."""
        return hmac.digest(self._secret, f"notify/{purpose}".encode(), "sha256")

    def address_hash(self, tenant: str, channel: str, address: str) -> bytes:
        """Return the keyed hash by which a suppressed address is known."""
        text = f"{tenant}\0{channel}\0{address.strip().lower()}"
        return hmac.digest(self.key("addresses"), text.encode(), hashlib.sha256)

    def seal(self, secret: bytes, endpoint_id: str) -> bytes:
        """Return a webhook's secret as it is kept."""
        return sealing.seal(self._webhooks, secret, endpoint_id)

    def unseal(self, sealed: bytes, endpoint_id: str) -> bytes:
        """Return a webhook's secret.

        Raises:
            cryptography.exceptions.InvalidTag: It was altered, or is another endpoint's.
        """
        return sealing.unseal(self._webhooks, sealed, endpoint_id)
