"""Agreements and their feeds: what may be used for what until when, how to read it, who did."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import agreements_service_pb2 as pb
from localresponse.outcomes.v1 import feeds_service_pb2 as feeds
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.forms import Form
from gateway.pages.refusals import sentence
from gateway.pages.services import ask
from gateway.pages.sharing import words
from gateway.pages.site import Site, see
from gateway.pages.visit import PUBLISHES, SEES_AGREEMENTS, SEES_DOWNLOADS, SEES_FEEDS, Visit
from gateway.refusals import Refusal
from services.chassis.ids import new_id

REASON_MAX, _SHORTEST = 500, 3
_ONE = "/agreements/{agreement_id}"


class AgreementPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list, one agreement, its feed, its downloads, and its end."""
        page = self._site.page
        return [
            Route("/agreements", page(self.index, roles=SEES_AGREEMENTS)),
            Route(_ONE, page(self.show, roles=SEES_AGREEMENTS)),
            Route(f"{_ONE}/feed", page(self.feed, roles=SEES_FEEDS)),
            Route(f"{_ONE}/downloads", page(self.downloads, roles=SEES_DOWNLOADS)),
            Route(f"{_ONE}/end", page(self.ask_end, roles=PUBLISHES)),
            Route(f"{_ONE}/end", page(self.end, roles=PUBLISHES), methods=["POST"]),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """List agreements; an evaluator sees their own."""
        asked = pb.ListAgreementsRequest(page_token=request.query_params.get("after", ""))
        answer = await ask(visit, self._site.services.agreements.ListAgreements, asked)
        return self._show(
            "agreements",
            visit,
            self._title(visit),
            here="/agreements",
            wide=True,
            agreements=answer.agreements,
            may_record=visit.is_one_of(PUBLISHES),
            after=answer.next_page_token,
        )

    async def show(self, request: Request, visit: Visit) -> Response:
        """Show what was agreed."""
        return self._show(
            "agreement",
            visit,
            "Data-sharing agreement",
            back="/agreements",
            agreement=await self._one(request, visit),
            bases=words.LAWFUL_BASES,
            fields=words.FIELDS,
            may_end=visit.is_one_of(PUBLISHES),
            sees_feed=visit.is_one_of(SEES_FEEDS),
            sees_downloads=visit.is_one_of(SEES_DOWNLOADS),
        )

    async def feed(self, request: Request, visit: Visit) -> Response:
        """Show how to read the feed and how to check what was received."""
        agreement = await self._one(request, visit)
        asked = feeds.GetFeedRequest(feed_id=agreement.id)
        return self._show(
            "feed",
            visit,
            "The feed",
            back=f"/agreements/{agreement.id}",
            agreement=agreement,
            feed=await ask(visit, self._site.services.feeds.GetFeed, asked),
            address=str(request.base_url).rstrip("/"),
            reads=visit.role == "evaluator",
            symbols={name: words.SYMBOLS[name] for name in ("x", "z")},
        )

    async def downloads(self, request: Request, visit: Visit) -> Response:
        """List who read what, the latest first."""
        agreement = await self._one(request, visit)
        asked = pb.ListDownloadsRequest(
            agreement_id=agreement.id, page_token=request.query_params.get("after", "")
        )
        answer = await ask(visit, self._site.services.agreements.ListDownloads, asked)
        return self._show(
            "downloads",
            visit,
            "What was downloaded",
            back=f"/agreements/{agreement.id}",
            wide=True,
            agreement=agreement,
            downloads=answer.downloads,
            after=answer.next_page_token,
        )

    async def ask_end(self, request: Request, visit: Visit) -> Response:
        """Ask why the agreement ends before its time."""
        return await self._end_form(request, visit, Form({"request_id": new_id()}))

    async def end(self, request: Request, visit: Visit) -> Response:
        """End the agreement now."""
        form = await self._site.form(request, visit)
        reason = form.text("reason", missing="Enter why it ends", longest=REASON_MAX)
        if reason and len(reason) < _SHORTEST:
            form.refuse("reason", "Use 3 characters or more")
        if form.errors:
            return await self._end_form(request, visit, form)
        asked = pb.EndAgreementRequest(
            request_id=form.values.get("request_id", ""),
            agreement_id=request.path_params["agreement_id"],
            reason=reason,
        )
        try:
            await ask(visit, self._site.services.agreements.EndAgreement, asked)
        except Refusal as refusal:
            form.refuse("", sentence(refusal))
            return await self._end_form(request, visit, form)
        return see(f"/agreements/{asked.agreement_id}")

    async def _end_form(self, request: Request, visit: Visit, form: Form) -> Response:
        agreement = await self._one(request, visit)
        return self._show(
            "end",
            visit,
            "End an agreement",
            back=f"/agreements/{agreement.id}",
            errors=form.errors,
            values=form.values,
            agreement=agreement,
        )

    async def _one(self, request: Request, visit: Visit) -> pb.Agreement:
        asked = pb.GetAgreementRequest(agreement_id=request.path_params["agreement_id"])
        return await ask(visit, self._site.services.agreements.GetAgreement, asked)

    def _title(self, visit: Visit) -> str:
        mine = visit.role == "evaluator"
        return "Your data-sharing agreements" if mine else "Data-sharing agreements"

    def _show(self, template: str, visit: Visit, title: str, **context: Any) -> Response:
        return self._site.show(
            f"sharing/{template}.html", visit, title=title, states=words.AGREEMENT_STATES, **context
        )
