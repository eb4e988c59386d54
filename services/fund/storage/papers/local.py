"""Bytes in a local directory, one file each, named by their hash."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LocalPapers:
    """Keeps bytes below a folder that only the process may read."""

    folder: Path

    def put(self, tenant: str, sha256: str, data: bytes) -> None:
        """Keep the bytes: written aside, synced, then named, so that a file is whole or absent.

        Raises:
            OSError: The folder cannot be written.
        """
        path = self._path(tenant, sha256)
        if path.exists():
            return
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        # Parents that are made on the way would not get the mode, so each is made by itself.
        for each in (self.folder, path.parent.parent, path.parent):
            each.mkdir(mode=0o700, exist_ok=True)
        aside = path.with_name(f"{path.name}.{os.getpid()}.{id(data)}")
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)

    def get(self, tenant: str, sha256: str) -> bytes:
        """Return the bytes.

        Raises:
            FileNotFoundError: They are not there.
        """
        return self._path(tenant, sha256).read_bytes()

    def _path(self, tenant: str, sha256: str) -> Path:
        return self.folder / tenant / sha256[:2] / sha256
