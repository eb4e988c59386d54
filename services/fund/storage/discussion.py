"""Comments, and attachments without their bytes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.papers import Attachment, Comment, PaperKind
from services.fund.errors.papers import AttachmentNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables.discussion import attachments, purchase_comments


def add_comment(work: UnitOfWork, comment: Comment) -> None:
    """Insert a comment."""
    work.connection.execute(
        insert(purchase_comments).values(
            id=comment.id,
            tenant=comment.tenant,
            purchase_id=comment.purchase_id,
            internal=comment.internal,
            text=comment.text,
            author=comment.author,
            author_role=comment.author_role,
            created_at=comment.created_at,
        )
    )


def comments(
    connection: Connection, purchase_id: str, *, internal: bool, cut: Cut | None = None
) -> list[Comment]:
    """Return comments, oldest first: all, or a page; internal ones only when asked."""
    columns = purchase_comments.c
    query = select(purchase_comments).where(columns.purchase_id == purchase_id)
    if not internal:
        query = query.where(columns.internal.is_(False))
    if cut is not None:
        query = query.where(columns.id > cut.after).limit(cut.size)
    return [_comment(row) for row in connection.execute(query.order_by(columns.id))]


def first_with(connection: Connection, tenant: str, sha256: str) -> Attachment | None:
    """Return the authority's first attachment of these bytes; None when there is none."""
    query = select(attachments).where(
        attachments.c.tenant == tenant, attachments.c.sha256 == sha256
    )
    row = connection.execute(query.order_by(attachments.c.id).limit(1)).one_or_none()
    return None if row is None else _attachment(row)


def add_attachment(work: UnitOfWork, attachment: Attachment) -> None:
    """Insert an attachment."""
    work.connection.execute(
        insert(attachments).values(
            id=attachment.id,
            tenant=attachment.tenant,
            purchase_id=attachment.purchase_id,
            kind=attachment.kind,
            name=attachment.name,
            media_type=attachment.media_type,
            size=attachment.size,
            sha256=attachment.sha256,
            duplicate_of=attachment.duplicate_of or None,
            added_by=attachment.added_by,
            created_at=attachment.created_at,
        )
    )


def attachment(connection: Connection, purchase_id: str, attachment_id: str) -> Attachment:
    """Return an attachment of a purchase.

    Raises:
        AttachmentNotFound: It has no such attachment (NOT_FOUND).
    """
    query = _with_duplicates().where(
        attachments.c.purchase_id == purchase_id, attachments.c.id == attachment_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise AttachmentNotFound("there is no such attachment", attachment_id=attachment_id)
    return _attachment(row, row.duplicate_purchase or "")


def attachments_of(
    connection: Connection, purchase_id: str, cut: Cut | None = None
) -> list[Attachment]:
    """Return attachments, oldest first: all, or a page."""
    query = _with_duplicates().where(attachments.c.purchase_id == purchase_id)
    if cut is not None:
        query = query.where(attachments.c.id > cut.after).limit(cut.size)
    rows = connection.execute(query.order_by(attachments.c.id))
    return [_attachment(row, row.duplicate_purchase or "") for row in rows]


def _with_duplicates() -> Any:
    earlier = attachments.alias("earlier")
    joined = attachments.outerjoin(earlier, earlier.c.id == attachments.c.duplicate_of)
    return select(attachments, earlier.c.purchase_id.label("duplicate_purchase")).select_from(
        joined
    )


def _comment(row: Any) -> Comment:
    return Comment(
        id=row.id,
        tenant=row.tenant,
        purchase_id=row.purchase_id,
        internal=row.internal,
        text=row.text,
        author=row.author,
        author_role=row.author_role,
        created_at=row.created_at,
    )


def _attachment(row: Any, duplicate_purchase: str = "") -> Attachment:
    return Attachment(
        id=row.id,
        tenant=row.tenant,
        purchase_id=row.purchase_id,
        kind=PaperKind(row.kind),
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        added_by=row.added_by,
        created_at=row.created_at,
        duplicate_of=row.duplicate_of or "",
        duplicate_purchase=duplicate_purchase,
    )
