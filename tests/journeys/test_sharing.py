"""Two evaluators, a real gateway and a child that is erased: what leaves, and what never does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import httpx
import pytest
from localresponse.client import (
    AsyncFeedReader,
    FeedReader,
    FeedRefused,
    Page,
    PublicKey,
    verify_feed,
)
from sqlalchemy import Connection, create_engine, inspect, text

from services.chassis.auth import Principal
from services.chassis.settings import SERVICES
from services.chassis.tokens import TokenKeys, TokenMinter
from services.demonstration import sharing
from services.demonstration import slice as story
from services.demonstration.api import AUDIENCE, Json
from services.demonstration.calendar import day_json
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.seeing import until
from services.demonstration.stage import Stage
from tests.journeys.test_slice import stage_of, urls
from tests.support.databases import SQLITE, Databases
from tests.support.stack import Stack, one_process, settings_for

STEPS = story.STEPS[: story.STEPS.index(story.shared)]
SECOND = Principal(FIRST_COUNCIL, "second-evaluator", "evaluator")
FEEDS, RELEASES = "outcomes.FeedsService", "outcomes.ReleasesService"


@dataclass(frozen=True, slots=True)
class Shared:
    """A council that shares data with two evaluators."""

    stack: Stack
    stage: Stage
    feeds: dict[str, str]
    release: Json

    @property
    def first(self) -> Principal:
        return self.stage.cast["evaluator"].principal

    def token(self, who: Principal) -> str:
        keys = TokenKeys(self.stack.settings.tokens_dir)
        return TokenMinter(keys, self.stack.clock).mint(who, AUDIENCE)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.stack.settings.gateway_port}"

    async def items(self, who: Principal) -> list[Json]:
        """Return every item of an evaluator's feed, page after page over REST."""
        body: Json = {"feed_id": self.feeds[who.subject], "page_size": 200, "page_token": ""}
        found: list[Json] = []
        while True:
            page = await self.stack.rest.call(f"{FEEDS}.ListFeedItems", who, body)
            found += page["items"]
            body["page_token"] = page["next_page_token"]
            if not body["page_token"]:
                return found


@pytest.fixture(scope="module")
async def shared(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shared]:
    """Return the one council of this file; its tests stand in the order of its story."""
    folder = tmp_path_factory.mktemp("shared")
    async with one_process(settings_for(folder, urls(databases, SQLITE))) as stack:
        stage = stage_of(stack, FIRST_COUNCIL, rest=False)
        for step in STEPS:
            await step(stage)
        feeds = {stage.cast["evaluator"].subject: await sharing.agree(stage)}
        feeds[SECOND.subject] = await second_agreement(stage)
        release = await sharing.publish(stage, "latest")
        found = Shared(stack, stage, feeds, release)
        for who in (found.first, SECOND):
            await until(partial(found.items, who), lambda items: len(items) > 0)
        yield found


async def second_agreement(stage: Stage) -> str:
    """Agree with another evaluator on the same measures, for a month from the story's day."""
    body = {"agreement_id": (await agreements(stage))[0]["id"]}
    first = await stage.call("outcomes.AgreementsService.GetAgreement", "governance", body)
    terms = {
        **first["terms"],
        "evaluator": "second-evaluator",
        "subjects": [SECOND.subject],
        "last_date": day_json(story.REQUESTED.replace(month=9)),
    }
    made = await stage.call(
        "outcomes.AgreementsService.CreateAgreement", "governance", {"terms": terms}
    )
    return str(made["id"])


async def agreements(stage: Stage) -> list[Json]:
    found = await stage.call("outcomes.AgreementsService.ListAgreements", "governance", {})
    return list(found["agreements"])


async def test_what_two_evaluators_read_leaves_no_trace_that_joins_them(
    shared: Shared, capfd: pytest.CaptureFixture[str]
) -> None:
    names = {who.subject: await read_every_way(shared, who) for who in (shared.first, SECOND)}
    said = "".join(capfd.readouterr())
    first, second = names.values()

    assert (len(first), len(second)) == (story.COHORT, story.COHORT)
    assert not first & second
    assert "FeedsService/StreamFeedItems" in said
    assert [name for name in first | second if name in said] == []
    assert traces(shared, first | second) == set()


