"""Comments, attachments and the history."""

from __future__ import annotations

from localresponse.fund.v1 import discussion_service_pb2 as pb

from services.chassis.wire import timestamp_to_proto
from services.fund.commands.discussing import Paper
from services.fund.domain.papers import Attachment, Comment, content_of
from services.fund.queries.history import Entry
from services.fund.wire.names import PAPER_KINDS
from services.fund.wire.values import money


def paper(request: pb.AddAttachmentRequest) -> Paper:
    """Read a paper.

    Raises:
        AttachmentTooLarge, AttachmentTypeRefused: Its bytes cannot be (INVALID_ARGUMENT).
    """
    return Paper(PAPER_KINDS.read(request.kind), request.name, content_of(request.content))


def comment(value: Comment) -> pb.Comment:
    """Return a comment."""
    return pb.Comment(
        id=value.id,
        internal=value.internal,
        text=value.text,
        author_id=value.author,
        author_role=value.author_role,
        create_time=timestamp_to_proto(value.created_at),
    )


def attachment(value: Attachment) -> pb.Attachment:
    """Return an attachment without its bytes."""
    return pb.Attachment(
        id=value.id,
        purchase_id=value.purchase_id,
        kind=PAPER_KINDS.out(value.kind),
        name=value.name,
        media_type=value.media_type,
        size=value.size,
        sha256=value.sha256,
        duplicate_of_id=value.duplicate_of,
        duplicate_purchase_id=value.duplicate_purchase,
        added_by_id=value.added_by,
        create_time=timestamp_to_proto(value.created_at),
    )


def entry(value: Entry) -> pb.HistoryEntry:
    """Return one thing that happened."""
    return pb.HistoryEntry(
        kind=value.kind,
        action=value.action,
        actor_id=value.actor,
        actor_role=value.actor_role,
        text=value.text,
        event_time=timestamp_to_proto(value.at),
        amount=money(value.amount) if value.amount else None,
        resource_id=value.resource_id,
        policy_version=value.policy_version,
        content_hash=value.content_hash,
    )
