"""EpisodesService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from typing import Any

from localresponse.outcomes.v1 import episodes_service_pb2 as pb
from localresponse.outcomes.v1.episodes_service_pb2_grpc import EpisodesServiceServicer

from services.chassis.auth import caller
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.wire import timestamp_from_proto
from services.outcomes.episodes import mapping, queries


class Episodes(EpisodesServiceServicer):
    """Reads of episodes.

    Args:
        database: Runs reads.
        tokens: Makes page tokens.
    """

    def __init__(self, database: Database, tokens: PageTokens) -> None:
        self._database = database
        self._tokens = tokens

    async def GetEpisode(self, request: pb.GetEpisodeRequest, context: Any) -> pb.Episode:
        who = caller()
        as_of = timestamp_from_proto(request.as_of_time) if request.HasField("as_of_time") else None
        return await self._database.read(
            lambda connection: mapping.episode(
                queries.get_episode(connection, who, request.episode_id, as_of=as_of)
            )
        )

    async def ListEpisodes(
        self, request: pb.ListEpisodesRequest, context: Any
    ) -> pb.ListEpisodesResponse:
        who = caller()
        page = self._tokens.page(request, who.tenant)
        start = page.position
        after = (start["day"], start["id"]) if start else None
        wanted = mapping.filter_of(request)
        found = await self._database.read(
            lambda connection: queries.list_episodes(
                connection, who, wanted, after=after, limit=page.limit
            )
        )
        shown, token = page.cut(
            found, lambda view: dict(zip(("day", "id"), queries.position(view), strict=True))
        )
        return pb.ListEpisodesResponse(
            episodes=[mapping.episode(view) for view in shown], next_page_token=token
        )
