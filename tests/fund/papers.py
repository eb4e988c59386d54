"""Stores of attachments as tests need them, and papers of each kind."""

from __future__ import annotations

from dataclasses import dataclass, field

PDF = b"%PDF-1.7\n%a quote"
JPEG = b"\xff\xd8\xff\xe0 a photograph"
PNG = b"\x89PNG\r\n\x1a\n a picture"


@dataclass(slots=True)
class MemoryPapers:
    """Keeps bytes for as long as a test."""

    kept: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def put(self, tenant: str, sha256: str, data: bytes) -> None:
        self.kept[tenant, sha256] = data

    def get(self, tenant: str, sha256: str) -> bytes:
        try:
            return self.kept[tenant, sha256]
        except KeyError:
            raise FileNotFoundError(sha256) from None
