"""What a consumer cannot take is put aside, stops nothing else, and can be replayed."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from services.chassis.consumers import MAX_DELIVERIES, ConsumerLoop
from services.chassis.database import Database
from services.chassis.dead_letters import DeadLetter, DeadLetterUnknown, open_letters
from services.chassis.errors import FailedPrecondition
from services.chassis.events import Event
from services.chassis.inbox import Receipt
from services.chassis.unit_of_work import UnitOfWork
from tests.chassis.test_consumers import are, loop_of
from tests.support.waiting import until
from tests.support.wire import READER, TENANT, Wire, effects, make_event, record_effect, running


class PurchaseUnknown(FailedPrecondition):
    reason = "PURCHASE_UNKNOWN"


class Poison:
    """A handler that fails for one event until it is cured."""

    def __init__(self, event: Event) -> None:
        self._event_id = event.id
        self.attempts = 0
        self.is_cured = False

    def __call__(self, work: UnitOfWork, event: Event) -> None:
        record_effect(work, event)
        if event.id == self._event_id and not self.is_cured:
            self.attempts += 1
            raise PurchaseUnknown("no such purchase")


async def waiting(database: Database) -> list[DeadLetter]:
    return await database.read(open_letters)


async def until_aside(database: Database, count: int) -> list[DeadLetter]:
    async def holds() -> bool:
        return len(await waiting(database)) == count

    await until(holds, what=f"{count} dead letters")
    return await waiting(database)


async def test_an_event_that_always_fails_is_put_aside_with_its_reason(
    wire: Wire, database: Database
) -> None:
    event = make_event("purchase-1", 1)
    poison = Poison(event)

    async with running(await loop_of(wire, database, poison)):
        await (await wire.bus("fund")).publish([event])
        (letter,) = await until_aside(database, 1)

    assert letter.event == event
    assert (letter.why, letter.deliveries) == ("PURCHASE_UNKNOWN", MAX_DELIVERIES)
    assert poison.attempts >= MAX_DELIVERIES
    assert await effects(database) == {}


async def test_a_bad_event_stops_its_own_resource_and_no_other(
    wire: Wire, database: Database
) -> None:
    poison = Poison(make_event("purchase-1", 2))

    async with running(await loop_of(wire, database, poison)):
        await (await wire.bus("fund")).publish(
            [make_event(f"purchase-{n}", sequence) for sequence in (1, 2, 3) for n in (1, 2)]
        )
        letters = await until_aside(database, 2)

    assert await effects(database) == {"purchase-1": [1], "purchase-2": [1, 2, 3]}
    assert {(each.event.sequence, each.why) for each in letters} == {
        (2, "PURCHASE_UNKNOWN"),
        (3, "early"),
    }


async def test_a_replay_brings_back_the_event_and_all_that_waited_for_it(
    wire: Wire, database: Database
) -> None:
    bad = make_event("purchase-1", 2)
    poison = Poison(bad)
    loop = await loop_of(wire, database, poison)

    async with running(loop):
        await (await wire.bus("fund")).publish([make_event("purchase-1", n) for n in range(1, 6)])
        letters = await until_aside(database, 4)
        poison.is_cured = True
        receipt = await loop.replay(letter_of(letters, bad).id)
        await until(are(database, {"purchase-1": [1, 2, 3, 4, 5]}))
        await until_aside(database, 0)

    assert receipt is Receipt.APPLIED


async def test_a_replay_that_fails_leaves_the_letter_and_has_no_effect(
    wire: Wire, database: Database
) -> None:
    bad = make_event("purchase-1", 1)
    loop = await loop_of(wire, database, Poison(bad))

    async with running(loop):
        await (await wire.bus("fund")).publish([bad])
        (letter,) = await until_aside(database, 1)
        with pytest.raises(PurchaseUnknown):
            await loop.replay(letter.id)

    assert len(await waiting(database)) == 1
    assert await effects(database) == {}


async def test_a_letter_is_replayed_once(wire: Wire, database: Database) -> None:
    bad = make_event("purchase-1", 1)
    poison = Poison(bad)
    loop = await loop_of(wire, database, poison)

    async with running(loop):
        await (await wire.bus("fund")).publish([bad])
        (letter,) = await until_aside(database, 1)
        poison.is_cured = True
        await loop.replay(letter.id)
        with pytest.raises(DeadLetterUnknown):
            await loop.replay(letter.id)

    assert await effects(database) == {"purchase-1": [1]}


async def test_a_message_that_is_no_event_is_put_aside_at_once(
    wire: Wire, database: Database
) -> None:
    loop = await loop_of(wire, database)
    client = await (await wire.bus("fund")).connected()

    async with running(loop):
        await client.publish(f"lr.{TENANT}.fund.purchase.approved", b"\x00", headers={"ce-id": "x"})
        (letter,) = await until_aside(database, 1)
        with pytest.raises(FailedPrecondition):
            await loop.replay(letter.id)

    assert letter.why == "unparsable: ce-type is missing"
    assert letter.deliveries == 1
    assert letter.event.data == b"\x00"


async def test_the_metric_counts_what_waits(wire: Wire, database: Database) -> None:
    bad = make_event("purchase-1", 1)
    loop: ConsumerLoop = await loop_of(wire, database, Poison(bad))

    async with running(loop):
        await (await wire.bus("fund")).publish([bad, make_event("purchase-1", 2)])
        await until(
            lambda: (
                REGISTRY.get_sample_value("localresponse_dead_letters", {"consumer": READER.name})
                == 2
            )
        )


async def test_one_authority_sees_its_own_letters_only(wire: Wire, database: Database) -> None:
    bad = make_event("purchase-1", 1)

    async with running(await loop_of(wire, database, Poison(bad))):
        await (await wire.bus("fund")).publish([bad])
        await until_aside(database, 1)

    own = await database.read(lambda connection: open_letters(connection, tenant=TENANT))
    others = await database.read(lambda connection: open_letters(connection, tenant="E09000001"))
    assert (len(own), len(others)) == (1, 0)


def letter_of(letters: list[DeadLetter], event: Event) -> DeadLetter:
    return next(each for each in letters if each.event.id == event.id)
