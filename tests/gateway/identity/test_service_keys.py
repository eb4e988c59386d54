"""Service keys: random, shown once, kept as hashes, ended by time or by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.identity.service_keys import KeyMade, KeyRefused, KeyUnknown, ServiceKey, ServiceKeys
from services.chassis.database import Database
from services.chassis.ids import new_id
from tests.support.clock import FakeClock

TENANT = "E06000050"


def key(clock: FakeClock, **changes: Any) -> ServiceKey:
    now = clock.now()
    values: dict[str, Any] = {
        "id": new_id(),
        "tenant": TENANT,
        "name": "monthly",
        "subject": "evaluator-1",
        "agreement_id": "agreement-1",
        "scopes": ("feed.*", "release.read"),
        "created_by": "administrator-1",
        "created_at": now,
        "expires_at": now + timedelta(days=30),
    }
    return ServiceKey(**{**values, **changes})


def _all_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[ServiceKeys]:
    database = Database(f"sqlite:///{tmp_path}/gateway.sqlite3")
    database.start()
    kept = ServiceKeys(database, clock)
    await kept.prepare()
    yield kept
    database.close()


async def test_a_key_is_its_readers_authority_and_no_more(
    store: ServiceKeys, clock: FakeClock
) -> None:
    secret = await store.create(key(clock))

    found = await store.find(secret)

    who = found.principal()
    assert (who.tenant, who.subject, who.role) == (TENANT, "evaluator-1", "evaluator")
    assert who.scopes == {"feed.*", "release.read"}
    assert found.agreement_id == "agreement-1"
    assert secret.startswith("lr_")
    assert len(secret) == 46


async def test_a_secret_is_nowhere_but_with_its_holder(
    store: ServiceKeys, clock: FakeClock, tmp_path: Path
) -> None:
    with capture_logs() as logs:
        secret = await store.create(key(clock))
        await store.find(secret)

    kept = _all_of(tmp_path)
    assert secret.encode() not in kept
    assert secret.removeprefix("lr_") not in str(logs)
    assert [entry["event"] for entry in logs] == ["service key created"]


@pytest.mark.parametrize("given", ["lr_", "lr_guess", "lr_" + "x" * 43, "lr_" + "x" * 9000])
async def test_another_secret_is_refused(store: ServiceKeys, clock: FakeClock, given: str) -> None:
    await store.create(key(clock))

    with pytest.raises(KeyRefused):
        await store.find(given)


async def test_a_key_ends_at_its_moment(store: ServiceKeys, clock: FakeClock) -> None:
    secret = await store.create(key(clock, expires_at=clock.now() + timedelta(hours=1)))

    clock.advance(minutes=59)
    await store.find(secret)
    clock.advance(minutes=1)

    with pytest.raises(KeyRefused):
        await store.find(secret)
    assert (await store.listed(TENANT))[0].state(clock.now()) == "expired"


async def test_no_key_lives_longer_than_a_year(store: ServiceKeys, clock: FakeClock) -> None:
    await store.create(key(clock, expires_at=clock.now() + timedelta(days=9999)))

    assert (await store.listed(TENANT))[0].expires_at <= clock.now() + timedelta(days=366)


async def test_a_revoked_key_is_refused_from_the_next_call_on(
    store: ServiceKeys, clock: FakeClock
) -> None:
    made = key(clock)
    secret = await store.create(made)

    await store.revoke(made, by="administrator-1")
    first = (await store.get(TENANT, made.id)).revoked_at
    clock.advance(minutes=5)
    await store.revoke(made, by="administrator-2")

    with pytest.raises(KeyRefused):
        await store.find(secret)
    assert (await store.get(TENANT, made.id)).revoked_at == first


async def test_a_key_says_when_it_was_last_used(store: ServiceKeys, clock: FakeClock) -> None:
    made = key(clock)
    secret = await store.create(made)
    unused = (await store.get(TENANT, made.id)).used_at

    clock.advance(hours=2)
    await store.find(secret)

    assert unused is None
    assert (await store.get(TENANT, made.id)).used_at == clock.now()


async def test_a_form_that_is_sent_twice_makes_one_key(
    store: ServiceKeys, clock: FakeClock
) -> None:
    made = key(clock)
    await store.create(made)

    with pytest.raises(KeyMade):
        await store.create(made)

    assert len(await store.listed(TENANT)) == 1


async def test_another_authority_knows_nothing_of_a_key(
    store: ServiceKeys, clock: FakeClock
) -> None:
    made = key(clock)
    await store.create(made)

    assert await store.listed("E08000019") == []
    with pytest.raises(KeyUnknown):
        await store.get("E08000019", made.id)
