"""SuppliersService."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import suppliers_service_pb2 as pb
from localresponse.fund.v1.suppliers_service_pb2_grpc import SuppliersServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import Resource, caller, require
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.fund.access import ACTIONS
from services.fund.commands import payees as commands
from services.fund.mapping import payees as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import payees as storage
from services.fund.storage.paging import Cut
from services.fund.storage.payee_vault import PayeeVault


@dataclass(frozen=True, slots=True)
class Suppliers(SuppliersServiceServicer):
    """Suppliers, and where they are paid."""

    commands: Commands
    database: Database
    pages: Pages
    clock: Clock
    vault: PayeeVault

    async def ListSuppliers(
        self, request: pb.ListSuppliersRequest, context: Any
    ) -> pb.ListSuppliersResponse:
        who, now = caller(), self.clock.now()
        require(ACTIONS, who, "supplier.read", Resource(who.tenant))

        def look(connection: Connection, cut: Cut) -> list[pb.Supplier]:
            return [
                mapping.supplier(each, storage.changes_of(connection, who.tenant, each.id), now)
                for each in storage.suppliers_page(connection, who.tenant, cut)
            ]

        found, token = await self.pages.read(request, look, lambda supplier: str(supplier.id))
        return pb.ListSuppliersResponse(suppliers=found, next_page_token=token)

    async def GetSupplier(self, request: pb.GetSupplierRequest, context: Any) -> pb.Supplier:
        who, now = caller(), self.clock.now()
        require(ACTIONS, who, "supplier.read", Resource(who.tenant))

        def look(connection: Connection) -> pb.Supplier:
            found = storage.supplier(connection, who.tenant, request.supplier_id)
            return mapping.supplier(
                found, storage.changes_of(connection, who.tenant, found.id), now
            )

        return await self.database.read(look)

    async def ProposePayee(self, request: pb.ProposePayeeRequest, context: Any) -> pb.PayeeChange:
        new = mapping.proposed(request)

        def write(work: UnitOfWork) -> pb.PayeeChange:
            return mapping.change(commands.propose(work, self.vault, new), work.at)

        # What is kept of a request is a plain hash, which anybody could find an account for.
        kept = pb.ProposePayeeRequest()
        kept.CopyFrom(request)
        kept.account_holder = kept.sort_code = ""
        kept.account_number = self.vault.fingerprint(new.account, caller().tenant)
        return await self.commands.run(kept, pb.PayeeChange, write)

    async def ConfirmPayee(self, request: pb.ConfirmPayeeRequest, context: Any) -> pb.PayeeChange:
        return await self.commands.run(
            request,
            pb.PayeeChange,
            lambda work: mapping.change(commands.confirm(work, request.payee_change_id), work.at),
        )

    async def RejectPayee(self, request: pb.RejectPayeeRequest, context: Any) -> pb.PayeeChange:
        return await self.commands.run(
            request,
            pb.PayeeChange,
            lambda work: mapping.change(
                commands.reject(work, request.payee_change_id, request.reason), work.at
            ),
        )

    async def ListPayeeChanges(
        self, request: pb.ListPayeeChangesRequest, context: Any
    ) -> pb.ListPayeeChangesResponse:
        who, now = caller(), self.clock.now()
        require(ACTIONS, who, "supplier.read", Resource(who.tenant))
        found, token = await self.pages.read(
            request,
            lambda connection, cut: storage.changes_page(
                connection, who.tenant, cut, supplier_id=request.supplier_id
            ),
            lambda change: change.id,
        )
        return pb.ListPayeeChangesResponse(
            payee_changes=[mapping.change(each, now) for each in found], next_page_token=token
        )
