"""What the pages of money read of the fund, by the names that people know it by."""

from __future__ import annotations

from datetime import date

from localresponse.fund.v1 import budgets_service_pb2 as budgets_pb
from localresponse.fund.v1 import payments_service_pb2 as payments_pb
from localresponse.fund.v1 import proposals_service_pb2 as proposals_pb
from localresponse.fund.v1 import sources_service_pb2 as sources_pb
from localresponse.fund.v1 import suppliers_service_pb2 as suppliers_pb

from gateway.pages.services import PAGE_SIZE, ask, everything
from gateway.pages.site import Site
from gateway.pages.visit import Visit
from services.chassis.clock import london_date
from services.chassis.wire import date_to_proto

MOST = 10_000
"""Where a page that sorts in our memory stops."""
_NEW_YEAR = (4, 1)


async def budgets(site: Site, visit: Visit) -> list[budgets_pb.Budget]:
    """Return the authority's budgets."""

    async def turn(token: str) -> tuple[list[budgets_pb.Budget], str]:
        asked = budgets_pb.ListBudgetsRequest(page_size=PAGE_SIZE, page_token=token)
        answer = await ask(visit, site.services.budgets.ListBudgets, asked)
        return list(answer.budgets), answer.next_page_token

    return await everything(turn)


async def sources(site: Site, visit: Visit) -> list[sources_pb.Source]:
    """Return the authority's funding sources."""

    async def turn(token: str) -> tuple[list[sources_pb.Source], str]:
        asked = sources_pb.ListSourcesRequest(page_size=PAGE_SIZE, page_token=token)
        answer = await ask(visit, site.services.sources.ListSources, asked)
        return list(answer.sources), answer.next_page_token

    return await everything(turn)


async def suppliers(site: Site, visit: Visit) -> list[suppliers_pb.Supplier]:
    """Return the suppliers that were ever asked for."""

    async def turn(token: str) -> tuple[list[suppliers_pb.Supplier], str]:
        asked = suppliers_pb.ListSuppliersRequest(page_size=PAGE_SIZE, page_token=token)
        answer = await ask(visit, site.services.suppliers.ListSuppliers, asked)
        return list(answer.suppliers), answer.next_page_token

    return await everything(turn, most=MOST)


async def supplier_names(site: Site, visit: Visit) -> dict[str, str]:
    """Return suppliers' names by id."""
    return {one.id: one.name for one in await suppliers(site, visit)}


async def due_invoices(site: Site, visit: Visit) -> list[payments_pb.DueInvoice]:
    """Return the invoices that wait for payment, the first due first."""

    async def turn(token: str) -> tuple[list[payments_pb.DueInvoice], str]:
        asked = payments_pb.ListDueInvoicesRequest(page_size=PAGE_SIZE, page_token=token)
        answer = await ask(visit, site.services.payments.ListDueInvoices, asked)
        return list(answer.due_invoices), answer.next_page_token

    found = await everything(turn, most=MOST)
    return sorted(
        found,
        key=lambda one: (one.due_date.year, one.due_date.month, one.due_date.day, one.invoice_id),
    )


async def statistics(site: Site, visit: Visit) -> payments_pb.PaymentStatistics:
    """Return how fast suppliers were paid since the first of April, and what waits now."""
    today = london_date(site.clock.now())
    first = date(today.year - ((today.month, today.day) < _NEW_YEAR), *_NEW_YEAR)
    asked = payments_pb.GetPaymentStatisticsRequest(
        from_date=date_to_proto(first), to_date=date_to_proto(today)
    )
    return await ask(visit, site.services.payments.GetPaymentStatistics, asked)


async def waiting_proposals(site: Site, visit: Visit) -> list[proposals_pb.Proposal]:
    """Return what waits for a second officer, newest first."""
    waiting = proposals_pb.PROPOSAL_STATE_WAITING

    async def turn(token: str) -> tuple[list[proposals_pb.Proposal], str]:
        asked = proposals_pb.ListProposalsRequest(
            state=waiting, page_size=PAGE_SIZE, page_token=token
        )
        answer = await ask(visit, site.services.proposals.ListProposals, asked)
        return list(answer.proposals), answer.next_page_token

    return await everything(turn)
