"""What the embedded nats-server is told: loopback, synced writes, and who may say what.

Each service signs in with its own key and may publish its own subjects, read through its own
consumers and nothing else. Only the operations identity makes streams and consumers.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nkeys  # type: ignore[import-untyped]  # it ships no types

STREAM = "LR"
"""The one stream; every event of every service is in it."""

OPERATIONS = "ops"
"""The identity that makes streams and consumers; no service has it."""

MAX_PAYLOAD_BYTES = 256 * 1024
"""Events carry ids and pence; what is bigger, such as an import, does not go by events."""

_STORE_BYTES_MAX = 2 * 1024**3
_MEMORY_STORE_BYTES = 64 * 1024**2
_LOG_BYTES_MAX = 10 * 1024**2


@dataclass(frozen=True, slots=True)
class Identity:
    """Who may connect.

    Attributes:
        name: The service, such as `fund`; it may publish `lr.<tenant>.<name>.>` only.
        consumers: Names of the durable consumers that it reads through.
    """

    name: str
    consumers: tuple[str, ...] = ()

    @property
    def permissions(self) -> dict[str, Any]:
        """What the server lets this identity publish and subscribe to."""
        publish = ["$JS.API.>"] if self.name == OPERATIONS else self._service_subjects()
        return {
            "publish": {"allow": publish},
            "subscribe": {"allow": [f"{inbox_prefix(self.name)}.>"]},
        }

    def _service_subjects(self) -> list[str]:
        subjects = [
            f"lr.*.{self.name}.>",
            canary_subject(self.name),
            f"$JS.API.STREAM.INFO.{STREAM}",
            f"$JS.API.STREAM.MSG.GET.{STREAM}",
        ]
        for consumer in self.consumers:
            subjects += [
                f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{consumer}",
                f"$JS.API.CONSUMER.INFO.{STREAM}.{consumer}",
                f"$JS.ACK.{STREAM}.{consumer}.>",
            ]
        return subjects


def inbox_prefix(identity: str) -> str:
    """Return the prefix of the identity's reply subjects; nobody else may listen there."""
    return f"_INBOX_{identity}"


def canary_subject(service: str) -> str:
    """Return the subject on which a service proves that it can publish."""
    return f"lr._canary.{service}"


def seed_of(directory: Path, identity: str) -> str:
    """Return the identity's secret key, made at the first call and kept in a 0600 file."""
    path = directory / f"{identity}.nk"
    if not path.exists():
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        write_private(path, seed.decode())
    return path.read_text(encoding="ascii").strip()


def public_key(seed: str) -> str:
    """Return the public half of a secret key."""
    return str(nkeys.from_seed(bytearray(seed.encode())).public_key.decode())


def store_bytes(directory: Path) -> int:
    """Return how much the store may hold: half of what the disk has for it, at most 2 GiB.

    A limit above the disk would let a full disk stop the server until it is restarted; below it,
    a full store is a clear refusal.
    """
    used = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())
    return min(_STORE_BYTES_MAX, (shutil.disk_usage(directory).free + used) // 2)


def configuration(
    home: Path, port: int, *, users: Sequence[tuple[Identity, str]], max_store_bytes: int
) -> str:
    """Return the server's configuration file.

    Args:
        home: The server's own directory.
        port: On loopback.
        users: Each identity and its public key.
        max_store_bytes: The most that all streams may take on disk.
    """
    return json.dumps(
        {
            "listen": f"127.0.0.1:{port}",
            "server_name": "localresponse",
            "max_payload": MAX_PAYLOAD_BYTES,
            "log_file": str(home / "server.log"),
            "logfile_size_limit": _LOG_BYTES_MAX,
            "logfile_max_num": 2,
            "jetstream": {
                "store_dir": str(home / "store"),
                # The default writes to disk every two minutes and loses what it acknowledged.
                "sync_interval": "always",
                "max_file_store": max_store_bytes,
                "max_memory_store": _MEMORY_STORE_BYTES,
            },
            "accounts": {
                STREAM: {
                    "jetstream": "enabled",
                    "users": [
                        {"nkey": key, "permissions": identity.permissions}
                        for identity, key in users
                    ],
                },
                "SYS": {"users": []},
            },
            "system_account": "SYS",
        },
        indent=1,
    )


def write_private(path: Path, content: str) -> None:
    """Replace the file at once, readable by its owner only."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    fresh.replace(path)
