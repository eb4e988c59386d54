"""PaymentsService."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import payments_service_pb2 as pb
from localresponse.fund.v1.payments_service_pb2_grpc import PaymentsServiceServicer

from services.chassis.auth import Resource, caller, require
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto
from services.fund.access import ACTIONS
from services.fund.commands import paying as commands
from services.fund.mapping import paying as mapping
from services.fund.queries import due
from services.fund.queries import paying as queries
from services.fund.servicer.pages import Pages
from services.fund.storage import paying as storage
from services.fund.storage.payee_vault import PayeeVault


@dataclass(frozen=True, slots=True)
class Payments(PaymentsServiceServicer):
    """Payment files out, reconciliation files in."""

    commands: Commands
    database: Database
    pages: Pages
    clock: Clock
    vault: PayeeVault

    async def CreatePaymentFile(
        self, request: pb.CreatePaymentFileRequest, context: Any
    ) -> pb.PaymentFile:
        return await self.commands.run(
            request, pb.PaymentFile, lambda work: mapping.created(commands.create(work))
        )

    async def GetPaymentFile(
        self, request: pb.GetPaymentFileRequest, context: Any
    ) -> pb.PaymentFile:
        who = caller()
        require(ACTIONS, who, "payment.read", Resource(who.tenant))
        return await self.database.read(
            lambda connection: mapping.payment_file(
                storage.get(connection, who.tenant, request.payment_file_id)
            )
        )

    async def ExportPaymentFile(
        self, request: pb.ExportPaymentFileRequest, context: Any
    ) -> pb.PaymentFileExport:
        who = caller()
        require(ACTIONS, who, "payment.create", Resource(who.tenant))
        return await self.database.read(
            lambda connection: mapping.export(
                *queries.exported(connection, who, self.vault, request.payment_file_id)
            )
        )

    async def ListDueInvoices(
        self, request: pb.ListDueInvoicesRequest, context: Any
    ) -> pb.ListDueInvoicesResponse:
        who, now = caller(), self.clock.now()
        require(ACTIONS, who, "payment.read", Resource(who.tenant))
        found, token = await self.pages.read(
            request,
            lambda connection, cut: due.page(connection, who, cut, at=now),
            lambda judged: judged.due.invoice_id,
        )
        return pb.ListDueInvoicesResponse(
            due_invoices=[mapping.due_invoice(each) for each in found], next_page_token=token
        )

    async def ListPaymentFiles(
        self, request: pb.ListPaymentFilesRequest, context: Any
    ) -> pb.ListPaymentFilesResponse:
        who = caller()
        require(ACTIONS, who, "payment.read", Resource(who.tenant))
        found, token = await self.pages.read(
            request,
            lambda connection, cut: storage.page(connection, who.tenant, cut),
            lambda file: file.id,
        )
        return pb.ListPaymentFilesResponse(
            payment_files=[mapping.payment_file(each) for each in found], next_page_token=token
        )

    async def CancelPaymentFile(
        self, request: pb.CancelPaymentFileRequest, context: Any
    ) -> pb.PaymentFile:
        return await self.commands.run(
            request,
            pb.PaymentFile,
            lambda work: mapping.payment_file(commands.cancel(work, request.payment_file_id)),
        )

    async def ReconcilePayments(
        self, request: pb.ReconcilePaymentsRequest, context: Any
    ) -> pb.Reconciliation:
        return await self.commands.run(
            request,
            pb.Reconciliation,
            lambda work: mapping.reconciliation(
                commands.reconcile(work, request.payment_file_id, request.content)
            ),
        )

    async def GetPaymentStatistics(
        self, request: pb.GetPaymentStatisticsRequest, context: Any
    ) -> pb.PaymentStatistics:
        who, today = caller(), london_date(self.clock.now())
        require(ACTIONS, who, "payment.read", Resource(who.tenant))
        period = (
            date_from_proto(request.from_date, "from_date"),
            date_from_proto(request.to_date, "to_date"),
        )
        return await self.database.read(
            lambda connection: mapping.statistics(
                queries.statistics(connection, who.tenant, period, today=today)
            )
        )
