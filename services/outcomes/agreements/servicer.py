"""AgreementsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import agreements_service_pb2 as pb
from localresponse.outcomes.v1.agreements_service_pb2_grpc import AgreementsServiceServicer

from services.chassis.auth import caller
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto
from services.outcomes.agreements import commands, mapping, storage


class Agreements(AgreementsServiceServicer):
    """Agreements and what was downloaded under them.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        clock: Says which day it is.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._clock = clock

    async def CreateAgreement(
        self, request: pb.CreateAgreementRequest, context: Any
    ) -> pb.Agreement:
        terms = mapping.terms_in(request.terms)
        first = date_from_proto(request.terms.first_date, "terms.first_date")
        last = date_from_proto(request.terms.last_date, "terms.last_date")
        return await self._commands.run(
            request,
            pb.Agreement,
            lambda work: mapping.agreement_out(
                commands.create(work, terms, first=first, last=last), london_date(work.at)
            ),
        )

    async def EndAgreement(self, request: pb.EndAgreementRequest, context: Any) -> pb.Agreement:
        return await self._commands.run(
            request,
            pb.Agreement,
            lambda work: mapping.agreement_out(
                commands.end(work, request.agreement_id, reason=request.reason),
                london_date(work.at),
            ),
        )

    async def GetAgreement(self, request: pb.GetAgreementRequest, context: Any) -> pb.Agreement:
        who, today = caller(), london_date(self._clock.now())
        found = await self._database.read(
            lambda connection: commands.known(connection, who, request.agreement_id)
        )
        return mapping.agreement_out(found, today)

    async def ListAgreements(
        self, request: pb.ListAgreementsRequest, context: Any
    ) -> pb.ListAgreementsResponse:
        who, today = caller(), london_date(self._clock.now())
        page = self._tokens.page(request, f"{who.tenant}:{who.subject}")
        every = await self._database.read(
            lambda connection: storage.of_tenant(connection, who.tenant)
        )
        mine = [
            each for each in every if who.role != commands.EVALUATOR or each.admits(who.subject)
        ]
        left = [each for each in mine if not page.last_id or each.id < page.last_id]
        shown, token = page.cut(left, by_id)
        return pb.ListAgreementsResponse(
            agreements=[mapping.agreement_out(each, today) for each in shown],
            next_page_token=token,
        )

    async def ListDownloads(
        self, request: pb.ListDownloadsRequest, context: Any
    ) -> pb.ListDownloadsResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)

        def read(connection: Any) -> Any:
            commands.known(connection, who, request.agreement_id)
            return storage.downloads_page(
                connection,
                who.tenant,
                request.agreement_id,
                before=page.last_id,
                limit=page.limit,
            )

        shown, token = page.cut(await self._database.read(read), by_id)
        return pb.ListDownloadsResponse(
            downloads=[mapping.download_out(row) for row in shown],
            next_page_token=token,
        )
