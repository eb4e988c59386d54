from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from localresponse.outcomes.v1 import episodes_service_pb2 as pb
from localresponse.outcomes.v1 import outcomes_events_pb2 as events
from sqlalchemy import select

from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.events import Event
from services.chassis.unit_of_work import Commands, UnitOfWork
from services.chassis.wire import date_from_proto
from services.outcomes.episodes import mapping, queries
from services.outcomes.episodes.closing import WindowCloser
from services.outcomes.episodes.consumers import fund_purchases
from services.outcomes.episodes.queries import Filter
from services.outcomes.episodes.storage.tables import EPISODE_VERSION
from services.outcomes.storage.metadata import metadata
from tests.outcomes import world
from tests.support.clock import FakeClock
from tests.support.databases import Prepare

DAYS = world.school_days()
ASKED, DELIVERED = DAYS[100], DAYS[104]
ANN, BEN = world.child_id(1), world.child_id(2)
OUTBOX = metadata.tables["outbox"]


def load(url: str) -> None:
    absent = np.zeros((3, 2 * len(DAYS)), np.bool_)
    absent[0, 2 * 70 : 2 * 100 : 2] = True
    absent[0, 2 * 105 : 2 * 135 : 10] = True
    world.prepare(url, absent)


@pytest.fixture
async def database(
    prepared_database_url: Callable[[str, Prepare], str],
) -> AsyncIterator[Database]:
    async with world.opened(prepared_database_url("episodes", load)) as database:
        yield database


@pytest.fixture
def commands(database: Database) -> Commands:
    return Commands(database, FakeClock(world.LOADED + timedelta(hours=1)))


async def hear(commands: Commands, heard: list[Event]) -> None:
    for event in heard:
        handler = fund_purchases().handlers[event.type]

        def work(work: UnitOfWork, event: Event = event, handler: object = handler) -> None:
            handler(work, event)  # type: ignore[operator]

        await commands.apply(world.SYSTEM, work)


async def listed(database: Database, wanted: Filter | None = None) -> list[pb.Episode]:
    found = await database.read(
        lambda connection: queries.list_episodes(
            connection, world.SYSTEM, wanted or Filter(with_windows=True), after=None, limit=50
        )
    )
    return [mapping.episode(view) for view in found]


def without_versions(episode: pb.Episode) -> bytes:
    episode.ClearField("version")
    episode.ClearField("derive_time")
    return episode.SerializeToString(deterministic=True)


async def test_an_episode_opens_from_the_funds_events(
    commands: Commands, database: Database
) -> None:
    await hear(commands, world.bought("p1", (ANN,), asked=ASKED, delivered=DELIVERED))

    (episode,) = await listed(database)

    assert episode.state == pb.EPISODE_STATE_OPEN
    assert (episode.cost.units, episode.costs[0].source_type) == (100, "council")
    assert date_from_proto(episode.index_date, "index_date") == DELIVERED


async def test_windows_are_counted_in_the_childs_school_days(
    commands: Commands, database: Database
) -> None:
    await hear(commands, world.bought("p1", (ANN,), asked=ASKED, delivered=DELIVERED))

    (episode,) = await listed(database)
    held = {window.kind: window for window in episode.windows}

    base, trigger = held[events.WINDOW_KIND_BASELINE], held[events.WINDOW_KIND_TRIGGER]
    follow = held[events.WINDOW_KIND_FOLLOW_UP_1]
    assert (base.possible_sessions, base.absent_sessions) == (120, 0)
    assert (trigger.possible_sessions, trigger.absent_sessions) == (60, 30)
    assert (follow.possible_sessions, follow.absent_sessions) == (60, 6)
    assert trigger.severely_absent
    assert follow.persistently_absent
    assert held[events.WINDOW_KIND_YEAR].status == pb.WINDOW_STATUS_RUNNING


async def test_what_was_known_at_approval_is_frozen(commands: Commands, database: Database) -> None:
    await hear(commands, world.bought("p1", (ANN,), asked=ASKED, delivered=DELIVERED))

    (episode,) = await listed(database)

    assert not episode.snapshot.HasField("attendance"), "no register was held then"
    assert (episode.snapshot.year_group, episode.snapshot.phase) == (10, "secondary")


async def test_an_event_told_twice_changes_nothing(commands: Commands, database: Database) -> None:
    story = world.bought("p1", (ANN,), asked=ASKED, delivered=DELIVERED)
    await hear(commands, story)
    before = await listed(database)

    await hear(commands, story)

    assert await listed(database) == before


@pytest.mark.parametrize("seed", range(5))
async def test_events_in_any_order_end_in_the_same_episodes(
    commands: Commands, database: Database, seed: int
) -> None:
    shared = world.bought("p1", (ANN, BEN), asked=ASKED, delivered=DELIVERED, pence=10_001)
    near = world.bought("p2", (ANN,), asked=DAYS[110], delivered=DAYS[120])
    story = [*shared, *near]
    Random(seed).shuffle(story)

    await hear(commands, story)
    found = [each for each in await listed(database) if each.state != pb.EPISODE_STATE_VOID]

    assert [(e.child_id, len(e.purchases)) for e in found] in (
        [(ANN, 2), (BEN, 1)],
        [(BEN, 1), (ANN, 2)],
    )
    pence = sum(100 * e.cost.units + e.cost.nanos // 10_000_000 for e in found)
    assert pence == 10_001 + 10_000


async def test_an_old_version_can_be_read_as_of_then(
    commands: Commands, database: Database
) -> None:
    story = world.bought("p1", (ANN,), asked=ASKED, delivered=DELIVERED)
    await hear(commands, story)
    (episode,) = await listed(database)

    with pytest.raises(NotFound):
        await database.read(
            lambda connection: queries.get_episode(
                connection, world.SYSTEM, episode.id, as_of=world.LOADED
            )
        )
    versions = await database.read(
        lambda c: c.execute(select(EPISODE_VERSION.c.state)).scalars().all()
    )
    assert versions == ["awaiting_delivery", "open"]


async def test_the_first_delivery_is_announced_and_then_each_revision(
    commands: Commands, database: Database
) -> None:
    await hear(commands, world.bought("p1", (ANN,), asked=ASKED, delivered=DELIVERED))
    await hear(commands, world.bought("p2", (ANN,), asked=DAYS[110], delivered=DAYS[120]))

    told = await database.read(
        lambda c: c.execute(select(OUTBOX.c.type, OUTBOX.c.sequence).order_by(OUTBOX.c.id)).all()
    )

    assert told[0] == ("localresponse.outcomes.episode.opened.v1", 1)
    assert told[1] == ("localresponse.outcomes.episode.revised.v1", 2)


async def test_a_closed_window_is_announced_once(commands: Commands, database: Database) -> None:
    await hear(commands, world.bought("p1", (ANN,), asked=ASKED, delivered=DELIVERED))
    closer = WindowCloser(database, commands, FakeClock(world.LOADED + timedelta(hours=2)))

    await closer.close(world.TENANT)
    await closer.close(world.TENANT)

    told = await database.read(
        lambda c: c.execute(select(OUTBOX.c.type, OUTBOX.c.sequence).order_by(OUTBOX.c.id)).all()
    )
    assert told == [
        ("localresponse.outcomes.episode.opened.v1", 1),
        ("localresponse.outcomes.window.closed.v1", 1),
    ]
