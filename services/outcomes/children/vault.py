"""Keys of children, and what they seal: destroying one key erases one child.

A root key makes, for each authority, a key that wraps children's keys and a key that indexes
identifiers; neither is stored. Children's wrapped keys stand in a database of their own, which
is backed up apart, so that no backup of the data brings an erased child back.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, insert, select

from services.chassis.database.engines import reader_engine, writer_engine
from services.chassis.sealing import KEY, NONCE, TAG, about, derived_key
from services.outcomes.children.domain import Identifier, Scheme

_INDEX = 16
_IN_MAX = 500
_metadata = MetaData()
_CHILD_KEY = Table(
    "child_key",
    _metadata,
    Column("tenant", String(9), primary_key=True),
    Column("child_id", String(36), primary_key=True),
    Column("wrapped", LargeBinary(NONCE + KEY + TAG), nullable=False),
)


class Vault:
    """Seals and opens, makes and destroys keys.

    Args:
        url: The database of wrapped keys.
        root: 32 bytes.
    """

    def __init__(self, url: str, root: bytes) -> None:
        self._root = root
        self._writer = writer_engine(url)
        self._reader = reader_engine(url, connections=4)
        self._derived = lru_cache(maxsize=1024)(self._derive)
        self._blinder = lru_cache(maxsize=1024)(self._keyed_hashes)

    def start(self) -> None:
        """Make the table of keys where it is missing."""
        _metadata.create_all(self._writer)

    def close(self) -> None:
        """Close the connections."""
        self._reader.dispose()
        self._writer.dispose()

    def blind(self, tenant: str, identifier: Identifier) -> bytes:
        """Return 16 bytes that find an identifier without telling it. HMAC-SHA256."""
        return self.blinds(tenant, identifier.scheme, [identifier.value])[0]

    def blinds(self, tenant: str, scheme: Scheme, values: Iterable[str]) -> list[bytes]:
        """Return `blind` of many identifiers of a scheme, each in its normal form."""
        inner, outer = self._blinder(tenant)
        found = []
        for value in values:
            inside, outside = inner.copy(), outer.copy()
            inside.update(f"{scheme}|{value}".encode())
            outside.update(inside.digest())
            found.append(outside.digest()[:_INDEX])
        return found

    def _keyed_hashes(self, tenant: str) -> tuple[hashlib._Hash, hashlib._Hash]:
        """Return HMAC's two hashes with the key taken in already: four times faster in bulk."""
        key = self._derived(tenant, "index").ljust(hashlib.sha256().block_size, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        return inner, hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def make(self, tenant: str, child_ids: Sequence[str]) -> dict[str, bytes]:
        """Make and keep a key for each new child.

        The keys are committed before the children are: a key without a child harms nobody, a
        child without a key could never be read.
        """
        if not child_ids:
            return {}
        made = {child_id: os.urandom(KEY) for child_id in child_ids}
        wrap = AESGCM(self._derived(tenant, "wrap"))
        rows = []
        for child_id, key in made.items():
            nonce = os.urandom(NONCE)
            wrapped = nonce + wrap.encrypt(nonce, key, about(tenant, "child_key", child_id))
            rows.append({"tenant": tenant, "child_id": child_id, "wrapped": wrapped})
        with self._writer.begin() as connection:
            connection.execute(insert(_CHILD_KEY), rows)
        return made

    def keys(self, tenant: str, child_ids: Sequence[str]) -> dict[str, bytes]:
        """Return the keys of children; an erased child has none."""
        unwrap, found = AESGCM(self._derived(tenant, "wrap")), {}
        table = _CHILD_KEY.c
        with self._reader.connect() as connection:
            for start in range(0, len(child_ids), _IN_MAX):
                query = select(table.child_id, table.wrapped).where(
                    table.tenant == tenant, table.child_id.in_(child_ids[start : start + _IN_MAX])
                )
                for child_id, wrapped in connection.execute(query):
                    bound = about(tenant, "child_key", child_id)
                    found[child_id] = unwrap.decrypt(wrapped[:NONCE], wrapped[NONCE:], bound)
        return found

    def destroy(self, tenant: str, child_id: str) -> None:
        """Erase a child: nothing sealed with its key can be read again."""
        table = _CHILD_KEY.c
        with self._writer.begin() as connection:
            connection.execute(
                delete(_CHILD_KEY).where(table.tenant == tenant, table.child_id == child_id)
            )

    def _derive(self, tenant: str, purpose: str) -> bytes:
        return derived_key(self._root, purpose, tenant)
