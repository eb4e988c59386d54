"""PeriodsService."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localresponse.fund.v1 import periods_service_pb2 as pb
from localresponse.fund.v1.periods_service_pb2_grpc import PeriodsServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.fund.commands import closing, year_end
from services.fund.domain.budget import Period
from services.fund.mapping import closing as mapping
from services.fund.queries import closing as queries
from services.fund.servicer.pages import Pages
from services.fund.storage.periods import Year


class Periods(PeriodsServiceServicer):
    """Closes the books of a year."""

    def __init__(self, commands: Commands, database: Database, pages: Pages) -> None:
        self._commands = commands
        self._database = database
        self._pages = pages

    async def ListPeriods(
        self, request: pb.ListPeriodsRequest, context: Any
    ) -> pb.ListPeriodsResponse:
        who = caller()
        found, token = await self._pages.read(
            request,
            lambda connection, cut: queries.years(connection, who, cut),
            lambda view: view.place,
        )
        return pb.ListPeriodsResponse(
            periods=[mapping.status(view) for view in found], next_page_token=token
        )

    async def SoftClosePeriod(
        self, request: pb.SoftClosePeriodRequest, context: Any
    ) -> pb.PeriodStatus:
        return await self._move(request, closing.soft_close)

    async def ClosePeriod(self, request: pb.ClosePeriodRequest, context: Any) -> pb.PeriodStatus:
        return await self._move(request, closing.close)

    async def ListReceiptChase(
        self, request: pb.ListReceiptChaseRequest, context: Any
    ) -> pb.ListReceiptChaseResponse:
        who, period = caller(), mapping.period(request.period)
        found, token = await self._pages.read(
            request,
            lambda connection, cut: queries.chase(connection, who, cut, period),
            lambda each: each.purchase.id,
        )
        return pb.ListReceiptChaseResponse(
            items=[mapping.waiting(each) for each in found], next_page_token=token
        )

    async def RunYearEndStep(
        self, request: pb.RunYearEndStepRequest, context: Any
    ) -> pb.YearEndProgress:
        asked = mapping.run(request)
        return await self._commands.run(
            request,
            pb.YearEndProgress,
            lambda work: mapping.progress(year_end.run(work, asked)),
        )

    async def DecideCarryForward(
        self, request: pb.DecideCarryForwardRequest, context: Any
    ) -> pb.CarryForwardDecision:
        given = mapping.answer(request)

        def decide(work: UnitOfWork) -> pb.CarryForwardDecision:
            closing.answer(work, given)
            return mapping.decision(work, given)

        return await self._commands.run(request, pb.CarryForwardDecision, decide)

    async def _move(
        self, request: Any, move: Callable[[UnitOfWork, Period], Year]
    ) -> pb.PeriodStatus:
        period = mapping.period(request.period)
        return await self._commands.run(
            request,
            pb.PeriodStatus,
            lambda work: mapping.status(
                queries.view(work.connection, work.tenant, move(work, period))
            ),
        )
