"""Pseudonyms and signatures: one secret makes a key for each evaluator and project."""

from __future__ import annotations

import hmac
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from localresponse.client.note import SigningKey

_PSEUDONYM_BYTES = 16


class FeedKeys:
    """Derives what feeds need from a secret that is kept apart from the database.

    Args:
        root: 32 bytes.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._derived = lru_cache(maxsize=256)(self._derive)

    def pseudonym(self, tenant: str, evaluator: str, project: str, *, child_id: str) -> str:
        """Return the child's name for one evaluator and project: HMAC-SHA256, 128 bits."""
        key = self._derived(tenant, "pseudonym", evaluator, project)
        return hmac.digest(key, child_id.encode(), "sha256")[:_PSEUDONYM_BYTES].hex()

    def signer(self, tenant: str) -> SigningKey:
        """Return the key that signs the checkpoints of an authority's logs."""
        return SigningKey(f"localresponse.outcomes.{tenant}", self._derived(tenant, "signature"))

    def _derive(self, tenant: str, *purpose: str) -> bytes:
        info = "|".join(("localresponse", "feed", tenant, *purpose)).encode()
        return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(self._root)
