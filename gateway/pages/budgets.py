"""What is left: at each level of the budget tree, and of each source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from localresponse.fund.v1 import budgets_service_pb2, fund_types_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import words
from gateway.pages.downloads import download, pounds
from gateway.pages.finance import reading
from gateway.pages.site import Site
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from gateway.pages.vocabulary import SOURCE_KINDS

Budget = budgets_service_pb2.Budget
COLUMNS = (
    "Budget",
    "Source",
    "Allocated in pounds",
    "Left",
    "Held for requests",
    "Approved or ordered",
    "Delivered",
    "Spent",
)


@dataclass(frozen=True, slots=True)
class Level:
    """One budget of the tree and how deep it stands."""

    budget: Budget
    depth: int


def tree(budgets: Sequence[Budget]) -> list[Level]:
    """Return the budgets with each one's parts under it."""
    below: dict[str, list[Budget]] = {}
    for budget in budgets:
        below.setdefault(budget.parent_id, []).append(budget)
    return list(_under("", below, 0))


def _under(parent: str, below: dict[str, list[Budget]], depth: int) -> Iterator[Level]:
    for budget in below.get(parent, ()):
        yield Level(budget, depth)
        yield from _under(budget.id, below, depth + 1)


class BudgetPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the page and its file."""
        page = self._site.page
        return [
            Route("/budgets", page(self.index, roles=SEES_BUDGETS)),
            Route("/budgets.csv", page(self.file, roles=SEES_BUDGETS)),
        ]

    async def index(self, _: Request, visit: Visit) -> Response:
        """Show the tree, the pots of each budget, and the sources."""
        return self._site.show(
            "budgets.html",
            visit,
            title="Budgets",
            here="/budgets",
            wide=True,
            levels=tree(await reading.budgets(self._site, visit)),
            sources=await reading.sources(self._site, visit),
            kinds=SOURCE_KINDS,
            hands_back=visit.is_one_of(DECIDERS),
        )

    async def file(self, _: Request, visit: Visit) -> Response:
        """Answer every pot as CSV: one line for each budget and source."""
        rows = (
            (level.budget.name, pot.source_name, *_amounts(pot.figures))
            for level in tree(await reading.budgets(self._site, visit))
            for pot in level.budget.pots
        )
        return download("budgets", COLUMNS, rows)


def _amounts(figures: fund_types_pb2.Figures) -> tuple[str, ...]:
    shown = (
        figures.allocated,
        figures.available,
        figures.reserved,
        figures.committed,
        figures.received,
        figures.spent,
    )
    return tuple(pounds(words.minor(amount)) for amount in shown)
