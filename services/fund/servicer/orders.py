"""OrdersService."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import orders_service_pb2 as pb
from localresponse.fund.v1.orders_service_pb2_grpc import OrdersServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import Principal, Resource, caller, require
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.fund.access import ACTIONS
from services.fund.commands import cards as commands
from services.fund.mapping import orders as mapping
from services.fund.queries.purchases import readable
from services.fund.servicer.pages import Pages
from services.fund.storage import cards as storage
from services.fund.storage import purchases
from services.fund.storage.paging import Cut


@dataclass(frozen=True, slots=True)
class Orders(OrdersServiceServicer):
    """Order documents, goods receipts and card statements."""

    commands: Commands
    database: Database
    pages: Pages

    async def GetOrderDocument(
        self, request: pb.GetOrderDocumentRequest, context: Any
    ) -> pb.OrderDocument:
        who = caller()
        return await self.database.read(
            lambda connection: mapping.document(readable(connection, who, request.purchase_id))
        )

    async def ListGoodsReceipts(
        self, request: pb.ListGoodsReceiptsRequest, context: Any
    ) -> pb.ListGoodsReceiptsResponse:
        who = caller()
        found, token = await self.pages.read(
            request,
            lambda connection, cut: _receipts(connection, who, cut, request.purchase_id),
            lambda row: row.id,
        )
        return pb.ListGoodsReceiptsResponse(
            goods_receipts=[mapping.receipt(each) for each in found], next_page_token=token
        )

    async def ImportCardPurchases(
        self, request: pb.ImportCardPurchasesRequest, context: Any
    ) -> pb.ImportCardPurchasesResponse:
        return await self.commands.run(
            request,
            pb.ImportCardPurchasesResponse,
            lambda work: mapping.taken(commands.take(work, request.content)),
        )

    async def ListCardPurchases(
        self, request: pb.ListCardPurchasesRequest, context: Any
    ) -> pb.ListCardPurchasesResponse:
        who = caller()
        require(ACTIONS, who, "payment.read", Resource(who.tenant))
        found, token = await self.pages.read(
            request,
            lambda connection, cut: storage.page(
                connection, who.tenant, cut, exceptions_only=request.exceptions_only
            ),
            lambda card: card.id,
        )
        return pb.ListCardPurchasesResponse(
            card_purchases=[mapping.card(each) for each in found], next_page_token=token
        )


def _receipts(connection: Connection, who: Principal, cut: Cut, purchase_id: str) -> list[Any]:
    purchase = readable(connection, who, purchase_id)
    return purchases.deliveries_page(connection, purchase.id, cut)
