"""Sealing what must not be readable at rest: AES-256-GCM under keys derived for a tenant.

What is sealed is bound to what it is about, so that it cannot be moved to another row. Source:
NIST SP 800-38D; RFC 5869.
"""

from __future__ import annotations

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, NONCE, TAG = 32, 12, 16
"""Bytes of a key, of the nonce before what is sealed, and of the tag after it."""


def derived_key(root: bytes, purpose: str, tenant: str) -> bytes:
    """Return an authority's key for one purpose, 32 bytes; it is never stored."""
    info = f"localresponse|{purpose}|{tenant}".encode()
    return HKDF(hashes.SHA256(), KEY, salt=None, info=info).derive(root)


def seal(key: bytes, plain: bytes, *parts: str) -> bytes:
    """Encrypt with a key of 32 bytes, bound to what it is about; the nonce comes first."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, about(*parts))


def unseal(key: bytes, sealed: bytes, *parts: str) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        cryptography.exceptions.InvalidTag: It was altered, or belongs elsewhere.
    """
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], about(*parts))


def about(*parts: str) -> bytes:
    """Return the bytes that bind what is sealed to its place."""
    return "|".join(parts).encode()
