"""Where a figure comes from: from a headline to each child's windows, and on to every transfer.

Children are numbers here and never names: who explains a figure need not know whom it is about.
"""

from __future__ import annotations

from localresponse.fund.v1 import ledger_service_pb2 as ledger
from localresponse.outcomes.v1 import analysis_service_pb2 as analysis
from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages.findings import COST_NAMES
from gateway.pages.purchases import one
from gateway.pages.services import ask
from gateway.pages.site import Site
from gateway.pages.visit import EXPLAINS, SEES_JOURNALS, Visit

_NAMED: dict[int, str] = {
    analysis.FIGURE_SPEND: "Spent",
    analysis.FIGURE_COST_PER_CHILD: "Cost per child",
    analysis.FIGURE_ADJUSTED_DIFFERENCE: "Change compared with children like them",
    analysis.FIGURE_NAIVE_CHANGE: "Naive change, before and after",
    **COST_NAMES,
    analysis.FIGURE_SUSPENSIONS: "Suspensions",
    analysis.FIGURE_PERMANENT_EXCLUSIONS: "Permanent exclusions",
}

FIGURES = {
    analysis.Figure.Name(analysis.Figure.ValueType(figure))
    .removeprefix("FIGURE_")
    .lower()
    .replace("_", "-"): (figure, name)
    for figure, name in _NAMED.items()
}
"""The figures that have a page, by the name in their address."""

WINDOWS = {
    events.WINDOW_KIND_BASELINE: "Baseline",
    events.WINDOW_KIND_TRIGGER: "Just before",
    events.WINDOW_KIND_FOLLOW_UP_1: "First 30 days after",
    events.WINDOW_KIND_FOLLOW_UP_2: "Days 31 to 90 after",
    events.WINDOW_KIND_YEAR: "A year later",
}

JOURNALS = {
    "reserve": "Held for the request",
    "amend": "Hold changed",
    "commit": "Approved",
    "release": "Given back",
    "receive": "Delivered",
    "invoice": "Invoiced",
    "credit": "Credited",
    "refund": "Refunded",
    "reverse": "Reversed",
}
_PAGE = 50


class ExplainingPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the page of a figure and that of a request's transfers."""
        page = self._site.page
        return [
            Route("/results/{run_id}/{figure}", page(self.figure, roles=EXPLAINS)),
            Route(
                "/purchases/{purchase_id:uuid}/transfers",
                page(self.transfers, roles=SEES_JOURNALS),
            ),
        ]

    async def figure(self, request: Request, visit: Visit) -> Response:
        """Show the rule of a figure, what the run read, and the children behind it."""
        named = FIGURES.get(request.path_params["figure"])
        if named is None:
            raise HTTPException(404)
        asked = analysis.ExplainFigureRequest(
            analysis_run_id=request.path_params["run_id"],
            figure=analysis.Figure.ValueType(named[0]),
            page_size=_PAGE,
            page_token=request.query_params.get("after", ""),
        )
        answer = await ask(visit, self._site.services.analyses.ExplainFigure, asked)
        return self._site.show(
            "explain.html",
            visit,
            title=f"Where it comes from: {named[1].lower()}",
            back="/results",
            wide=True,
            name=named[1],
            explained=answer,
            windows=WINDOWS,
            path=request.url.path,
            sees_purchases=visit.is_one_of(SEES_JOURNALS),
        )

    async def transfers(self, request: Request, visit: Visit) -> Response:
        """Show every transfer of a request: from which account to which, when and by whom."""
        purchase = await one(self._site, visit, request.path_params["purchase_id"])
        asked = ledger.ListJournalsRequest(
            purchase_id=purchase.id,
            page_size=_PAGE,
            page_token=request.query_params.get("after", ""),
        )
        answer = await ask(visit, self._site.services.ledger.ListJournals, asked)
        return self._site.show(
            "purchase/transfers.html",
            visit,
            title=f"Transfers of {purchase.reference}",
            back=f"/purchases/{purchase.id}",
            wide=True,
            purchase=purchase,
            journals=answer.journals,
            kinds=JOURNALS,
            sources={part.source_id: part.source_name for part in purchase.apportionments},
            after=answer.next_page_token,
        )
