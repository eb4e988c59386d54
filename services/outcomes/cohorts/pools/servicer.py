"""ComparisonPoolsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import cohorts_types_pb2 as types
from localresponse.outcomes.v1 import comparison_pools_service_pb2 as pb
from localresponse.outcomes.v1.comparison_pools_service_pb2_grpc import (
    ComparisonPoolsServiceServicer,
)
from sqlalchemy import Connection

from services.chassis.auth import caller
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, by_id
from services.chassis.unit_of_work import Commands
from services.outcomes.cohorts import mapping, queries
from services.outcomes.cohorts.counting import sees_all
from services.outcomes.cohorts.pools import commands, storage
from services.outcomes.cohorts.pools.drawing import Drawn, draw
from services.outcomes.cohorts.pools.storage import Terms
from services.outcomes.errors.cohorts import CohortRuleInvalid


class ComparisonPools(ComparisonPoolsServiceServicer):
    """Comparison pools of cohorts.

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

    async def DrawComparisonPool(
        self, request: pb.DrawComparisonPoolRequest, context: Any
    ) -> types.ComparisonPool:
        who, draft = caller(), mapping.draft_in(request.draft)
        if draft.rule is None:
            raise CohortRuleInvalid("a pool is drawn by a rule", field="draft.rule")
        terms = Terms(
            cohort_id=request.cohort_id,
            rule=draft.rule,
            size=request.size,
            seed=request.seed,
            moment=mapping.moment_in(request, self._clock.now(), off_roll=draft.off_roll),
        )

        def read(connection: Connection) -> Drawn:
            queries.get(connection, who.tenant, terms.cohort_id)
            return draw(connection, who.tenant, terms)

        drawn = await self._database.read(read)
        return await self._commands.run(
            request,
            types.ComparisonPool,
            lambda work: mapping.pool_out(commands.keep(work, terms, drawn), exact=sees_all(who)),
        )

    async def ListComparisonPools(
        self, request: pb.ListComparisonPoolsRequest, context: Any
    ) -> pb.ListComparisonPoolsResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)

        def read(connection: Connection) -> list[storage.Pool]:
            queries.get(connection, who.tenant, request.cohort_id)
            return storage.of_cohort(connection, who.tenant, request.cohort_id)

        rest = [each for each in await self._database.read(read) if each.id > page.last_id]
        shown, token = page.cut(rest, by_id)
        return pb.ListComparisonPoolsResponse(
            comparison_pools=[mapping.pool_out(each, exact=sees_all(who)) for each in shown],
            next_page_token=token,
        )

    async def RedrawComparisonPool(
        self, request: pb.RedrawComparisonPoolRequest, context: Any
    ) -> pb.RedrawComparisonPoolResponse:
        who = caller()

        def read(connection: Connection) -> tuple[storage.Pool, list[str], Drawn]:
            pool = storage.find(connection, who.tenant, request.cohort_id, request.pool_id)
            kept = storage.child_ids(connection, who.tenant, pool.id)
            return pool, kept, draw(connection, who.tenant, pool.terms)

        pool, kept, again = await self._database.read(read)
        return pb.RedrawComparisonPoolResponse(
            same=kept == list(again.child_ids),
            same_candidates=pool.candidates_sha256 == again.candidates_sha256,
            in_both=mapping.count_out(len(set(kept) & set(again.child_ids)), exact=sees_all(who)),
        )

    async def ListPoolChildren(
        self, request: pb.ListPoolChildrenRequest, context: Any
    ) -> pb.ListPoolChildrenResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)

        def read(connection: Connection) -> list[str]:
            storage.find(connection, who.tenant, request.cohort_id, request.pool_id)
            return storage.child_ids(connection, who.tenant, request.pool_id)

        every = await self._database.read(read)
        seen = await self._database.read(lambda connection: queries.visible(connection, who, every))
        shown, token = page.part_of([each for each in every if each in seen])
        return pb.ListPoolChildrenResponse(child_ids=shown, next_page_token=token)
