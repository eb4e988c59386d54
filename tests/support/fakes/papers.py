"""The papers of purchases, in memory."""

# ruff: noqa: N802  (methods have the names of the rpcs)
from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import discussion_service_pb2 as pb

from services.chassis.errors import InvalidArgument, NotFound
from services.chassis.ids import new_id
from tests.support.fakes.outcomes import unused


class AttachmentTypeRefused(InvalidArgument):
    reason = "ATTACHMENT_TYPE_REFUSED"


class FakeDiscussion:
    """Implements the papers of localresponse.fund.v1.DiscussionService."""

    def __init__(self) -> None:
        self.papers: list[pb.AttachmentContent] = []

    async def AddAttachment(self, request: Any, _: Any) -> pb.Attachment:
        if not request.content.startswith(b"%PDF"):
            raise AttachmentTypeRefused("send a PDF, JPG or PNG", field="content")
        paper = pb.Attachment(
            id=new_id(),
            purchase_id=request.purchase_id,
            kind=request.kind,
            name=request.name,
            media_type="application/pdf",
            size=len(request.content),
        )
        self.papers.append(pb.AttachmentContent(attachment=paper, content=request.content))
        return paper

    async def ListAttachments(self, request: Any, _: Any) -> pb.ListAttachmentsResponse:
        found = [one.attachment for one in self.papers]
        mine = [one for one in found if one.purchase_id == request.purchase_id]
        return pb.ListAttachmentsResponse(attachments=mine)

    async def GetAttachment(self, request: Any, _: Any) -> pb.AttachmentContent:
        for one in self.papers:
            if one.attachment.id == request.attachment_id:
                return one
        raise NotFound("no such paper")

    def __getattr__(self, name: str) -> object:
        return unused(name)
