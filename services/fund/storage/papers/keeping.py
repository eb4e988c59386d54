"""The one interface of the bytes' store, and which store an address means."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from services.fund.storage.papers.local import LocalPapers


class Papers(Protocol):
    """Keeps bytes under the authority and their SHA-256; the same bytes are kept once."""

    def put(self, tenant: str, sha256: str, data: bytes) -> None:
        """Keep the bytes durably; keeping them again changes nothing.

        Raises:
            OSError: The store cannot be written.
        """
        ...

    def get(self, tenant: str, sha256: str) -> bytes:
        """Return the bytes.

        Raises:
            OSError: The store does not have them, or cannot be read.
        """
        ...


def papers_at(address: str, folder: Path) -> Papers:
    """Return the store of an address.

    Args:
        address: Empty for a local directory; `s3://bucket` or `s3://bucket/prefix` for an
            S3-compatible store, whose endpoint and credentials are read as its client does.
        folder: The local directory.

    Raises:
        ValueError: The address is neither.
        ModuleNotFoundError: The extra `s3` is not installed.
    """
    if not address:
        return LocalPapers(folder)
    if not address.startswith("s3://"):
        raise ValueError(f"attachments cannot be kept at {address}: use s3://bucket")
    # The client is an extra of the distribution: it is imported only where it is asked for.
    from services.fund.storage.papers.s3 import S3Papers

    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    return S3Papers.connected(bucket, prefix)
