"""Sessions: random ids stored hashed, rotated, and ended in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.identity.provider import Identity
from gateway.identity.sessions import SESSION, Sessions
from services.chassis.database import Database
from tests.support.clock import FakeClock

ANA = Identity("ana", "Ana", "practitioner", "E06000050", "Demonstration Borough", ("100001",))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/gateway.sqlite3")
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
async def sessions(database: Database, clock: FakeClock) -> Sessions:
    store = Sessions(database, clock)
    await store.prepare()
    return store


async def test_a_session_is_found_by_its_cookie(sessions: Sessions) -> None:
    cookie, opened = await sessions.open(ANA)

    found = await sessions.find(cookie)

    assert found == opened
    assert found.identity == ANA


@pytest.mark.parametrize("cookie", ["", "guess", "\ud800".encode("utf-8", "replace").decode()])
async def test_another_cookie_finds_nothing(sessions: Sessions, cookie: str) -> None:
    await sessions.open(ANA)

    assert await sessions.find(cookie) is None


async def test_the_store_does_not_hold_the_cookie(sessions: Sessions, database: Database) -> None:
    cookie, _session = await sessions.open(ANA)

    rows = await database.read(lambda connection: connection.execute(select(SESSION)).all())

    assert len(cookie) == 43
    assert cookie not in str(rows)


async def test_signing_in_again_ends_the_session_before(sessions: Sessions) -> None:
    before, _session = await sessions.open(ANA)

    after, _session = await sessions.open(ANA, instead_of=before)

    assert await sessions.find(before) is None
    assert await sessions.find(after) is not None


async def test_a_session_ends_after_an_hour_of_nothing(
    sessions: Sessions, clock: FakeClock
) -> None:
    cookie, _session = await sessions.open(ANA)

    clock.advance(minutes=59)
    assert await sessions.find(cookie) is not None
    clock.advance(minutes=59)
    assert await sessions.find(cookie) is not None
    clock.advance(minutes=60)
    assert await sessions.find(cookie) is None


async def test_a_session_ends_after_twelve_hours_of_use(
    sessions: Sessions, clock: FakeClock
) -> None:
    cookie, opened = await sessions.open(ANA)

    for _ in range(23):
        clock.advance(minutes=30)
        assert await sessions.find(cookie) is not None
    clock.advance(minutes=30)

    assert clock.now() == opened.ends_at
    assert await sessions.find(cookie) is None


async def test_a_closed_session_is_gone(sessions: Sessions) -> None:
    cookie, _session = await sessions.open(ANA)

    await sessions.close(cookie)

    assert await sessions.find(cookie) is None


async def test_answers_are_kept_by_journey_until_forgotten(sessions: Sessions) -> None:
    cookie, opened = await sessions.open(ANA)

    await sessions.keep(opened.session_id, "purchase", {"need": "a coat"})
    await sessions.keep(opened.session_id, "decision", {"amount": "5"})
    await sessions.keep(opened.session_id, "purchase", None)

    found = await sessions.find(cookie)
    assert found is not None
    assert found.answers == {"decision": {"amount": "5"}}
