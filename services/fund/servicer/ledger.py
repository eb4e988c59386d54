"""LedgerService."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import ledger_service_pb2 as pb
from localresponse.fund.v1.ledger_service_pb2_grpc import LedgerServiceServicer

from services.chassis.auth import Resource, caller, require
from services.chassis.database import Database
from services.chassis.wire import date_from_proto, timestamp_from_proto
from services.fund.access import ACTIONS
from services.fund.mapping import ledger as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import balances, ledger


class Ledger(LedgerServiceServicer):
    """Reads journals."""

    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages

    async def ListJournals(
        self, request: pb.ListJournalsRequest, context: Any
    ) -> pb.ListJournalsResponse:
        who = caller()
        require(ACTIONS, who, "journal.read", Resource(who.tenant))
        found, token = await self._pages.read(
            request,
            lambda connection, cut: ledger.page(
                connection,
                who.tenant,
                cut,
                purchase_id=request.purchase_id,
                source_id=request.source_id,
            ),
            lambda journal: journal.id,
        )
        return pb.ListJournalsResponse(
            journals=[mapping.journal(journal) for journal in found], next_page_token=token
        )

    async def GetBalance(self, request: pb.GetBalanceRequest, context: Any) -> pb.Balance:
        who = caller()
        require(ACTIONS, who, "journal.read", Resource(who.tenant))
        timed, dated = request.HasField("as_of_time"), request.HasField("effective_date")
        booked = timestamp_from_proto(request.as_of_time) if timed else None
        on = date_from_proto(request.effective_date, "effective_date") if dated else None
        return await self._database.read(
            lambda connection: mapping.balance(
                balances.at(connection, who.tenant, request.account, booked=booked, on=on)
            )
        )
