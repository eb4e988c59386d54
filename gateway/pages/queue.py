"""The finance officer's queue: what waits, filtered and sorted by addresses that can be shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import deadlines, reference, words
from gateway.pages.paging import paged
from gateway.pages.purchases import MOST, Purchase, as_csv, listed
from gateway.pages.site import Site
from gateway.pages.visit import DECIDERS, Visit
from gateway.pages.vocabulary import PurchaseState

# What an officer can look at: slug, words, and the states it gathers.
VIEWS: dict[str, tuple[str, tuple[int, ...]]] = {
    "decide": ("To decide", (PurchaseState.PURCHASE_STATE_SUBMITTED,)),
    "school": ("Waiting for the school", (PurchaseState.PURCHASE_STATE_QUERIED,)),
    "order": ("To order", (PurchaseState.PURCHASE_STATE_APPROVED,)),
    "running": (
        "Ordered or delivered",
        (PurchaseState.PURCHASE_STATE_ORDERED, PurchaseState.PURCHASE_STATE_DELIVERED),
    ),
    "all": ("All requests", ()),
}

# What waits for a decision comes in the order of its dates, anything else newest first.
FIRST_DUE = frozenset({"", "decide", "school"})

Key = Callable[[Purchase], Any]
SORTS: dict[str, Key] = {
    "due": lambda purchase: (deadlines.decide_by(purchase), purchase.reference),
    "sent": lambda purchase: (purchase.submit_time.seconds, purchase.reference),
    "cost": lambda purchase: (words.minor(purchase.cost), purchase.reference),
    "reference": lambda purchase: purchase.reference,
}


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks for; anything it does not know is left out."""

    view: str
    category: str
    school: str
    sort: str
    down: bool

    @classmethod
    def of(cls, request: Request) -> Query:
        """Read the address."""
        given = request.query_params
        view, sort = given.get("view", ""), given.get("sort", "")
        return cls(
            view=view if view in VIEWS else "decide",
            category=given.get("category", ""),
            school=given.get("school", ""),
            sort=sort if sort in SORTS else "due" if view in FIRST_DUE else "sent",
            down=given.get("order") == "down" or (sort not in SORTS and view not in FIRST_DUE),
        )

    def address(self, base: str = "/queue", **changes: str) -> str:
        """Return an address that asks for the same, with changes."""
        asked = {
            "view": self.view,
            "category": self.category,
            "school": self.school,
            "sort": self.sort,
            "order": "down" if self.down else "",
            **changes,
        }
        return f"{base}?{urlencode({name: value for name, value in asked.items() if value})}"

    def sorted_by(self, column: str) -> str:
        """Return the address of a column's heading: the other way round when it is the one."""
        down = column == self.sort and not self.down
        return self.address(sort=column, order="down" if down else "")

    def way(self, column: str) -> str:
        """Return what `aria-sort` says of a column."""
        if column != self.sort:
            return "none"
        return "descending" if self.down else "ascending"

    def chosen(self, purchases: Sequence[Purchase]) -> list[Purchase]:
        """Return what the filters keep, in order."""
        kept = [
            purchase
            for purchase in purchases
            if self.category in {"", purchase.category} and self.school in {"", purchase.school_urn}
        ]
        return sorted(kept, key=SORTS[self.sort], reverse=self.down)


class QueuePages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the queue's addresses."""
        page = self._site.page
        return [
            Route("/queue", page(self.index, roles=DECIDERS)),
            Route("/queue.csv", page(self.file, roles=DECIDERS)),
        ]

    async def index(self, request: Request, visit: Visit) -> Response:
        """Show the queue."""
        query = Query.of(request)
        now = self._site.clock.now()
        purchases = await self._purchases(visit, query)
        rows = [
            (
                purchase,
                deadlines.decide_by(purchase) if deadlines.is_open(purchase) else None,
                deadlines.is_late(purchase, now),
            )
            for purchase in purchases
        ]
        return self._site.show(
            "queue.html",
            visit,
            title="Requests to decide",
            here="/queue",
            wide=True,
            query=query,
            views=VIEWS,
            listed=paged(rows, request),
            most=MOST,
            total=sum(words.minor(purchase.cost) for purchase in purchases),
            schools=await reference.schools(self._site, visit),
            categories=await reference.categories(self._site, visit),
        )

    async def file(self, request: Request, visit: Visit) -> Response:
        """Answer the same list as CSV."""
        purchases = await self._purchases(visit, Query.of(request))
        return await as_csv(self._site, visit, "queue", purchases)

    async def _purchases(self, visit: Visit, query: Query) -> list[Purchase]:
        return query.chosen(await listed(self._site, visit, states=VIEWS[query.view][1]))
