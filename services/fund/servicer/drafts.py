"""DraftsService."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import drafts_service_pb2 as pb
from localresponse.fund.v1 import purchase_types_pb2 as types_pb
from localresponse.fund.v1.drafts_service_pb2_grpc import DraftsServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.fund.commands import drafting, submitting
from services.fund.mapping import drafts as mapping
from services.fund.mapping import purchases, requests
from services.fund.servicer.pages import Pages
from services.fund.storage import drafts


@dataclass(frozen=True, slots=True)
class Drafts(DraftsServiceServicer):
    """Requests that are not sent yet."""

    commands: Commands
    database: Database
    pages: Pages

    async def SaveDraft(self, request: pb.SaveDraftRequest, context: Any) -> pb.Draft:
        written = mapping.written(request)
        return await self.commands.run(
            request, pb.Draft, lambda work: mapping.draft(drafting.save(work, written))
        )

    async def GetDraft(self, request: pb.GetDraftRequest, context: Any) -> pb.Draft:
        who = caller()
        return await self.database.read(
            lambda connection: mapping.draft(
                drafts.get(connection, (who.tenant, who.subject), request.draft_id)
            )
        )

    async def ListDrafts(
        self, request: pb.ListDraftsRequest, context: Any
    ) -> pb.ListDraftsResponse:
        who = caller()
        found, token = await self.pages.read(
            request,
            lambda connection, cut: drafts.page(connection, (who.tenant, who.subject), cut),
            lambda draft: draft.id,
        )
        return pb.ListDraftsResponse(
            drafts=[mapping.draft(each) for each in found], next_page_token=token
        )

    async def DiscardDraft(self, request: pb.DiscardDraftRequest, context: Any) -> pb.Draft:
        return await self.commands.run(
            request,
            pb.Draft,
            lambda work: mapping.draft(drafting.discard(work, request.draft_id)),
        )

    async def SubmitDraft(self, request: pb.SubmitDraftRequest, context: Any) -> types_pb.Purchase:
        def write(work: UnitOfWork) -> types_pb.Purchase:
            draft = drafting.discard(work, request.draft_id)
            asked = requests.submission(mapping.submission(draft, request.request_id))
            return purchases.purchase(submitting.submit(work, asked))

        return await self.commands.run(request, types_pb.Purchase, write)
