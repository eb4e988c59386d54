"""Files that hold secrets: made for their owner alone, and refused when others can read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def refuse_readable(path: Path) -> None:
    """Do nothing when only the owner can read the file.

    Raises:
        ValueError: It is missing, or its group or the world may read or write it.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    if mode & 0o077:
        raise ValueError(f"{path} holds a secret and has mode {mode:04o}; make it 0600 or 0400")


def write_private(path: Path, content: bytes) -> None:
    """Create a file that only its owner can read; it must not exist yet."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
