"""DiscussionService."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import discussion_service_pb2 as pb
from localresponse.fund.v1.discussion_service_pb2_grpc import DiscussionServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.fund.commands import discussing as commands
from services.fund.domain.papers import INTERNAL_ROLES, Attachment, Comment
from services.fund.mapping import discussion as mapping
from services.fund.queries.history import history
from services.fund.queries.purchases import readable
from services.fund.servicer.pages import Pages
from services.fund.storage import discussion as storage
from services.fund.storage.paging import Cut
from services.fund.storage.papers import Papers


@dataclass(frozen=True, slots=True)
class Discussion(DiscussionServiceServicer):
    """What people say about a purchase, the papers they attach, and its whole history."""

    commands: Commands
    database: Database
    pages: Pages
    papers: Papers

    async def AddComment(self, request: pb.AddCommentRequest, context: Any) -> pb.Comment:
        return await self.commands.run(
            request,
            pb.Comment,
            lambda work: mapping.comment(
                commands.comment(work, request.purchase_id, request.text, internal=request.internal)
            ),
        )

    async def ListComments(
        self, request: pb.ListCommentsRequest, context: Any
    ) -> pb.ListCommentsResponse:
        who = caller()
        internal = who.role in INTERNAL_ROLES

        def look(connection: Connection, cut: Cut) -> list[Comment]:
            purchase = readable(connection, who, request.purchase_id)
            return storage.comments(connection, purchase.id, internal=internal, cut=cut)

        found, token = await self.pages.read(request, look, lambda comment: comment.id)
        return pb.ListCommentsResponse(
            comments=[mapping.comment(each) for each in found], next_page_token=token
        )

    async def AddAttachment(self, request: pb.AddAttachmentRequest, context: Any) -> pb.Attachment:
        who, paper = caller(), mapping.paper(request)
        await self.database.read(lambda connection: readable(connection, who, request.purchase_id))
        # The bytes are kept before the row that names them: a row never lacks its bytes.
        kept = paper.content
        await asyncio.to_thread(self.papers.put, who.tenant, kept.sha256, kept.data)
        return await self.commands.run(
            request,
            pb.Attachment,
            lambda work: mapping.attachment(commands.attach(work, request.purchase_id, paper)),
        )

    async def ListAttachments(
        self, request: pb.ListAttachmentsRequest, context: Any
    ) -> pb.ListAttachmentsResponse:
        who = caller()

        def look(connection: Connection, cut: Cut) -> list[Attachment]:
            purchase = readable(connection, who, request.purchase_id)
            return storage.attachments_of(connection, purchase.id, cut)

        found, token = await self.pages.read(request, look, lambda attachment: attachment.id)
        return pb.ListAttachmentsResponse(
            attachments=[mapping.attachment(each) for each in found], next_page_token=token
        )

    async def GetAttachment(
        self, request: pb.GetAttachmentRequest, context: Any
    ) -> pb.AttachmentContent:
        who = caller()

        def look(connection: Connection) -> Attachment:
            purchase = readable(connection, who, request.purchase_id)
            return storage.attachment(connection, purchase.id, request.attachment_id)

        found = await self.database.read(look)
        data = await asyncio.to_thread(self.papers.get, who.tenant, found.sha256)
        return pb.AttachmentContent(attachment=mapping.attachment(found), content=data)

    async def GetPurchaseHistory(
        self, request: pb.GetPurchaseHistoryRequest, context: Any
    ) -> pb.PurchaseHistory:
        who = caller()
        entries = await self.database.read(
            lambda connection: history(connection, who, request.purchase_id)
        )
        return pb.PurchaseHistory(entries=[mapping.entry(each) for each in entries])
