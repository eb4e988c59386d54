"""Files that hold secrets: made for their owner alone, and refused when others can read them."""

from __future__ import annotations

import contextlib
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


def kept_key(path: Path, *, size: int = 32) -> bytes:
    """Return the random key in a file, made when it is the first time that anybody asks.

    Args:
        path: Its folder is made too, for its owner alone.
        size: Bytes of a new key.

    Raises:
        ValueError: Others may read the file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f".{path.name}-{os.urandom(8).hex()}")
        write_private(fresh, os.urandom(size))
        # A link never replaces a file: of two processes that start at once, one key wins.
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    refuse_readable(path)
    return path.read_bytes()
