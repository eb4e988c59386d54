"""SourcesService."""

from __future__ import annotations

from typing import Any

from localresponse.fund.v1 import sources_service_pb2 as pb
from localresponse.fund.v1.sources_service_pb2_grpc import SourcesServiceServicer

from services.chassis.auth import Resource, caller, require
from services.chassis.database import Database
from services.chassis.unit_of_work import Commands
from services.fund.access import ACTIONS
from services.fund.commands import sources as commands
from services.fund.mapping import sources as mapping
from services.fund.servicer.pages import Pages
from services.fund.storage import school_facts, sources


class Sources(SourcesServiceServicer):
    """Funding sources and the money that arrives from them."""

    def __init__(self, commands_: Commands, database: Database, pages: Pages) -> None:
        self._commands = commands_
        self._database = database
        self._pages = pages

    async def CreateSource(self, request: pb.CreateSourceRequest, context: Any) -> pb.Source:
        new = mapping.new_source(request)
        return await self._commands.run(
            request, pb.Source, lambda work: mapping.source(commands.create(work, new))
        )

    async def GetSource(self, request: pb.GetSourceRequest, context: Any) -> pb.Source:
        who = caller()
        require(ACTIONS, who, "source.read", Resource(who.tenant))
        return await self._database.read(
            lambda connection: mapping.source(
                sources.get(connection, who.tenant, request.source_id)
            )
        )

    async def ListSources(
        self, request: pb.ListSourcesRequest, context: Any
    ) -> pb.ListSourcesResponse:
        who = caller()
        require(ACTIONS, who, "source.read", Resource(who.tenant))
        found, token = await self._pages.read(
            request,
            lambda connection, cut: sources.page(connection, who.tenant, cut),
            lambda source: source.id,
        )
        return pb.ListSourcesResponse(
            sources=[mapping.source(source) for source in found], next_page_token=token
        )

    async def BankAward(self, request: pb.BankAwardRequest, context: Any) -> pb.Source:
        award = mapping.award(request)
        return await self._commands.run(
            request, pb.Source, lambda work: mapping.source(commands.bank(work, award))
        )

    async def SetSourceTerms(self, request: pb.SetSourceTermsRequest, context: Any) -> pb.Source:
        new = mapping.new_terms(request)
        return await self._commands.run(
            request, pb.Source, lambda work: mapping.source(commands.set_terms(work, new))
        )

    async def SetSchoolFacts(
        self, request: pb.SetSchoolFactsRequest, context: Any
    ) -> pb.SchoolFacts:
        new = mapping.new_facts(request)
        return await self._commands.run(
            request,
            pb.SchoolFacts,
            lambda work: mapping.school_facts(commands.set_school(work, new)),
        )

    async def ListSchoolFacts(
        self, request: pb.ListSchoolFactsRequest, context: Any
    ) -> pb.ListSchoolFactsResponse:
        who = caller()
        require(ACTIONS, who, "school.read", Resource(who.tenant))
        found, token = await self._pages.read(
            request,
            lambda connection, cut: school_facts.page(connection, who.tenant, cut),
            lambda facts: facts.urn,
        )
        return pb.ListSchoolFactsResponse(
            schools=[mapping.school_facts(each) for each in found], next_page_token=token
        )
