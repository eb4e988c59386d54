"""Quotes, receipts and other papers of a request: the list, their files, and sending one."""

from __future__ import annotations

from localresponse.fund.v1 import discussion_service_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.api.bodies import BODY_MAX
from gateway.pages.forms import Form
from gateway.pages.purchases import one
from gateway.pages.refusals import faults
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.uploading import received_of
from gateway.pages.visit import ASKERS, DECIDERS, SEES_REQUESTS, Visit
from gateway.refusals import Refusal
from services.chassis.ids import new_id

KINDS = {
    "quote": ("Quote", pb.ATTACHMENT_KIND_QUOTE),
    "receipt": ("Receipt", pb.ATTACHMENT_KIND_RECEIPT),
    "other": ("Something else", pb.ATTACHMENT_KIND_OTHER),
}
SENDS = ASKERS | DECIDERS
NAME_MAX = 120
_TOO_LARGE = "The file must be 10MB or smaller"
_PAGE = 50


class PaperPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list and the form under it, at one address."""
        page, address = self._site.page, "/purchases/{purchase_id:uuid}/papers"
        return [
            Route(address, page(self.index, roles=SEES_REQUESTS)),
            Route(address, page(self.send, roles=SENDS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """List the papers, and offer to send another."""
        return await self._show(request, visit, Form({"request_id": new_id()}))

    async def send(self, request: Request, visit: Visit) -> Response:
        """Keep a paper; what it is, is read from its bytes by the fund."""
        received = await received_of(request, visit, most=BODY_MAX, too_large=_TOO_LARGE)
        form = received.form
        kind = form.choice("kind", KINDS, missing="Select what the paper is")
        if not received.content and not form.errors:
            form.refuse("file", "Select a file")
        if form.errors:
            return await self._show(request, visit, form)
        asked = pb.AddAttachmentRequest(
            request_id=form.values.get("request_id", ""),
            purchase_id=str(request.path_params["purchase_id"]),
            kind=KINDS[kind][1],
            name=received.name[-NAME_MAX:],
            content=received.content,
        )
        try:
            await ask(visit, self._site.services.discussion.AddAttachment, asked)
        except Refusal as refusal:
            for fault in faults(refusal):
                form.refuse("file", fault.message)
            return await self._show(request, visit, form)
        return see(request.url.path)

    async def _show(self, request: Request, visit: Visit, form: Form) -> Response:
        purchase = await one(self._site, visit, request.path_params["purchase_id"])
        asked = pb.ListAttachmentsRequest(
            purchase_id=purchase.id,
            page_size=_PAGE,
            page_token=request.query_params.get("after", ""),
        )
        answer = await ask(visit, self._site.services.discussion.ListAttachments, asked)
        return self._site.show(
            "purchase/papers.html",
            visit,
            errors=form.errors,
            title=f"Papers of {purchase.reference}",
            back=f"/purchases/{purchase.id}",
            purchase=purchase,
            papers=answer.attachments,
            after=answer.next_page_token,
            kinds={value: words for words, value in KINDS.values()},
            choices={slug: words for slug, (words, _) in KINDS.items()},
            values={"request_id": new_id(), **form.values},
            may_send=visit.is_one_of(SENDS),
        )
