"""Handing back money of a source that is in no budget: which sources have any, and how much."""

from __future__ import annotations

from localresponse.fund.v1 import proposal_requests_pb2 as pb
from localresponse.fund.v1 import proposals_service_pb2 as proposals_pb
from localresponse.fund.v1 import sources_service_pb2 as sources_pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import words
from gateway.pages.finance import reading
from gateway.pages.finance.sending import answers, sent, to_check
from gateway.pages.forms import Form
from gateway.pages.services import ask
from gateway.pages.site import Site, see
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from gateway.pages.vocabulary import SOURCE_KINDS
from services.chassis.ids import new_id
from services.chassis.money import Money
from services.chassis.wire import money_to_proto

REASON_MAX = 1000


class HandingBackPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the list of sources, and the form for one of them."""
        page, one = self._site.page, "/sources/{source_id:uuid}/hand-back"
        return [
            Route("/sources", page(self.index, roles=SEES_BUDGETS)),
            Route(one, page(self.form, roles=DECIDERS)),
            Route(one, page(self.propose, roles=DECIDERS), methods=["POST"]),
        ]

    async def index(self, _: Request, visit: Visit) -> Response:
        """Show what each source has in no budget, and what went back."""
        return self._site.show(
            "finance/sources.html",
            visit,
            title="Hand money back",
            here="/finance",
            back="/finance",
            wide=True,
            sources=await reading.sources(self._site, visit),
            kinds=SOURCE_KINDS,
            hands_back=visit.is_one_of(DECIDERS),
        )

    async def form(self, request: Request, visit: Visit) -> Response:
        """Ask how much, and why."""
        source = await self._source(request, visit)
        return await self._show(visit, source, Form({"request_id": new_id()}))

    async def propose(self, request: Request, visit: Visit) -> Response:
        """Have it checked, then propose it; within the rules for one officer it is done."""
        form = await self._site.form(request, visit)
        source = await self._source(request, visit)
        if form.values.get("change"):
            return await self._show(visit, source, form)
        amount = form.money("amount", missing="Enter how much goes back")
        reason = form.text("reason", missing="Enter why it goes back", longest=REASON_MAX)
        if form.errors or amount is None:
            return await self._show(visit, source, form)
        if to_check(form):
            return self._check(visit, source, form, amount=amount)
        asked = pb.ProposeReturnRequest(
            request_id=form.values.get("request_id", ""),
            source_id=source.id,
            amount=money_to_proto(amount),
            reason=reason,
        )
        made = await sent(visit, self._site.services.proposals.ProposeReturn, asked, form=form)
        if made is None:
            return await self._show(visit, source, form)
        return see(f"/proposals/{made.id}")

    async def _source(self, request: Request, visit: Visit) -> sources_pb.Source:
        asked = sources_pb.GetSourceRequest(source_id=str(request.path_params["source_id"]))
        return await ask(visit, self._site.services.sources.GetSource, asked)

    async def _show(self, visit: Visit, source: sources_pb.Source, form: Form) -> Response:
        asked = proposals_pb.GetMoneyRulesRequest()
        rules = await ask(visit, self._site.services.proposals.GetMoneyRules, asked)
        return self._site.show(
            "finance/hand-back.html",
            visit,
            errors=form.errors,
            title=f"Hand money back: {source.name}",
            here="/finance",
            back="/sources",
            source=source,
            rules=rules,
            values=form.values,
        )

    def _check(
        self, visit: Visit, source: sources_pb.Source, form: Form, *, amount: Money
    ) -> Response:
        left = Money(words.minor(source.unallocated) - amount.minor)
        return self._site.show(
            "finance/check.html",
            visit,
            title="Check before the money goes back",
            here="/finance",
            back="/sources",
            caption=source.name,
            note="Above the rules' sum it waits for a second officer before any money moves.",
            rows=[
                ("Goes back to", source.funder),
                ("Amount", str(amount)),
                ("Then in no budget", str(left)),
                ("Reason", form.values["reason"].strip()),
            ],
            answers=answers(form),
            button="hand it back",
        )
