"""All pages over one site, in the order in which addresses are tried."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.identity.origin import CsrfRefused
from gateway.identity.provider import SignInRefused
from gateway.pages.acting import ActingPages
from gateway.pages.ask.journey import AskJourney
from gateway.pages.budgets import BudgetPages
from gateway.pages.entry import EntryPages
from gateway.pages.explaining import ExplainingPages
from gateway.pages.finance.codes import CodePages
from gateway.pages.finance.handing_back import HandingBackPages
from gateway.pages.finance.hub import HubPages
from gateway.pages.finance.moving import MovingPages
from gateway.pages.finance.payments import PaymentPages
from gateway.pages.finance.proposals import ProposalPages
from gateway.pages.finance.publishing import PublishingPages
from gateway.pages.finance.reconciling import ReconcilingPages
from gateway.pages.finance.suppliers import SupplierPages
from gateway.pages.home import HomePages
from gateway.pages.papers import PaperPages
from gateway.pages.preferences import PreferencePages
from gateway.pages.purchases import PurchasePages
from gateway.pages.queue import QueuePages
from gateway.pages.results import ResultPages
from gateway.pages.sharing.agreeing import AgreeingPages
from gateway.pages.sharing.agreements import AgreementPages
from gateway.pages.sharing.releases import ReleasePages
from gateway.pages.site import Site
from gateway.pages.visit import Visit
from gateway.pages.vouchers import VoucherPages


def routes(site: Site) -> list[Route]:
    """Return every page's route; POST /sign-in and /sign-out are the identity's."""
    return [
        *EntryPages(site).routes(),
        *HomePages(site).routes(),
        *PreferencePages(site).routes(),
        *AskJourney(site).routes(),
        *PurchasePages(site).routes(),
        *PaperPages(site).routes(),
        *VoucherPages(site).routes(),
        *ExplainingPages(site).routes(),
        *ActingPages(site).routes(),
        *QueuePages(site).routes(),
        *BudgetPages(site).routes(),
        *HubPages(site).routes(),
        *PaymentPages(site).routes(),
        *ReconcilingPages(site).routes(),
        *SupplierPages(site).routes(),
        *ProposalPages(site).routes(),
        *HandingBackPages(site).routes(),
        *MovingPages(site).routes(),
        *PublishingPages(site).routes(),
        *CodePages(site).routes(),
        *ResultPages(site).routes(),
        *ReleasePages(site).routes(),
        *AgreeingPages(site).routes(),
        *AgreementPages(site).routes(),
    ]


def failures(site: Site) -> dict[type[Exception], object]:
    """Return what answers instead of a page: by exception, as Starlette takes them."""

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return site.failure(await _visitor(site, request), status)

    async def crashed(_: Request, __: Exception) -> Response:
        # Whatever broke may break again, so nothing is asked of any store here.
        return site.failure(None, 500)

    async def stranger(_: Request, error: Exception) -> Response:
        message = error.message if isinstance(error, SignInRefused) else ""
        return site.refused_sign_in(message)

    async def forged(request: Request, _: Exception) -> Response:
        return site.failure(await _visitor(site, request), 403)

    return {
        HTTPException: refused,
        CsrfRefused: forged,
        SignInRefused: stranger,
        Exception: crashed,
    }


async def _visitor(site: Site, request: Request) -> Visit | None:
    return await site.visitors.of(request)
