"""Requests as people see them: the list, one request with its timeline, and the list as CSV."""

from __future__ import annotations

from collections.abc import Sequence

from localresponse.fund.v1 import purchase_types_pb2, purchases_service_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import deadlines, reference, words
from gateway.pages.downloads import download, pounds
from gateway.pages.paging import paged
from gateway.pages.services import PAGE_SIZE, ask, everything
from gateway.pages.site import Site
from gateway.pages.steps_ahead import STEPS_AHEAD, offered
from gateway.pages.visit import ASKERS, SEES_REQUESTS, Visit
from gateway.pages.vocabulary import STATE_BY_SLUG, STATES, status

Purchase = purchase_types_pb2.Purchase
COLUMNS = (
    "Reference",
    "School",
    "Kind of support",
    "Supplier",
    "Cost in pounds",
    "Sent",
    "Decide by",
    "Status",
)


async def listed(
    site: Site, visit: Visit, *, states: Sequence[int] = (), mine: bool = False
) -> list[Purchase]:
    """Return the purchases that the person may see, newest first, at most a thousand."""

    async def turn(token: str) -> tuple[list[Purchase], str]:
        answer = await ask(
            visit,
            site.services.purchases.ListPurchases,
            purchases_service_pb2.ListPurchasesRequest(
                states=[purchase_types_pb2.PurchaseState.ValueType(state) for state in states],
                mine=mine,
                page_size=PAGE_SIZE,
                page_token=token,
            ),
        )
        return list(answer.purchases), answer.next_page_token

    return await everything(turn)


async def one(site: Site, visit: Visit, purchase_id: object) -> Purchase:
    """Return one purchase with its timeline.

    Raises:
        Refusal: NOT_FOUND, also for one that the person may not know of.
    """
    request = purchases_service_pb2.GetPurchaseRequest(purchase_id=str(purchase_id))
    return await ask(visit, site.services.purchases.GetPurchase, request)


async def as_csv(site: Site, visit: Visit, name: str, purchases: Sequence[Purchase]) -> Response:
    """Answer a list of purchases as a file, in the order of the page; no need, no child."""
    schools = await reference.schools(site, visit)
    categories = await reference.categories(site, visit)
    rows = (
        (
            purchase.reference,
            schools.get(purchase.school_urn, purchase.school_urn),
            categories.get(purchase.category, purchase.category),
            purchase.supplier_name,
            pounds(words.minor(purchase.cost)),
            purchase.submit_time.ToJsonString(),
            deadlines.decide_by(purchase).isoformat() if deadlines.is_open(purchase) else "",
            status(purchase.state).words,
        )
        for purchase in purchases
    )
    return download(name, COLUMNS, rows)


class PurchasePages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the addresses of the list, its file and one request."""
        page = self._site.page
        return [
            Route("/purchases", page(self.index, roles=SEES_REQUESTS)),
            Route("/purchases.csv", page(self.file, roles=SEES_REQUESTS)),
            Route("/purchases/{purchase_id:uuid}", page(self.show, roles=SEES_REQUESTS)),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show the list, of one state or of all."""
        shown = request.query_params.get("status", "")
        return self._site.show(
            "purchase/list.html",
            visit,
            title="My requests" if visit.is_one_of(ASKERS) else "Requests",
            here="/purchases",
            wide=True,
            listed=paged(await self._chosen(request, visit), request),
            shown=shown if shown in STATE_BY_SLUG else "",
            states=STATES,
            schools=await reference.schools(self._site, visit),
            categories=await reference.categories(self._site, visit),
        )

    async def file(self, request: Request, visit: Visit) -> Response:
        """Answer the same list as CSV."""
        chosen = await self._chosen(request, visit)
        return await as_csv(self._site, visit, "requests", chosen)

    async def show(self, request: Request, visit: Visit) -> Response:
        """Show one request, what happened to it and what the person can do now."""
        purchase = await one(self._site, visit, request.path_params["purchase_id"])
        done = STEPS_AHEAD.get(request.query_params.get("done", ""))
        return self._site.show(
            "purchase/show.html",
            visit,
            title=f"Request {purchase.reference}",
            back="/purchases" if visit.is_one_of(ASKERS) else "/queue",
            purchase=purchase,
            children=await self._children(visit, purchase),
            schools=await reference.schools(self._site, visit),
            categories=await reference.categories(self._site, visit),
            decide_by=deadlines.decide_by(purchase),
            late=deadlines.is_late(purchase, self._site.clock.now()),
            steps=offered(purchase, visit),
            done=done,
        )

    async def _chosen(self, request: Request, visit: Visit) -> list[Purchase]:
        state = STATE_BY_SLUG.get(request.query_params.get("status", ""))
        return await listed(self._site, visit, states=[] if state is None else [state])

    async def _children(self, visit: Visit, purchase: Purchase) -> list[str]:
        return await reference.named(self._site, visit, purchase)
