"""The folders that a process needs, for its owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from services.chassis.settings import Settings


def prepare(settings: Settings) -> None:
    """Make the data, key and socket folders, mode 0700.

    Raises:
        RuntimeError: The socket folder belongs to somebody else.
    """
    for folder in (settings.data_dir, settings.keys_dir, settings.runtime_dir):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_foreign(settings.runtime_dir)


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder under a shared one that somebody else made before us."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise RuntimeError(f"{folder} belongs to somebody else; remove it")
    folder.chmod(0o700)
