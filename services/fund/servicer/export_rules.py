"""ExportRulesService."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localresponse.fund.v1 import export_rules_service_pb2 as pb
from localresponse.fund.v1.export_rules_service_pb2_grpc import ExportRulesServiceServicer

from services.chassis.auth import Resource, caller, require
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.fund.access import ACTIONS
from services.fund.commands import exporting as commands
from services.fund.mapping import exports as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import finance_mappings, publication


@dataclass(frozen=True, slots=True)
class ExportRules(ExportRulesServiceServicer):
    """What exports are told."""

    commands: Commands
    database: Database
    pages: Pages

    async def GetFinanceMapping(
        self, request: pb.GetFinanceMappingRequest, context: Any
    ) -> pb.FinanceMapping:
        who = caller()
        require(ACTIONS, who, "report.read", Resource(who.tenant))
        return await self.database.read(
            lambda connection: mapping.finance_mapping(
                finance_mappings.in_force(connection, who.tenant)
            )
        )

    async def SetFinanceMapping(
        self, request: pb.SetFinanceMappingRequest, context: Any
    ) -> pb.FinanceMapping:
        new = mapping.new_mapping(request)
        return await self.commands.run(
            request,
            pb.FinanceMapping,
            lambda work: mapping.finance_mapping(commands.set_mapping(work, new)),
        )

    async def ListPublishedSuppliers(
        self, request: pb.ListPublishedSuppliersRequest, context: Any
    ) -> pb.ListPublishedSuppliersResponse:
        who = caller()
        require(ACTIONS, who, "publication.read", Resource(who.tenant))
        found, token = await self.pages.read(
            request,
            lambda connection, cut: publication.page(
                connection, who.tenant, cut, waiting=request.waiting
            ),
            lambda supplier: supplier.supplier_id,
        )
        return pb.ListPublishedSuppliersResponse(
            suppliers=[mapping.supplier(each) for each in found], next_page_token=token
        )

    async def ReviewPublishedSupplier(
        self, request: pb.ReviewPublishedSupplierRequest, context: Any
    ) -> pb.PublishedSupplier:
        given = mapping.review(request)
        return await self.commands.run(
            request,
            pb.PublishedSupplier,
            lambda work: mapping.supplier(commands.review(work, given)),
        )
