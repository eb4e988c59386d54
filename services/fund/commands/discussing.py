"""Saying something about a purchase, and attaching papers to it."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.auth import Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain.papers import (
    INTERNAL_ROLES,
    Attachment,
    Comment,
    Content,
    PaperKind,
)
from services.fund.domain.purchase import Purchase
from services.fund.errors.papers import CommentInternal
from services.fund.storage import discussion, purchases


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper to attach; its bytes are kept already."""

    kind: PaperKind
    name: str
    content: Content


def comment(work: UnitOfWork, purchase_id: str, text: str, *, internal: bool) -> Comment:
    """Say something about a purchase.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
        PermissionDenied: Another school's (ACTION_NOT_ALLOWED).
        CommentInternal: Internal comments are for the authority (PERMISSION_DENIED).
    """
    purchase = _load(work, purchase_id, "comment.write")
    if internal and work.caller.role not in INTERNAL_ROLES:
        raise CommentInternal("internal comments are for the authority", role=work.caller.role)
    said = Comment(
        id=new_id(),
        tenant=purchase.tenant,
        purchase_id=purchase.id,
        internal=internal,
        text=text,
        author=work.caller.subject,
        author_role=work.caller.role,
        created_at=work.at,
    )
    discussion.add_comment(work, said)
    return said


def attach(work: UnitOfWork, purchase_id: str, paper: Paper) -> Attachment:
    """Attach a paper; one that was attached before names the earlier one.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
        PermissionDenied: Another school's (ACTION_NOT_ALLOWED).
    """
    purchase = _load(work, purchase_id, "purchase.attach")
    earlier = discussion.first_with(work.connection, work.tenant, paper.content.sha256)
    attached = Attachment(
        id=new_id(),
        tenant=purchase.tenant,
        purchase_id=purchase.id,
        kind=paper.kind,
        name=paper.name,
        media_type=paper.content.media_type,
        size=len(paper.content.data),
        sha256=paper.content.sha256,
        added_by=work.caller.subject,
        created_at=work.at,
        duplicate_of=earlier.id if earlier else "",
        duplicate_purchase=earlier.purchase_id if earlier else "",
    )
    discussion.add_attachment(work, attached)
    return attached


def _load(work: UnitOfWork, purchase_id: str, action: str) -> Purchase:
    purchase = purchases.get(work.connection, work.tenant, purchase_id)
    require(ACTIONS, work.caller, action, Resource(purchase.tenant, purchase.school_urn))
    return purchase