async def read_every_way(shared: Shared, who: Principal) -> set[str]:
    """Read a feed over gRPC and REST in each form, and return its pseudonyms."""
    feed_id = shared.feeds[who.subject]
    body = {"feed_id": feed_id}
    page = await shared.stack.grpc.call(f"{FEEDS}.ListFeedItems", who, body)
    every = [*page["items"], *await shared.items(who)]
    whole = await shared.stack.grpc.download(
        f"{FEEDS}.DownloadFeed", who, {**body, "format": "FILE_FORMAT_NDJSON"}
    )
    headers = {"authorization": f"Bearer {shared.token(who)}"}
    async with httpx.AsyncClient(base_url=shared.url, headers=headers, timeout=60) as client:
        for path in ("items:stream", "file.csv", "file.parquet", "items?page_size=10"):
            answer = await client.get(f"/api/v1/feeds/{feed_id}/{path}")
            assert answer.status_code == httpx.codes.OK, answer.text
    lines = [json.loads(line) for line in whole.decode().splitlines()]
    seen = {line["pseudonym"] for line in lines}
    assert {item["pseudonym"] for item in every} == seen
    return seen


def traces(shared: Shared, names: set[str]) -> set[str]:
    """Return where a pseudonym stands outside the feeds' own rows, or beside a child's id."""
    found = set()
    for service in (*SERVICES, "gateway"):
        engine = create_engine(shared.stack.settings.database_url(service))
        with engine.connect() as connection:
            for table, row in dumped(connection):
                held = [name for name in names if name in row]
                owned = table == "feed_item"
                beside = any(child in row for child in shared.stage.child_ids)
                if held and (not owned or len(held) > 1 or beside):
                    found.add(f"{service}.{table}")
        engine.dispose()
    folder = shared.stack.settings.data_dir
    files = [each for each in folder.rglob("*") if each.is_file()]
    found |= {
        each.name
        for each in files
        for name in names
        if name.encode() in each.read_bytes() and not each.name.startswith("outcomes")
    }
    return found


def dumped(connection: Connection) -> Iterator[tuple[str, str]]:
    for table in inspect(connection).get_table_names():
        for row in connection.execute(text(f'SELECT * FROM "{table}"')):
            yield table, repr(tuple(row))


async def test_each_download_is_listed_and_in_the_audit_chain_by_its_hash(shared: Shared) -> None:
    feed_id = shared.feeds[shared.first.subject]
    body = {"feed_id": feed_id, "format": "FILE_FORMAT_CSV"}
    content = await shared.stack.grpc.download(f"{FEEDS}.DownloadFeed", shared.first, body)
    digest = sha256(content).hexdigest()

    listed = await shared.stage.call(
        "outcomes.AgreementsService.ListDownloads", "governance", {"agreement_id": feed_id}
    )
    engine = create_engine(shared.stack.settings.database_url("outcomes"))
    with engine.connect() as connection:
        rows = [row for table, row in dumped(connection) if table == "audit" and digest in row]
    engine.dispose()

    newest = listed["downloads"][0]
    assert (newest["form"], newest["items"], newest["sha256"]) == (
        "csv",
        str(content.count(b"\n") - 1),
        digest,
    )
    assert len(rows) > 0
    assert all(feed_id in row and "DownloadFeed" in row for row in rows)


class Flaky(httpx.BaseTransport):
    """The real gateway behind a line that is busy, then away, at each first and second try."""

    def __init__(self) -> None:
        self.real = httpx.HTTPTransport()
        self.tries: dict[str, int] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        tried = self.tries[str(request.url)] = self.tries.get(str(request.url), 0) + 1
        if tried == 1:
            return httpx.Response(429, headers={"Retry-After": "3"}, json={})
        return httpx.Response(503) if tried == 2 else self.real.handle_request(request)

    def close(self) -> None:
        self.real.close()


