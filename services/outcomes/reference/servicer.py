"""SchoolsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import schools_service_pb2 as pb
from localresponse.outcomes.v1.schools_service_pb2_grpc import SchoolsServiceServicer

from services.chassis.auth import caller
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.chassis.wire import date_from_proto, timestamp_from_proto
from services.outcomes.reference import (
    codes,
    commands,
    mapping,
    neighbours,
    queries,
    storage,
    suspensions,
)


class Schools(SchoolsServiceServicer):
    """Schools, calendars and register codes.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        clock: For what is asked as of today.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._clock = clock

    async def UpsertSchool(self, request: pb.UpsertSchoolRequest, context: Any) -> pb.School:
        school = mapping.school_in(request.school)
        first = mapping.optional_date(request, "effective_date")
        return await self._commands.run(
            request,
            pb.School,
            lambda work: mapping.school_out(commands.upsert_school(work, school, first)),
        )

    async def ImportSchools(
        self, request: pb.ImportSchoolsRequest, context: Any
    ) -> pb.ImportSchoolsResponse:
        given = [mapping.school_in(school) for school in request.schools]
        first = mapping.optional_date(request, "effective_date")

        def write(work: Any) -> pb.ImportSchoolsResponse:
            done = commands.import_schools(work, given, first)
            return pb.ImportSchoolsResponse(
                added=done.added, replaced=done.replaced, unchanged=done.unchanged
            )

        return await self._commands.run(request, pb.ImportSchoolsResponse, write)

    async def GetSchool(self, request: pb.GetSchoolRequest, context: Any) -> pb.School:
        tenant, on = caller().tenant, mapping.optional_date(request, "on_date")
        as_of = timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None
        return await self._database.read(
            lambda connection: mapping.school_out(
                queries.school_on(connection, tenant, request.urn, on=on, as_of=as_of)
            )
        )

    async def ListSchoolLinks(
        self, request: pb.ListSchoolLinksRequest, context: Any
    ) -> pb.ListSchoolLinksResponse:
        tenant = caller().tenant
        return await self._database.read(
            lambda connection: mapping.links_out(queries.links(connection, tenant, request.urn))
        )

    async def ListSchools(
        self, request: pb.ListSchoolsRequest, context: Any
    ) -> pb.ListSchoolsResponse:
        tenant = caller().tenant
        page = self._tokens.page(request, tenant)
        after = page.position.get("urn", "")
        found = await self._database.read(
            lambda connection: storage.page(
                connection, tenant, after=after, limit=page.limit, cluster=request.cluster
            )
        )
        shown, token = page.cut(found, lambda school: {"urn": school.urn})
        return pb.ListSchoolsResponse(
            schools=[mapping.school_out(school) for school in shown],
            next_page_token=token,
        )

    async def SetCalendar(self, request: pb.SetCalendarRequest, context: Any) -> pb.Calendar:
        spans = mapping.spans_in(request.spans)
        return await self._commands.run(
            request,
            pb.Calendar,
            lambda work: mapping.calendar_out(
                request.urn, commands.set_calendar(work, request.urn, spans)
            ),
        )

    async def GetCalendar(self, request: pb.GetCalendarRequest, context: Any) -> pb.Calendar:
        tenant = caller().tenant
        first = mapping.optional_date(request, "first_date")
        last = mapping.optional_date(request, "last_date")
        days = await self._database.read(
            lambda connection: queries.calendar(connection, tenant, request.urn)
        )
        return mapping.calendar_out(request.urn, days, first, last)

    async def ListRegisterCodes(
        self, request: pb.ListRegisterCodesRequest, context: Any
    ) -> pb.ListRegisterCodesResponse:
        known = codes.CODES
        if request.HasField("on_date"):
            day = date_from_proto(request.on_date, "on_date")
            known = tuple(code for code in known if codes.in_force(code, day))
        return pb.ListRegisterCodesResponse(codes=[mapping.code_out(code) for code in known])

    async def ListSuspensionReasons(
        self, request: pb.ListSuspensionReasonsRequest, context: Any
    ) -> pb.ListSuspensionReasonsResponse:
        known = suspensions.reasons(mapping.optional_date(request, "on_date"))
        return pb.ListSuspensionReasonsResponse(reasons=[mapping.reason_out(one) for one in known])

    async def ListNeighbours(
        self, request: pb.ListNeighboursRequest, context: Any
    ) -> pb.ListNeighboursResponse:
        day = mapping.optional_date(request, "on_date") or london_date(self._clock.now())
        return mapping.neighbours_out(neighbours.neighbours(request.ons_code, day))
