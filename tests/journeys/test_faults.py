"""Parts are killed at any point of the story, and what is known at the end is the same."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from services.demonstration import slice as story
from services.demonstration.api import Json
from services.demonstration.people import FIRST_COUNCIL
from services.demonstration.scenery import staged
from services.demonstration.stage import Stage, pence_of
from tests.journeys.test_slice import SCALE, urls
from tests.support.databases import Databases
from tests.support.saboteur import Persistent, Saboteur
from tests.support.stack import four_processes, one_process, settings_for
from tests.support.waiting import until

SEED = int(os.environ.get("LOCALRESPONSE_TEST_SEED", "7"))
WRITES = story.STEPS.index(story.episodes)
"""As many steps write; what they set off is still under way when the killing ends."""

_WINDOW = ("kind", "status", "possible_sessions", "absent_sessions")


async def ledger(stage: Stage) -> Counter[tuple[object, ...]]:
    """Return how often each posting was made: its kind, day and amounts, without any id."""
    found: Counter[tuple[object, ...]] = Counter()
    token = ""
    while True:
        page = await stage.call(
            "fund.LedgerService.ListJournals", "auditor", {"page_size": 200, "page_token": token}
        )
        found.update(_posting(journal) for journal in page["journals"])
        token = page["next_page_token"]
        if not token:
            return found


def _posting(journal: Json) -> tuple[object, ...]:
    amounts = tuple(sorted(int(entry["amount_minor"]) for entry in journal["entries"]))
    return journal["kind"], tuple(journal["effective_date"].values()), amounts


async def episodes(stage: Stage) -> dict[int, tuple[object, ...]]:
    """Return, by child, the dates, the cost and the windows of its episode."""
    found = {}
    listed = await stage.call("outcomes.EpisodesService.ListEpisodes", "liaison", {})
    for each in listed["episodes"]:
        body = {"episode_id": each["id"]}
        whole = await stage.call("outcomes.EpisodesService.GetEpisode", "liaison", body)
        windows = tuple(tuple(window[key] for key in _WINDOW) for window in whole["windows"])
        days = tuple(str(whole[name]) for name in ("request_date", "intent_date", "index_date"))
        found[stage.child_ids.index(whole["child_id"])] = (
            *days,
            pence_of(whole["cost"]),
            windows,
        )
    return found


@pytest.fixture(scope="module")
async def undisturbed(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Counter[tuple[object, ...]], dict[int, tuple[object, ...]]]:
    settings = settings_for(Path(tmp_path_factory.mktemp("undisturbed")), urls(databases, "sqlite"))
    async with one_process(settings) as stack:
        move = stack.clock.move
        stage = staged(FIRST_COUNCIL, api=stack.grpc, bulk=stack.grpc, move=move, scale=SCALE)
        for step in story.STEPS:
            await step(stage)
        return await ledger(stage), await episodes(stage)


async def test_killing_any_part_at_any_point_ends_with_the_same_ledger_and_episodes(
    dialect: str,
    databases: Databases,
    tmp_path: Path,
    undisturbed: tuple[Counter[tuple[object, ...]], dict[int, tuple[object, ...]]],
) -> None:
    settings = settings_for(tmp_path, urls(databases, dialect))
    async with four_processes(settings) as stack:
        api = Persistent(stack.grpc)
        stage = staged(FIRST_COUNCIL, api=api, bulk=stack.grpc, move=stack.clock.move, scale=SCALE)
        saboteur = Saboteur(stack, SEED)

        async with saboteur.at_work():
            for step in story.STEPS[:WRITES]:
                await step(stage)
        for step in story.STEPS[WRITES:]:
            await step(stage)

        async def settled() -> bool:
            return await episodes(stage) == undisturbed[1]

        await until(settled, within_s=90, what="the same episodes")
        assert await ledger(stage) == undisturbed[0]
    print(f"seed {SEED}, {dialect}: killed {dict(Counter(saboteur.killed))}")  # noqa: T201