async def test_the_client_reads_resumes_and_verifies_through_the_gateway(shared: Shared) -> None:
    feed_id, token = shared.feeds[shared.first.subject], shared.token(shared.first)
    about = await shared.stack.rest.call(f"{FEEDS}.GetFeed", shared.first, {"feed_id": feed_id})
    key, waits = PublicKey.parse(about["public_key"]), list[float]()

    def first_pages() -> list[Page]:
        client = httpx.Client(base_url=shared.url, transport=Flaky())
        with FeedReader(
            "", token, feed_id=feed_id, page_size=7, wait=waits.append, client=client
        ) as reader:
            pages = reader.pages()
            return [next(pages), next(pages)]

    read = await asyncio.to_thread(first_pages)
    async with AsyncFeedReader(shared.url, token, feed_id=feed_id, page_size=7) as reader:
        read += [page async for page in reader.pages(read[-1].cursor)]
        point = await reader.checkpoint(key)

    lines = [line for page in read for line in page.lines]
    assert [page.items[0].feed_seq for page in read[:3]] == [1, 8, 15]
    assert point is not None
    assert verify_feed(lines, [point]).ok
    assert len(lines) == point.size == int(about["size"])
    assert waits[::2] == [3.0, 3.0]


async def test_an_erased_child_is_taken_back_everywhere_and_the_release_stays(
    shared: Shared,
) -> None:
    before = await package(shared)
    child = (await supported_children(shared))[0]

    await shared.stage.call(
        "outcomes.ChildrenService.EraseChild",
        "governance",
        {"child_id": child, "reason": "ERASURE_REASON_RIGHT_TO_ERASURE"},
    )

    for who in (shared.first, SECOND):
        items = await until(partial(shared.items, who), retracted)
        last = [item for item in items if item["op"] == "FEED_OP_RETRACT"]
        assert len({item["pseudonym"] for item in last}) == 1
        given = [i for i in items if i["pseudonym"] == last[0]["pseudonym"]]
        assert {i["feed_seq"] for i in given[: len(last)]} == {i["supersedes"] for i in last}
    assert await package(shared) == before


async def test_a_merged_child_is_taken_back_everywhere_and_the_release_stays(
    shared: Shared,
) -> None:
    before = await package(shared)
    kept, merged = (await supported_children(shared))[-2:]
    known = {who.subject: taken_back(await shared.items(who)) for who in (shared.first, SECOND)}

    await shared.stage.call(
        "outcomes.MatchingService.MergeChildren",
        "liaison",
        {"child_id": kept, "merged_child_id": merged},
    )

    for who in (shared.first, SECOND):
        more = partial(_more_taken_back, known=known[who.subject])
        items = await until(partial(shared.items, who), more)
        assert len(taken_back(items) - known[who.subject]) == 1
    assert await package(shared) == before


def _more_taken_back(items: list[Json], known: set[str]) -> bool:
    return taken_back(items) > known


def taken_back(items: list[Json]) -> set[str]:
    return {item["pseudonym"] for item in items if item["op"] == "FEED_OP_RETRACT"}


def retracted(items: list[Json]) -> bool:
    return any(item["op"] == "FEED_OP_RETRACT" for item in items)


async def package(shared: Shared) -> bytes:
    body = {"release_id": shared.release["id"]}
    return await shared.stack.grpc.download(f"{RELEASES}.DownloadRelease", shared.first, body)


async def supported_children(shared: Shared) -> list[str]:
    found = await shared.stage.call("outcomes.EpisodesService.ListEpisodes", "liaison", {})
    return [str(episode["child_id"]) for episode in found["episodes"]]


async def test_the_client_is_told_that_an_agreement_has_lapsed(shared: Shared) -> None:
    shared.stage.at(story.REQUESTED.replace(year=2027), 9)
    feed_id, token = shared.feeds[SECOND.subject], shared.token(SECOND)

    async with AsyncFeedReader(shared.url, token, feed_id=feed_id) as reader:
        with pytest.raises(FeedRefused, match="is not in force") as refused:
            await anext(reader.pages())

    assert refused.value.reason == "AGREEMENT_LAPSED"
