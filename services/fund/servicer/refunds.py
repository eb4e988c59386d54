"""RefundsService."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import purchase_types_pb2 as types_pb
from localresponse.fund.v1 import refunds_service_pb2 as pb
from localresponse.fund.v1.refunds_service_pb2_grpc import RefundsServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.unit_of_work import Commands
from services.fund.commands import returning as commands
from services.fund.domain.returning import Voucher
from services.fund.mapping import purchases, requests
from services.fund.mapping import returning as mapping
from services.fund.queries.purchases import readable
from services.fund.servicer.pages import Pages
from services.fund.storage import returning as storage
from services.fund.storage.paging import Cut
from services.fund.wire.values import pence


@dataclass(frozen=True, slots=True)
class Refunds(RefundsServiceServicer):
    """Money that comes back, and money that is handed out as vouchers."""

    commands: Commands
    pages: Pages

    async def RecordCreditNote(
        self, request: pb.RecordCreditNoteRequest, context: Any
    ) -> types_pb.Purchase:
        target, paper = requests.target(request), mapping.credited(request)
        return await self.commands.run(
            request,
            types_pb.Purchase,
            lambda work: purchases.purchase(commands.credit(work, target, paper)),
        )

    async def RecordRefund(
        self, request: pb.RecordRefundRequest, context: Any
    ) -> types_pb.Purchase:
        target, came = requests.target(request), mapping.refunded(request)
        return await self.commands.run(
            request,
            types_pb.Purchase,
            lambda work: purchases.purchase(commands.refund(work, target, came)),
        )

    async def IssueVoucher(self, request: pb.IssueVoucherRequest, context: Any) -> pb.Voucher:
        target, new = requests.target(request), mapping.new_voucher(request)
        return await self.commands.run(
            request, pb.Voucher, lambda work: mapping.voucher(commands.issue(work, target, new))
        )

    async def RedeemVoucher(self, request: pb.RedeemVoucherRequest, context: Any) -> pb.Voucher:
        target, amount = requests.target(request), pence(request.amount, "amount")
        return await self.commands.run(
            request,
            pb.Voucher,
            lambda work: mapping.voucher(commands.redeem(work, target, request.voucher_id, amount)),
        )

    async def ListVouchers(
        self, request: pb.ListVouchersRequest, context: Any
    ) -> pb.ListVouchersResponse:
        who = caller()

        def look(connection: Connection, cut: Cut) -> list[Voucher]:
            purchase = readable(connection, who, request.purchase_id)
            return storage.vouchers_page(connection, purchase.id, cut)

        found, token = await self.pages.read(request, look, lambda voucher: voucher.id)
        return pb.ListVouchersResponse(
            vouchers=[mapping.voucher(each) for each in found], next_page_token=token
        )
