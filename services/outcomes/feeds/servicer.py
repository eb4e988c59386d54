"""FeedsService: one short method for each rpc; the proto's comments are their text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from localresponse.outcomes.v1 import feeds_service_pb2 as pb
from localresponse.outcomes.v1.feeds_service_pb2_grpc import FeedsServiceServicer
from sqlalchemy import Connection

from services.chassis.auth import Principal, caller
from services.chassis.clock import Clock, london_date
from services.chassis.database import Database
from services.chassis.pagination import PageTokens, page_size
from services.outcomes.agreements import commands as agreements
from services.outcomes.agreements.storage import Agreement
from services.outcomes.feeds import mapping, nodes, reading
from services.outcomes.feeds.downloads import Download, Downloads
from services.outcomes.feeds.keys import FeedKeys
from services.outcomes.feeds.reading import EVERYTHING

T = TypeVar("T")
_STREAM_BLOCK = 500
_PART_BYTES = 256 * 1024


class Feeds(FeedsServiceServicer):
    """Feeds under agreements in force.

    Args:
        database: Runs reads, and logs downloads.
        tokens: Makes cursors.
        keys: Says with which key checkpoints are signed.
        clock: Says which day it is.
    """

    def __init__(
        self, database: Database, *, tokens: PageTokens, keys: FeedKeys, clock: Clock
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._keys = keys
        self._clock = clock
        self._downloads = Downloads(database, clock)

    async def GetFeed(self, request: pb.GetFeedRequest, context: Any) -> pb.Feed:
        who = caller()

        def read(connection: Connection) -> pb.Feed:
            agreement = agreements.known(connection, who, request.feed_id)
            return pb.Feed(
                id=agreement.id,
                size=reading.size_of(connection, agreement),
                checkpoint=reading.newest_checkpoint(connection, agreement),
                public_key=self._keys.signer(who.tenant).public.text(),
            )

        return await self._database.read(read)

    async def ListFeedItems(
        self, request: pb.ListFeedItemsRequest, context: Any
    ) -> pb.ListFeedItemsResponse:
        who, limit, wanted = caller(), page_size(request.page_size), mapping.filter_in(request)
        query = mapping.query_of(who, request.feed_id, wanted)
        after = self._tokens.decode(request.page_token, query).get("seq", 0)
        rows = await self._read(
            who,
            request.feed_id,
            lambda connection, agreement: reading.items_after(
                connection, agreement, after, limit=limit + 1, wanted=wanted
            ),
        )
        shown = rows[:limit]
        page = Download.of_lines("page", after, [line for _, line in shown])
        await self._downloads.log(who, request.feed_id, page)
        last = self._tokens.encode(query, {"seq": shown[-1][0] if shown else after})
        return pb.ListFeedItemsResponse(
            items=[mapping.item_out(line) for _, line in shown],
            next_page_token=last if len(rows) > limit else "",
            cursor=last,
        )

    async def StreamFeedItems(
        self, request: pb.StreamFeedItemsRequest, context: Any
    ) -> AsyncIterator[pb.StreamedItem]:
        who, wanted = caller(), mapping.filter_in(request)
        query = mapping.query_of(who, request.feed_id, wanted)
        after = self._tokens.decode(request.cursor, query).get("seq", 0)
        begun = False

        def block(connection: Connection, agreement: Agreement) -> Sequence[tuple[int, str]]:
            return reading.items_after(
                connection, agreement, after, limit=_STREAM_BLOCK, wanted=wanted
            )

        while (rows := await self._read(who, request.feed_id, block)) or not begun:
            begun = True
            part = Download.of_lines("stream", after, [line for _, line in rows])
            await self._downloads.log(who, request.feed_id, part)
            for seq, line in rows:
                yield pb.StreamedItem(
                    item=mapping.item_out(line), cursor=self._tokens.encode(query, {"seq": seq})
                )
                after = seq

    async def DownloadFeed(
        self, request: pb.DownloadFeedRequest, context: Any
    ) -> AsyncIterator[pb.FilePart]:
        who, form = caller(), mapping.FORMS[request.format]

        def build(connection: Connection, agreement: Agreement) -> tuple[int, bytes]:
            size = reading.size_of(connection, agreement)
            return size, form.build(connection, agreement, size)

        size, content = await self._read(who, request.feed_id, build)
        file = Download(form.suffix, 0, size, content)
        await self._downloads.log(who, request.feed_id, file)
        first = mapping.first_part(content, f"feed-{request.feed_id}.{form.suffix}", form.media)
        for start in range(0, len(content) or 1, _PART_BYTES):
            part = first if start == 0 else pb.FilePart()
            part.content = content[start : start + _PART_BYTES]
            yield part

    async def ListCheckpoints(
        self, request: pb.ListCheckpointsRequest, context: Any
    ) -> pb.ListCheckpointsResponse:
        who = caller()
        query = mapping.query_of(who, f"{request.feed_id}:checkpoints", EVERYTHING)
        page = self._tokens.page_of(request, query)
        after = page.position.get("size", 0)

        def read(connection: Connection) -> Any:
            agreement = agreements.known(connection, who, request.feed_id)
            return reading.checkpoints_after(connection, agreement, after, limit=page.limit)

        rows = await self._database.read(read)
        shown, token = page.cut(rows, lambda row: {"size": row.size})
        return pb.ListCheckpointsResponse(
            checkpoints=[pb.FeedCheckpoint(size=row.size, note=row.note) for row in shown],
            next_page_token=token,
        )

    async def GetProof(self, request: pb.GetProofRequest, context: Any) -> pb.Proof:
        inclusion, consistency = await self._read(
            caller(),
            request.feed_id,
            lambda connection, agreement: nodes.proofs(
                connection,
                agreement,
                request.size,
                feed_seq=request.feed_seq,
                earlier=request.earlier_size,
            ),
        )
        return pb.Proof(inclusion=inclusion, consistency=consistency)

    async def _read(
        self, who: Principal, feed_id: str, work: Callable[[Connection, Agreement], T]
    ) -> T:
        """Read under the agreement, which may lapse between two blocks of one stream."""
        now = self._clock.now()

        def read(connection: Connection) -> T:
            return work(connection, _in_force(connection, who, feed_id, now))

        return await self._database.read(read)


def _in_force(connection: Connection, who: Principal, feed_id: str, now: datetime) -> Agreement:
    return agreements.in_force(connection, who, feed_id, today=london_date(now))
