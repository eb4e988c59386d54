"""Published spending: whose names are published, reviewed supplier by supplier before it leaves.

Source: Local Government Transparency Code 2015, paras 20 and 28 to 30.
"""

from __future__ import annotations

from localresponse.fund.v1 import export_rules_service_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.finance.reading import MOST
from gateway.pages.finance.sending import sent
from gateway.pages.finance.words import KIND_WORDS, SUPPLIER_KINDS
from gateway.pages.forms import Form
from gateway.pages.paging import paged
from gateway.pages.services import PAGE_SIZE, ask, everything
from gateway.pages.site import Site, see
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from services.chassis.ids import new_id

LIST = "/publication"
_UNREVIEWED = pb.SUPPLIER_KIND_UNSPECIFIED


class PublishingPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list, and the review of one supplier."""
        page, one = self._site.page, f"{LIST}/{{supplier_id:uuid}}"
        return [
            Route(LIST, page(self.index, roles=SEES_BUDGETS)),
            Route(one, page(self.form, roles=DECIDERS)),
            Route(one, page(self.review, roles=DECIDERS), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show every supplier and how it appears; whoever waits stands first."""
        found = await self._suppliers(visit)
        found.sort(key=lambda one: (one.kind != _UNREVIEWED, one.name.casefold()))
        return self._site.show(
            "finance/publication.html",
            visit,
            title="Published spending",
            here="/finance",
            back="/finance",
            wide=True,
            listed=paged(found, request),
            waiting=sum(one.kind == _UNREVIEWED for one in found),
            kinds=KIND_WORDS,
            may_review=visit.is_one_of(DECIDERS),
            done="done" in request.query_params,
        )

    async def form(self, request: Request, visit: Visit) -> Response:
        """Ask what a supplier is."""
        supplier = await self._one(request, visit)
        chosen = [slug for slug, (*_, kind) in SUPPLIER_KINDS.items() if kind == supplier.kind]
        values = {"request_id": new_id(), "etag": supplier.etag, "kind": "".join(chosen)}
        return self._show(visit, supplier, Form(values))

    async def review(self, request: Request, visit: Visit) -> Response:
        """Keep what it is; the next file that is published follows it."""
        form = await self._site.form(request, visit)
        supplier = await self._one(request, visit)
        kind = form.choice("kind", SUPPLIER_KINDS, missing="Select what the supplier is")
        if form.errors:
            return self._show(visit, supplier, form)
        asked = pb.ReviewPublishedSupplierRequest(
            request_id=form.values.get("request_id", ""),
            supplier_id=supplier.supplier_id,
            etag=form.values.get("etag", ""),
            kind=SUPPLIER_KINDS[kind][2],
        )
        method = self._site.services.export_rules.ReviewPublishedSupplier
        if await sent(visit, method, asked, form=form) is None:
            form.values = {**form.values, "etag": supplier.etag}
            return self._show(visit, supplier, form)
        return see(f"{LIST}?done=yes")

    async def _suppliers(self, visit: Visit) -> list[pb.PublishedSupplier]:
        async def turn(token: str) -> tuple[list[pb.PublishedSupplier], str]:
            asked = pb.ListPublishedSuppliersRequest(page_size=PAGE_SIZE, page_token=token)
            method = self._site.services.export_rules.ListPublishedSuppliers
            answer = await ask(visit, method, asked)
            return list(answer.suppliers), answer.next_page_token

        return await everything(turn, most=MOST)

    async def _one(self, request: Request, visit: Visit) -> pb.PublishedSupplier:
        """Return one of the list, which is the only way to read one."""
        wanted = str(request.path_params["supplier_id"])
        for one in await self._suppliers(visit):
            if one.supplier_id == wanted:
                return one
        raise HTTPException(404)

    def _show(self, visit: Visit, supplier: pb.PublishedSupplier, form: Form) -> Response:
        return self._site.show(
            "finance/review.html",
            visit,
            errors=form.errors,
            title=f"Review {supplier.name}",
            here="/finance",
            back=LIST,
            supplier=supplier,
            values=form.values,
            kinds=SUPPLIER_KINDS,
            looks_like=KIND_WORDS.get(supplier.suggested_kind, ""),
        )
