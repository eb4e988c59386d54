"""AgreementsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import agreements_service_pb2 as pb
from localresponse.outcomes.v1.agreements_service_pb2_grpc import AgreementsServiceServicer

from services.chassis.auth import caller
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, page_size, query_of
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
        who, limit, today = caller(), page_size(request.page_size), london_date(self._clock.now())
        query = query_of(request, f"{who.tenant}:{who.subject}")
        before = self._tokens.decode(request.page_token, query).get("id", "")
        every = await self._database.read(
            lambda connection: storage.of_tenant(connection, who.tenant)
        )
        mine = [
            each for each in every if who.role != commands.EVALUATOR or each.admits(who.subject)
        ]
        left = [each for each in mine if not before or each.id < before]
        more = len(left) > limit
        return pb.ListAgreementsResponse(
            agreements=[mapping.agreement_out(each, today) for each in left[:limit]],
            next_page_token=self._tokens.encode(query, {"id": left[limit - 1].id}) if more else "",
        )

    async def ListDownloads(
        self, request: pb.ListDownloadsRequest, context: Any
    ) -> pb.ListDownloadsResponse:
        who, limit = caller(), page_size(request.page_size)
        query = query_of(request, who.tenant)
        before = self._tokens.decode(request.page_token, query).get("id", "")

        def read(connection: Any) -> Any:
            commands.known(connection, who, request.agreement_id)
            return storage.downloads_page(
                connection, who.tenant, request.agreement_id, before=before, limit=limit + 1
            )

        rows = await self._database.read(read)
        more = len(rows) > limit
        return pb.ListDownloadsResponse(
            downloads=[mapping.download_out(row) for row in rows[:limit]],
            next_page_token=self._tokens.encode(query, {"id": rows[limit - 1].id}) if more else "",
        )
