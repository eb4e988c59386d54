"""BudgetsService."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import budgets_service_pb2 as pb
from localresponse.fund.v1.budgets_service_pb2_grpc import BudgetsServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.fund.commands import budgets as commands
from services.fund.commands import switching
from services.fund.mapping import budgets as mapping
from services.fund.queries import budgets as queries
from services.fund.servicer.pages import Pages


class Budgets(BudgetsServiceServicer):
    """The budget tree and the pots in it."""

    def __init__(self, commands_: Commands, database: Database, pages: Pages) -> None:
        self._commands = commands_
        self._database = database
        self._pages = pages

    async def CreateBudget(self, request: pb.CreateBudgetRequest, context: Any) -> pb.Budget:
        new = mapping.new_budget(request)
        return await self._commands.run(
            request, pb.Budget, lambda work: mapping.budget(commands.create(work, new))
        )

    async def GetBudget(self, request: pb.GetBudgetRequest, context: Any) -> pb.Budget:
        who = caller()
        return await self._database.read(
            lambda connection: mapping.budget(queries.get(connection, who, request.budget_id))
        )

    async def ListBudgets(
        self, request: pb.ListBudgetsRequest, context: Any
    ) -> pb.ListBudgetsResponse:
        who = caller()
        found, token = await self._pages.read(
            request,
            lambda connection, cut: queries.page(
                connection, who, cut, parent_id=request.parent_id, school_urn=request.school_urn
            ),
            lambda view: view.budget.id,
        )
        return pb.ListBudgetsResponse(
            budgets=[mapping.budget(view) for view in found], next_page_token=token
        )

    async def AllocateBudget(self, request: pb.AllocateBudgetRequest, context: Any) -> pb.Budget:
        allocation = mapping.allocation(request)
        return await self._commands.run(
            request, pb.Budget, lambda work: mapping.budget(commands.allocate(work, allocation))
        )

    async def FreezeBudget(self, request: pb.FreezeBudgetRequest, context: Any) -> pb.Budget:
        return await self._freeze(request, frozen=True)

    async def UnfreezeBudget(self, request: pb.UnfreezeBudgetRequest, context: Any) -> pb.Budget:
        return await self._freeze(request, frozen=False)

    async def SetApportionment(
        self, request: pb.SetApportionmentRequest, context: Any
    ) -> pb.Budget:
        asked = switching.Switch(request.budget_id, request.etag)
        plan = mapping.share_plan(request.apportionment)
        return await self._commands.run(
            request,
            pb.Budget,
            lambda work: mapping.budget(switching.apportion(work, asked, plan)),
        )

    async def _freeze(self, request: Any, *, frozen: bool) -> pb.Budget:
        asked = switching.Switch(request.budget_id, request.etag, request.reason)
        return await self._commands.run(
            request,
            pb.Budget,
            lambda work: mapping.budget(switching.freeze(work, asked, frozen=frozen)),
        )
