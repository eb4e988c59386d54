"""Secrets that only their bearer knows: a random text, of which the stores here keep the hash."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """Return 256 random bits as text that a cookie or a header may carry."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> str:
    """Return what is kept of a secret; 256 random bits cannot be guessed from a plain hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
