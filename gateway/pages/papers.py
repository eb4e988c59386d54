"""Quotes, receipts and other papers of a request: the list, their files, and sending one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from localresponse.fund.v1 import discussion_service_pb2 as pb
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.api.bodies import BODY_MAX, Allowance, read
from gateway.api.problems import Problem
from gateway.identity.origin import CSRF_FIELD, require_genuine
from gateway.pages.forms import Form
from gateway.pages.purchases import one
from gateway.pages.refusals import faults
from gateway.pages.services import ask
from gateway.pages.site import Site, see
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
_BESIDE_MAX = 64 * 1024
_PAGE = 50


@dataclass(frozen=True, slots=True)
class Received:
    """A form with a file: its fields, the file's own name and its bytes."""

    form: Form
    name: str = ""
    content: bytes = b""


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
        received = await _received(request, visit)
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


async def _received(request: Request, visit: Visit) -> Received:
    """Read a form with one file.

    Raises:
        CsrfRefused: It did not come from this session's pages.
    """
    try:
        body = await read(request, Allowance(BODY_MAX + _BESIDE_MAX, BODY_MAX))
        form = await _parsed(request.headers.get("content-type", ""), body)
    except Problem:
        form = Received(Form({}))
        form.form.refuse("file", _TOO_LARGE)
        return form
    require_genuine(request, expected=visit.csrf, given=form.form.values.get(CSRF_FIELD, ""))
    if len(form.content) > BODY_MAX:
        form.form.refuse("file", _TOO_LARGE)
    return form


async def _parsed(content_type: str, body: bytes) -> Received:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    headers = Headers({"content-type": content_type})
    parser = MultiPartParser(headers, stream(), max_files=1, max_part_size=_BESIDE_MAX)
    try:
        parts = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        return Received(Form({}))
    values = {name: part for name, part in parts.multi_items() if isinstance(part, str)}
    upload = parts.get("file")
    try:
        if not isinstance(upload, UploadFile):
            return Received(Form(values))
        return Received(Form(values), upload.filename or "", await upload.read())
    finally:
        await parts.close()
