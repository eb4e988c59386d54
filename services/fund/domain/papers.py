"""Papers that people attach: what they are, read from their own bytes, and their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.fund.errors.papers import AttachmentTooLarge, AttachmentTypeRefused

SIZE_MAX = 10 * 1024 * 1024
"""Bytes of one attachment."""

_MAGIC = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


class PaperKind(StrEnum):
    """What a paper is."""

    QUOTE = "quote"
    RECEIPT = "receipt"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a paper, with what they say of themselves."""

    data: bytes
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A paper of a purchase; the bytes are kept elsewhere, under their hash.

    Attributes:
        name: The file's name, personal.
        size: Bytes.
        duplicate_of, duplicate_purchase: An earlier attachment of the authority with the same
            bytes, and its purchase; empty when there is none.
    """

    id: str
    tenant: str
    purchase_id: str
    kind: PaperKind
    name: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    created_at: datetime
    duplicate_of: str = ""
    duplicate_purchase: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Something that was said about a purchase; the text is personal.

    Attributes:
        internal: Only the authority sees it.
    """

    id: str
    tenant: str
    purchase_id: str
    internal: bool
    text: str
    author: str
    author_role: str
    created_at: datetime


INTERNAL_ROLES = frozenset({"finance_officer", "programme_manager", "auditor"})
"""Who sees and writes internal comments."""


def content_of(data: bytes) -> Content:
    """Return bytes with their kind and hash.

    Raises:
        AttachmentTooLarge: More than ten megabytes (INVALID_ARGUMENT).
        AttachmentTypeRefused: No PDF, JPEG or PNG (INVALID_ARGUMENT).
    """
    if len(data) > SIZE_MAX:
        raise AttachmentTooLarge(
            f"content: an attachment has at most {SIZE_MAX} bytes",
            field="content",
            size=len(data),
            limit=SIZE_MAX,
        )
    for magic, media_type in _MAGIC.items():
        if data.startswith(magic):
            return Content(data, media_type, hashlib.sha256(data).hexdigest())
    raise AttachmentTypeRefused("content: it is no PDF, JPEG or PNG", field="content")
