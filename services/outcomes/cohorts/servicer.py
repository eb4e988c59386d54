"""CohortsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import cohorts_service_pb2 as pb
from localresponse.outcomes.v1 import cohorts_types_pb2 as types
from localresponse.outcomes.v1.cohorts_service_pb2_grpc import CohortsServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import Principal, caller
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.chassis.wire import date_from_proto, timestamp_from_proto
from services.outcomes.cohorts import commands, mapping, queries, storage
from services.outcomes.cohorts.commands import Draft
from services.outcomes.cohorts.counting import sees_all
from services.outcomes.cohorts.domain.membership import Change


class Cohorts(CohortsServiceServicer):
    """Cohorts of an authority.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        clock: Says as of when facts are read.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, clock: Clock
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._clock = clock

    async def CreateCohort(self, request: pb.CreateCohortRequest, context: Any) -> types.Cohort:
        draft = mapping.draft_in(request.draft)
        return await self._commands.run(
            request,
            types.Cohort,
            lambda work: _out(
                work, commands.create(work, request.name, request.purpose, draft=draft).id
            ),
        )

    async def VersionCohort(self, request: pb.VersionCohortRequest, context: Any) -> types.Cohort:
        draft, seen = mapping.draft_in(request.draft), request.expected_version
        return await self._commands.run(
            request,
            types.Cohort,
            lambda work: _out(
                work,
                commands.make_version(work, request.cohort_id, draft, expected=seen).id,
            ),
        )

    async def PreviewCohortRule(
        self, request: pb.PreviewCohortRuleRequest, context: Any
    ) -> pb.PreviewCohortRuleResponse:
        return await self._previewed(mapping.draft_in(request.draft), request)

    async def EvaluateCohort(
        self, request: pb.EvaluateCohortRequest, context: Any
    ) -> pb.PreviewCohortRuleResponse:
        tenant = caller().tenant
        rule = await self._database.read(
            lambda connection: queries.rule_version(
                connection, tenant, request.cohort_id, version=request.rule_version
            )
        )
        return await self._previewed(Draft(rule=rule.rule, off_roll=rule.off_roll), request)

    async def _previewed(self, draft: Draft, request: Any) -> pb.PreviewCohortRuleResponse:
        who = caller()
        moment = mapping.moment_in(request, self._clock.now(), off_roll=draft.off_roll)
        found = await self._database.read(
            lambda connection: queries.preview(connection, who, draft, moment)
        )
        return mapping.preview_out(found, exact=_counts(who))

    async def FreezeCohort(self, request: pb.FreezeCohortRequest, context: Any) -> types.Cohort:
        who, moment = caller(), mapping.moment_in(request, self._clock.now())
        # A whole authority's registers are read before the write, so that no other write waits.
        evaluated = await self._database.read(
            lambda connection: queries.evaluated(
                connection, who, request.cohort_id, version=request.rule_version, moment=moment
            )
        )

        def write(work: UnitOfWork) -> types.Cohort:
            commands.freeze(work, request.cohort_id, evaluated)
            return _out(work, request.cohort_id)

        return await self._commands.run(request, types.Cohort, write)

    async def MoveCohortMember(
        self, request: pb.MoveCohortMemberRequest, context: Any
    ) -> types.CohortChange:
        on = date_from_proto(request.on_date, "on_date")
        return await self._commands.run(
            request,
            types.CohortChange,
            lambda work: mapping.change_out(
                commands.move_child(
                    work,
                    request.cohort_id,
                    request.child_id,
                    joining=request.joining,
                    day=(on, request.reason),
                )
            ),
        )

    async def GetCohort(self, request: pb.GetCohortRequest, context: Any) -> types.Cohort:
        who = caller()
        found = await self._database.read(
            lambda connection: queries.get(connection, who.tenant, request.cohort_id)
        )
        return mapping.cohort_out(found, exact=sees_all(who))

    async def ListCohorts(
        self, request: pb.ListCohortsRequest, context: Any
    ) -> pb.ListCohortsResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)

        def read(connection: Connection) -> pb.ListCohortsResponse:
            found = storage.page(connection, who.tenant, before=page.last_id, limit=page.limit)
            shown, token = page.cut(found, by_id)
            known = [queries.known(connection, who.tenant, each) for each in shown]
            return pb.ListCohortsResponse(
                cohorts=[mapping.cohort_out(each, exact=sees_all(who)) for each in known],
                next_page_token=token,
            )

        return await self._database.read(read)

    async def ListCohortMembers(
        self, request: pb.ListCohortMembersRequest, context: Any
    ) -> pb.ListCohortMembersResponse:
        found, token = await self._changes(request, current=True)
        return pb.ListCohortMembersResponse(
            members=[mapping.change_out(each) for each in found], next_page_token=token
        )

    async def ListCohortChanges(
        self, request: pb.ListCohortChangesRequest, context: Any
    ) -> pb.ListCohortChangesResponse:
        found, token = await self._changes(request, current=False, child_id=request.child_id)
        return pb.ListCohortChangesResponse(
            changes=[mapping.change_out(each) for each in found], next_page_token=token
        )

    async def ExportCohort(
        self, request: pb.ExportCohortRequest, context: Any
    ) -> pb.CohortDefinition:
        tenant = caller().tenant
        found = await self._database.read(
            lambda connection: queries.get(connection, tenant, request.cohort_id)
        )
        return mapping.definition_out(found)

    async def _changes(
        self, request: Any, *, current: bool, child_id: str = ""
    ) -> tuple[list[Change], str]:
        who = caller()
        page = self._tokens.page(request, who.tenant)
        after = page.position.get("number", 0)
        as_of = timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None
        every = await self._database.read(
            lambda connection: queries.list_changes(
                connection, who, request.cohort_id, as_of=as_of, current=current
            )
        )
        rest = [one for one in every if one.number > after and child_id in {"", one.child_id}]
        return page.cut(rest, lambda one: {"number": one.number})


def _counts(who: Principal) -> bool:
    """Return whether the caller may know how many exactly: of the children it may see itself."""
    return queries.narrowed(who) or sees_all(who)


def _out(work: UnitOfWork, cohort_id: str) -> types.Cohort:
    found = queries.get(work.connection, work.tenant, cohort_id)
    return mapping.cohort_out(found, exact=sees_all(work.caller))
