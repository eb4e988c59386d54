"""Events on the wire: their envelope, their batches, and what readiness may believe."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from services.chassis.bus import Bus, Unparsable, event_of, headers_of
from services.chassis.errors import Unavailable
from services.chassis.events import Event
from tests.support.waiting import until
from tests.support.wire import TENANT, Wire, make_event


async def stored_ids(bus: Bus) -> list[str | None]:
    state = await bus.state()
    return [await bus.event_id_at(each) for each in range(state.first, state.last + 1)]


def test_an_event_survives_the_wire() -> None:
    event = Event(
        id="0192f0c1-0000-7000-8000-000000000001",
        type="localresponse.outcomes.child.left.v1",
        tenant=TENANT,
        resource='a "strange" 100% café',
        sequence=7,
        time="2026-11-02T09:30:00+00:00",
        data=b"\x00\xff",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )

    headers = headers_of(event)

    assert all(value.isascii() and value.isprintable() for value in headers.values())
    assert event_of(f"lr.{TENANT}.outcomes.child.left", headers, event.data) == event


def test_the_headers_are_cloudevents_in_binary_mode() -> None:
    headers = headers_of(make_event("purchase-1", 3))

    assert headers["ce-specversion"] == "1.0"
    assert headers["ce-source"] == f"/{TENANT}/fund"
    assert headers["ce-subject"] == "purchase-1"
    assert headers["ce-sequence"] == "3"
    assert headers["Nats-Msg-Id"] == headers["ce-id"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param({"ce-id": ""}, "ce-id is missing", id="no id"),
        pytest.param({"ce-id": "x" * 37}, "ce-id is too long", id="long id"),
        pytest.param({"ce-sequence": "0"}, "ce-sequence is malformed", id="sequence zero"),
        pytest.param({"ce-sequence": "-1"}, "ce-sequence is malformed", id="negative sequence"),
        pytest.param({"ce-sequence": "1.5"}, "ce-sequence is malformed", id="fraction"),
        pytest.param({"ce-type": "purchase"}, "ce-type is malformed", id="malformed type"),
        pytest.param({"ce-tenant": "E09000001"}, "do not agree", id="another tenant"),
        pytest.param(
            {"ce-type": "localresponse.notify.message.sent.v1"}, "do not agree", id="another's type"
        ),
    ],
)
def test_a_message_that_is_no_event_says_why(change: dict[str, str], why: str) -> None:
    event = make_event("purchase-1", 1)

    with pytest.raises(Unparsable, match=why):
        event_of(event.subject, {**headers_of(event), **change}, event.data)


async def test_a_batch_is_stored_in_order(wire: Wire) -> None:
    bus = await wire.bus("fund")
    events = [make_event("purchase-1", sequence) for sequence in range(1, 101)]

    published = await bus.publish(events)

    assert [each.event for each in published] == events
    assert [each.position for each in published] == list(range(1, 101))
    assert await stored_ids(bus) == [event.id for event in events]


async def test_a_batch_with_an_event_that_is_stored_already_stores_only_the_others(
    wire: Wire,
) -> None:
    bus = await wire.bus("fund")
    events = [make_event("purchase-1", sequence) for sequence in range(1, 6)]
    await bus.publish(events[2:3])

    published = await bus.publish(events)

    assert {each.event.id for each in published} == {event.id for event in events}
    assert sorted(filter(None, await stored_ids(bus))) == sorted(event.id for event in events)


async def test_the_keeper_makes_a_stream_that_nobody_can_empty(wire: Wire) -> None:
    operations = await wire.bus("ops")
    await (await wire.bus("fund")).publish([make_event("purchase-1", 1)])

    purged = await operations.request("$JS.API.STREAM.PURGE.LR")
    deleted = await operations.request("$JS.API.STREAM.MSG.DELETE.LR", {"seq": 1})

    assert "error" in purged
    assert "error" in deleted
    assert (await operations.state()).last == 1


async def test_a_canary_is_a_real_publish(wire: Wire) -> None:
    bus = await wire.bus("fund")

    took_s = await bus.canary()

    assert 0 < took_s < 2
    assert (await bus.state()).last == 1


async def test_a_canary_does_not_wait_for_a_server_that_hangs(wire: Wire) -> None:
    bus = await wire.bus("fund")
    os.kill(wire.server.process_id, signal.SIGSTOP)
    started = time.monotonic()

    with pytest.raises(Unavailable):
        await bus.canary()

    assert time.monotonic() - started < 3
    os.kill(wire.server.process_id, signal.SIGCONT)


async def test_a_connection_waits_for_a_server_that_is_not_there_yet(wire: Wire) -> None:
    await wire.server.stop()
    bus = Bus(wire.server.url, "fund", seed=wire.server.seed("fund"))
    connecting = asyncio.create_task(bus.connect())
    await asyncio.wait([connecting], timeout=0.3)
    assert not connecting.done()

    await wire.server.start()
    await asyncio.wait_for(connecting, 10)

    assert bus.is_connected
    await bus.close()


async def test_a_connection_comes_back_after_a_kill(wire: Wire) -> None:
    bus = await wire.bus("fund")

    await wire.kill()
    await until(lambda: bus.connections == 2)

    assert await bus.publish([make_event("purchase-1", 1)])


async def test_a_bus_without_users_serves_too(nats_url: str) -> None:
    bus = Bus(nats_url, "fund")

    await bus.connect()

    assert bus.is_connected
    await bus.close()
