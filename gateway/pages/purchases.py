"""Requests as people see them: the list, one request with its timeline, and the list as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from localresponse.fund.v1 import purchase_types_pb2, purchases_service_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import deadlines, raising, reference, words
from gateway.pages.downloads import download, pounds, streamed
from gateway.pages.paging import PER_PAGE
from gateway.pages.services import PAGE_SIZE, ask, everything
from gateway.pages.site import Site
from gateway.pages.steps_ahead.disputing import disputed
from gateway.pages.steps_ahead.returning import came_back
from gateway.pages.steps_ahead.table import STEPS_AHEAD, offered
from gateway.pages.steps_ahead.vouchers import had_vouchers
from gateway.pages.visit import ASKERS, DECIDERS, SEES_JOURNALS, SEES_REQUESTS, Visit
from gateway.pages.vocabulary import INVOICE_STATES, STATE_BY_SLUG, STATES, status

Purchase = purchase_types_pb2.Purchase
MOST = 10_000
"""Where a page that sorts or counts in our memory stops; a list and its file go on."""

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
    site: Site, visit: Visit, *, states: Sequence[int] = (), most: int = MOST
) -> list[Purchase]:
    """Return the purchases that the person may see, newest first, at most so many."""

    async def turn(token: str) -> tuple[list[Purchase], str]:
        return await page_of(site, visit, states=states, token=token, size=PAGE_SIZE)

    return await everything(turn, most=most)


async def page_of(
    site: Site, visit: Visit, *, states: Sequence[int], token: str, size: int = PER_PAGE
) -> tuple[list[Purchase], str]:
    """Return one page of the purchases that the person may see, and the next one's token.

    Raises:
        Refusal: INVALID_ARGUMENT, the token is of another list.
    """
    asked = purchases_service_pb2.ListPurchasesRequest(
        states=[purchase_types_pb2.PurchaseState.ValueType(state) for state in states],
        page_size=size,
        page_token=token,
    )
    answer = await ask(visit, site.services.purchases.ListPurchases, asked)
    return list(answer.purchases), answer.next_page_token


async def one(site: Site, visit: Visit, purchase_id: object) -> Purchase:
    """Return one purchase with its timeline.

    Raises:
        Refusal: NOT_FOUND, also for one that the person may not know of.
    """
    request = purchases_service_pb2.GetPurchaseRequest(purchase_id=str(purchase_id))
    return await ask(visit, site.services.purchases.GetPurchase, request)


@dataclass(frozen=True, slots=True)
class Table:
    """Writes purchases as lines of CSV, without need and without child."""

    schools: Mapping[str, str]
    categories: Mapping[str, str]

    @classmethod
    async def of(cls, site: Site, visit: Visit) -> Table:
        """Read the names that the lines need."""
        return cls(await reference.schools(site, visit), await reference.categories(site, visit))

    def row(self, purchase: Purchase) -> tuple[str, ...]:
        """Return one line."""
        return (
            purchase.reference,
            self.schools.get(purchase.school_urn, purchase.school_urn),
            self.categories.get(purchase.category, purchase.category),
            purchase.supplier_name,
            pounds(words.minor(purchase.cost)),
            purchase.submit_time.ToJsonString(),
            deadlines.decide_by(purchase).isoformat() if deadlines.is_open(purchase) else "",
            status(purchase.state).words,
        )


async def as_csv(site: Site, visit: Visit, name: str, purchases: Sequence[Purchase]) -> Response:
    """Answer a list of purchases as a file, in the order of the page."""
    table = await Table.of(site, visit)
    return download(name, COLUMNS, (table.row(purchase) for purchase in purchases))


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
        """Show the list, of one state or of all, a page at a time however long it is."""
        shown = request.query_params.get("status", "")
        token = request.query_params.get("after", "")
        purchases, after = await page_of(self._site, visit, states=_states(request), token=token)
        return self._site.show(
            "purchase/list.html",
            visit,
            title="My requests" if visit.is_one_of(ASKERS) else "Requests",
            here="/purchases",
            wide=True,
            purchases=purchases,
            after=after,
            first=not token,
            shown=shown if shown in STATE_BY_SLUG else "",
            states=STATES,
            schools=await reference.schools(self._site, visit),
            categories=await reference.categories(self._site, visit),
        )

    async def file(self, request: Request, visit: Visit) -> Response:
        """Answer the same list as CSV, all of it, as it is read."""
        table, states = await Table.of(self._site, visit), _states(request)
        first, after = await page_of(self._site, visit, states=states, token="", size=PAGE_SIZE)

        async def pages() -> AsyncIterator[Iterable[tuple[str, ...]]]:
            purchases, token = first, after
            yield map(table.row, purchases)
            while token:
                purchases, token = await page_of(
                    self._site, visit, states=states, token=token, size=PAGE_SIZE
                )
                yield map(table.row, purchases)

        return streamed("requests", COLUMNS, pages())

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
            sees_journals=visit.is_one_of(SEES_JOURNALS),
            disputed=disputed(purchase),
            resolves=visit.is_one_of(DECIDERS),
            raised=await self._raised(visit, purchase),
            came_back=came_back(purchase),
            had_vouchers=had_vouchers(purchase),
            invoice_states=INVOICE_STATES,
            done=done,
        )

    async def _raised(self, visit: Visit, purchase: Purchase) -> raising.Raise | None:
        if not visit.is_one_of(SEES_JOURNALS):
            return None
        return await raising.waiting(self._site, visit, purchase)

    async def _children(self, visit: Visit, purchase: Purchase) -> list[str]:
        return await reference.named(self._site, visit, purchase)


def _states(request: Request) -> list[int]:
    state = STATE_BY_SLUG.get(request.query_params.get("status", ""))
    return [] if state is None else [state]
