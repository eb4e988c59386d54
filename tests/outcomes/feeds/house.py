"""A council that shares data with evaluators, over a database of either kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from google.type.date_pb2 import Date
from localresponse.outcomes.v1 import agreements_service_pb2 as agreements_pb
from localresponse.outcomes.v1 import feeds_service_pb2 as pb

from services.chassis import migrations
from services.chassis.auth import Principal, acting_as
from services.chassis.clock import london_date
from services.chassis.database import Database
from services.chassis.pagination import PageTokens
from services.chassis.unit_of_work import Commands
from services.outcomes.app.feeds_and_releases import FeedsAndReleases
from services.outcomes.feeds import facts
from services.outcomes.feeds.collecting import ATTENDANCE
from services.outcomes.feeds.facts import Fact
from services.outcomes.feeds.keys import FeedKeys
from tests.outcomes.authority import TENANT, rid
from tests.support.clock import FakeClock

GOVERNANCE = Principal(TENANT, "governance", "information_governance")
SYSTEM = Principal.system(TENANT)


def evaluator(name: str) -> Principal:
    return Principal(TENANT, name, "evaluator")


def migrate(url: str) -> None:
    migrations.upgrade(url, "services.outcomes")


def fact(child: str, value: float = 0.9, **more: Any) -> Fact:
    fields = {"span": "1:follow_up_1", "valid_from": "2025/26 HT1", "valid_to": "2025/26 HT2"}
    return Fact(child_id=child, measure=ATTENDANCE, value=value, **{**fields, **more})


class House:
    """The sharing parts, and what the tests do most."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        self.clock = clock
        self.url = url
        self.database = Database(url)
        self.commands = Commands(self.database, clock)
        self.keys = FeedKeys(b"f" * 32)
        self.sharing = FeedsAndReleases(
            self.commands,
            self.database,
            tokens=PageTokens(b"p" * 32),
            clock=clock,
            keys=self.keys,
        )

    async def call(self, who: Principal, method: Any, request: Any) -> Any:
        with acting_as(who):
            return await method(request, None)

    async def agree(
        self,
        *subjects: str,
        project: str = "pilot",
        days: int = 100,
        measures: Sequence[str] = (ATTENDANCE,),
    ) -> str:
        """Record an agreement with the evaluator of the first subject, from today."""
        today = london_date(self.clock.now())
        last = today + timedelta(days=days)
        terms = agreements_pb.AgreementTerms(
            evaluator=subjects[0],
            project=project,
            subjects=subjects,
            purpose="evaluation of the fund",
            lawful_basis=agreements_pb.LAWFUL_BASIS_PUBLIC_TASK,
            dpia_reference="DPIA-1",
            measures=measures,
            fields=["phase"],
            first_date=Date(year=today.year, month=today.month, day=today.day),
            last_date=Date(year=last.year, month=last.month, day=last.day),
        )
        request = agreements_pb.CreateAgreementRequest(request_id=rid(), terms=terms)
        done = await self.call(GOVERNANCE, self.sharing.agreements.CreateAgreement, request)
        return str(done.id)

    async def learn(self, *new: Fact) -> None:
        await self.database.write(lambda connection: facts.add(connection, TENANT, list(new)))

    async def sequence(self) -> None:
        await self.sharing.work.sequence()

    async def erase(self, child: str) -> int:
        return await self.commands.apply(SYSTEM, lambda work: facts.erase_child(work, child))

    async def feed(self, who: Principal, feed_id: str) -> pb.Feed:
        request = pb.GetFeedRequest(feed_id=feed_id)
        found = await self.call(who, self.sharing.feeds.GetFeed, request)
        assert isinstance(found, pb.Feed)
        return found

    async def stream(
        self, who: Principal, feed_id: str, cursor: str = "", **filters: Any
    ) -> AsyncGenerator[pb.StreamedItem, None]:
        request = pb.StreamFeedItemsRequest(
            feed_id=feed_id, cursor=cursor, filter=pb.FeedFilter(**filters)
        )
        with acting_as(who):
            async for each in self.sharing.feeds.StreamFeedItems(request, None):
                yield each

    async def items(self, who: Principal, feed_id: str, **filters: Any) -> list[pb.FeedItem]:
        return [each.item async for each in self.stream(who, feed_id, **filters)]

    async def download(self, who: Principal, feed_id: str, form: Any) -> bytes:
        request = pb.DownloadFeedRequest(feed_id=feed_id, format=form)
        with acting_as(who):
            parts = [p async for p in self.sharing.feeds.DownloadFeed(request, None)]
        return b"".join(part.content for part in parts)

    async def notes(self, who: Principal, feed_id: str) -> str:
        request = pb.ListCheckpointsRequest(feed_id=feed_id, page_size=200)
        found = await self.call(who, self.sharing.feeds.ListCheckpoints, request)
        return "\n".join(each.note for each in found.checkpoints)


@asynccontextmanager
async def opened(url: str, clock: FakeClock) -> AsyncIterator[House]:
    house = House(url, clock)
    house.database.start()
    try:
        yield house
    finally:
        await asyncio.to_thread(house.database.close)


def ops(items: Sequence[pb.FeedItem]) -> list[str]:
    return [pb.FeedOp.Name(item.op).removeprefix("FEED_OP_").lower() for item in items]
