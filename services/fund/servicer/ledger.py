"""LedgerService."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import ledger_service_pb2 as pb
from localresponse.fund.v1.ledger_service_pb2_grpc import LedgerServiceServicer

from services.chassis.auth import Resource, caller, require
from services.fund.access import ACTIONS
from services.fund.mapping import ledger as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import ledger


class Ledger(LedgerServiceServicer):
    """Reads journals."""

    def __init__(self, pages: Pages) -> None:
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
