"""MatchingService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import matching_service_pb2 as pb
from localresponse.outcomes.v1.matching_service_pb2_grpc import MatchingServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands
from services.outcomes.children.matching import mapping, queries, resolving
from services.outcomes.children.matching.domain import Decision
from services.outcomes.children.merging import commands as merging
from services.outcomes.children.merging.queries import list_merges
from services.outcomes.children.vault import Vault


class Matches(MatchingServiceServicer):
    """Rows that wait for a person.

    Args:
        commands: Runs writes once.
        database: Runs reads.
        tokens: Makes page tokens.
        vault: Opens what waits.
    """

    def __init__(
        self, commands: Commands, database: Database, *, tokens: PageTokens, vault: Vault
    ) -> None:
        self._commands = commands
        self._database = database
        self._tokens = tokens
        self._vault = vault

    async def ListMatches(
        self, request: pb.ListMatchesRequest, context: Any
    ) -> pb.ListMatchesResponse:
        who = caller()
        page, wanted = self._tokens.page(request, who.tenant), mapping.wanted_in(request)
        found = await self._database.read(
            lambda connection: queries.list_matches(
                connection, who, wanted, after=page.last_id, limit=page.limit
            )
        )
        shown, token = page.cut(found, by_id)
        return pb.ListMatchesResponse(
            matches=[mapping.case_out(case) for case in shown], next_page_token=token
        )

    async def GetMatch(self, request: pb.GetMatchRequest, context: Any) -> pb.Match:
        who = caller()
        return await self._database.read(
            lambda connection: mapping.shown_out(
                queries.get_match(connection, self._vault, who, request.match_id)
            )
        )

    async def ResolveMatch(self, request: pb.ResolveMatchRequest, context: Any) -> pb.Match:
        def write(work: Any) -> pb.Match:
            case = resolving.resolve(
                work,
                self._vault,
                request.match_id,
                decision=Decision(request.decision),
                child_id=request.child_id,
            )
            return mapping.case_out(case)

        done = await self._commands.run(request, pb.Match, write)
        # What was held is destroyed once the decision has committed, and not before.
        await self._commands.apply(caller(), lambda work: resolving.clear(work, self._vault))
        return done

    async def MergeChildren(self, request: pb.MergeChildrenRequest, context: Any) -> pb.ChildMerge:
        who, pair = caller(), (request.child_id, request.merged_child_id)
        if request.dry_run:
            return await self._database.read(
                lambda connection: mapping.merge_out(merging.preview(connection, who, *pair))
            )
        return await self._commands.run(
            request,
            pb.ChildMerge,
            lambda work: mapping.merge_out(merging.merge(work, self._vault, *pair)),
        )

    async def UnmergeChildren(
        self, request: pb.UnmergeChildrenRequest, context: Any
    ) -> pb.ChildMerge:
        return await self._commands.run(
            request,
            pb.ChildMerge,
            lambda work: mapping.merge_out(merging.unmerge(work, self._vault, request.merge_id)),
        )

    async def ListMerges(
        self, request: pb.ListMergesRequest, context: Any
    ) -> pb.ListMergesResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)
        found = await self._database.read(
            lambda connection: list_merges(connection, who, before=page.last_id, limit=page.limit)
        )
        shown, token = page.cut(found, by_id)
        return pb.ListMergesResponse(
            merges=[mapping.merge_out(one) for one in shown], next_page_token=token
        )
