"""Signed ends of the audit chains, kept outside the database.

Whoever owns the database can rewrite a whole chain, or cut its end off; they cannot rewrite a
file that they do not hold, nor sign another. Copies belong where this product cannot write.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from sqlalchemy import Connection, func, select

from services.chassis.audit.chain import AUDIT, FORMAT, canonical
from services.chassis.keyfiles import kept_key

_KEY = "checkpoints.private.pem"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where one authority's chain ended at one moment."""

    format: int
    service: str
    tenant: str
    sequence: int
    hash: str
    at: str

    def signed_bytes(self) -> bytes:
        """Return the RFC 8785 bytes that the signature covers."""
        return canonical(asdict(self)).encode()


class Checkpoints:
    """One service's file of checkpoints, a JSON object a line.

    Args:
        folder: Where `<service>.jsonl` is; made 0700.
        keys: The folder of the signing key, made at first use, mode 0600.
        service: Whose chains they are.
    """

    def __init__(self, folder: Path, keys: Path, service: str) -> None:
        self._path = folder / f"{service}.jsonl"
        self._key_path = keys / _KEY
        self._service = service

    def write(self, connection: Connection, at: datetime) -> int:
        """Sign the present end of every chain that grew, durably.

        Args:
            connection: May be a reader's.
            at: Aware UTC.

        Returns:
            How many checkpoints were written.
        """
        known = {(point.tenant, point.sequence) for point in self._latest()}
        ends = [end for end in _ends(connection) if (end[0], end[1]) not in known]
        if not ends:
            return 0
        key = self._key()
        lines = []
        for tenant, sequence, digest in ends:
            point = Checkpoint(
                FORMAT, self._service, tenant, sequence, digest.hex(), at.isoformat()
            )
            signature = key.sign(point.signed_bytes()).hex()
            lines.append(json.dumps({**asdict(point), "signature": signature}) + "\n")
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        return len(lines)

    def read(self, public_key: Ed25519PublicKey | None = None) -> list[Checkpoint]:
        """Return every checkpoint of the file, its signature checked.

        Args:
            public_key: From outside this machine; our own key's when none is given.

        Raises:
            ValueError: A line is not a checkpoint or its signature does not hold.
        """
        if not self._path.exists():
            return []
        public = public_key or self._key().public_key()
        with self._path.open(encoding="utf-8") as file:
            return [_checked(line, number, public) for number, line in enumerate(file, 1)]

    def _latest(self) -> list[Checkpoint]:
        latest = {point.tenant: point for point in self.read()}
        return list(latest.values())

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(kept_key(self._key_path))


def _checked(line: str, number: int, public: Ed25519PublicKey) -> Checkpoint:
    try:
        fields = json.loads(line)
        signature = bytes.fromhex(fields.pop("signature"))
        point = Checkpoint(**fields)
        public.verify(signature, point.signed_bytes())
    except (ValueError, TypeError, KeyError, InvalidSignature):
        raise ValueError(f"line {number} is not a checkpoint that was signed") from None
    return point


def _ends(connection: Connection) -> list[tuple[str, int, bytes]]:
    last = (
        select(AUDIT.c.tenant, func.max(AUDIT.c.sequence).label("sequence"))
        .group_by(AUDIT.c.tenant)
        .subquery()
    )
    rows = connection.execute(
        select(AUDIT.c.tenant, AUDIT.c.sequence, AUDIT.c.hash).join(
            last, (AUDIT.c.tenant == last.c.tenant) & (AUDIT.c.sequence == last.c.sequence)
        )
    )
    return [(row.tenant, row.sequence, row.hash) for row in rows]
