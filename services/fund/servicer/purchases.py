"""PurchasesService."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from localresponse.fund.v1 import purchase_requests_pb2 as requests_pb
from localresponse.fund.v1 import purchase_types_pb2 as types_pb
from localresponse.fund.v1 import purchases_service_pb2 as pb
from localresponse.fund.v1.purchases_service_pb2_grpc import PurchasesServiceServicer

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.database.together import Asked
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.fund.commands import approving, deciding, fulfilment, invoicing, submitting
from services.fund.commands.steps import Target
from services.fund.domain.category import DEFAULT_CATEGORIES
from services.fund.mapping import purchases as mapping
from services.fund.mapping import requests
from services.fund.queries import purchases as queries
from services.fund.queries.views import PurchaseView
from services.fund.servicer.pages import Pages
from services.fund.wire.names import STATES


class Purchases(PurchasesServiceServicer):
    """Spot purchases, from the request to the last invoice."""

    def __init__(
        self, commands: Commands, database: Database, pages: Pages, *, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._pages = pages
        self._clock = clock

    async def SubmitPurchase(
        self, request: requests_pb.SubmitPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        asked = requests.submission(request)
        return await self._write(
            request,
            lambda work: submitting.submit(work, asked),
            ahead=submitting.ahead(caller().tenant, asked, self._clock.now()),
        )

    async def GetPurchase(self, request: pb.GetPurchaseRequest, context: Any) -> types_pb.Purchase:
        who, now = caller(), self._clock.now()
        return await self._database.read(
            lambda connection: mapping.purchase(
                queries.get(connection, who, request.purchase_id, now)
            )
        )

    async def ListPurchases(
        self, request: pb.ListPurchasesRequest, context: Any
    ) -> pb.ListPurchasesResponse:
        who = caller()
        filters = queries.Filters(
            states=frozenset(STATES.read(state) for state in request.states),
            school_urn=request.school_urn,
            mine=request.mine,
        )
        found, token = await self._pages.read(
            request,
            lambda connection, cut: queries.page(connection, who, cut, filters),
            lambda view: view.purchase.id,
        )
        return pb.ListPurchasesResponse(
            purchases=[mapping.purchase(view) for view in found], next_page_token=token
        )

    async def ListCategories(
        self, request: pb.ListCategoriesRequest, context: Any
    ) -> pb.ListCategoriesResponse:
        return pb.ListCategoriesResponse(
            categories=[pb.Category(id=id_, name=name) for id_, name in DEFAULT_CATEGORIES.items()]
        )

    async def QueryPurchase(
        self, request: requests_pb.QueryPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        return await self._step(request, deciding.query)

    async def AnswerPurchase(
        self, request: requests_pb.AnswerPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        return await self._step(request, deciding.answer)

    async def ApprovePurchase(
        self, request: requests_pb.ApprovePurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        target, approval = requests.target(request), requests.approval(request)
        return await self._write(request, lambda work: approving.approve(work, target, approval))

    async def DeclinePurchase(
        self, request: requests_pb.DeclinePurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        return await self._step(request, deciding.decline)

    async def WithdrawPurchase(
        self, request: requests_pb.WithdrawPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        return await self._step(request, deciding.withdraw)

    async def OrderPurchase(
        self, request: requests_pb.OrderPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        target, number = requests.target(request), request.order_number
        return await self._write(request, lambda work: fulfilment.order(work, target, number))

    async def RecordDelivery(
        self, request: requests_pb.RecordDeliveryRequest, context: Any
    ) -> types_pb.Purchase:
        target, came = requests.target(request), requests.delivered(request)
        return await self._write(request, lambda work: fulfilment.deliver(work, target, came))

    async def RecordInvoice(
        self, request: requests_pb.RecordInvoiceRequest, context: Any
    ) -> types_pb.Purchase:
        target, paper = requests.target(request), requests.invoiced(request)
        return await self._write(request, lambda work: invoicing.invoice(work, target, paper))

    async def ClosePurchase(
        self, request: requests_pb.ClosePurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        return await self._step(request, fulfilment.close)

    async def CancelPurchase(
        self, request: requests_pb.CancelPurchaseRequest, context: Any
    ) -> types_pb.Purchase:
        return await self._step(request, fulfilment.cancel)

    async def _step(
        self, request: Any, step: Callable[[UnitOfWork, Target], PurchaseView]
    ) -> types_pb.Purchase:
        target = requests.target(request)
        return await self._write(request, lambda work: step(work, target))

    async def _write(
        self,
        request: Any,
        write: Callable[[UnitOfWork], PurchaseView],
        *,
        ahead: Sequence[Asked] = (),
    ) -> types_pb.Purchase:
        return await self._commands.run(
            request, types_pb.Purchase, lambda work: mapping.purchase(write(work)), ahead=ahead
        )
