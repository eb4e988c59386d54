"""Finance: the way to everything about money that is not a request, with what waits there."""

from __future__ import annotations

from dataclasses import dataclass

from localresponse.fund.v1 import export_rules_service_pb2 as rules_pb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pages import words
from gateway.pages.finance import reading
from gateway.pages.services import ask
from gateway.pages.site import Site
from gateway.pages.visit import DECIDERS, SEES_BUDGETS, Visit
from services.chassis.money import Money

REPORTS = (
    ("budget_monitoring", "Budget monitoring"),
    ("funder", "What each funder's money did"),
    ("commitments", "Commitments"),
    ("accruals", "Accruals"),
    ("aged_requests", "Requests by age"),
    ("journal", "Journal for the finance system"),
)
"""The reports of the fund that go to a file as they are, with their names."""


@dataclass(frozen=True, slots=True)
class Way:
    """One place to go: its address, its words, what is done there, and what waits."""

    href: str
    text: str
    hint: str
    waits: str = ""


class HubPages:
    """Handlers over one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        """Return the page."""
        return [Route("/finance", self._site.page(self.index, roles=SEES_BUDGETS))]

    async def index(self, _: Request, visit: Visit) -> Response:
        """Show the ways and what waits at each."""
        return self._site.show(
            "finance/hub.html",
            visit,
            title="Finance",
            here="/finance",
            ways=[*await self._ways(visit), *_acts(visit)],
            reports=REPORTS,
        )

    async def _ways(self, visit: Visit) -> list[Way]:
        paying = await reading.statistics(self._site, visit)
        proposals = await reading.waiting_proposals(self._site, visit)
        sources = await reading.sources(self._site, visit)
        unallocated = Money(sum(words.minor(source.unallocated) for source in sources))
        return [
            Way(
                "/payments",
                "Payments",
                "Invoices that wait for payment, and payment files",
                _unpaid(paying.waiting_count, paying.overdue_count),
            ),
            Way(
                "/suppliers",
                "Suppliers and bank details",
                "Where suppliers are paid, set by two officers",
            ),
            Way(
                "/proposals",
                "Proposals",
                "What one officer proposed and another confirms",
                _waits(len(proposals), "proposal"),
            ),
            Way(
                "/sources",
                "Hand money back",
                "Money of a funding source that is in no budget",
                f"{unallocated} is in no budget" if unallocated.minor else "",
            ),
            Way(
                "/publication",
                "Published spending",
                "Suppliers of spending over £500, reviewed before anything is published",
                "Suppliers wait to be reviewed" if await self._unreviewed(visit) else "",
            ),
            Way(
                "/finance/codes",
                "Finance codes",
                "How the journal is written for the finance system",
            ),
        ]

    async def _unreviewed(self, visit: Visit) -> bool:
        asked = rules_pb.ListPublishedSuppliersRequest(waiting=True, page_size=1)
        answer = await ask(visit, self._site.services.export_rules.ListPublishedSuppliers, asked)
        return bool(answer.suppliers)


def _acts(visit: Visit) -> list[Way]:
    """Return what only an officer is shown."""
    if not visit.is_one_of(DECIDERS):
        return []
    hint = "What is left in one budget goes to another of the same year"
    return [Way("/virements/new", "Move money between budgets", hint)]


def _unpaid(number: int, late: int) -> str:
    if not number:
        return ""
    past = f", {late:,} past the 30 days" if late else ""
    return f"{words.count(number, 'invoice')} not paid yet{past}"


def _waits(number: int, noun: str) -> str:
    return f"{words.sentence(words.count(number, noun))} waiting" if number else ""
