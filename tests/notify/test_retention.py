"""After the retention clock no address and no value is left, and every count is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import deliveries_service_pb2 as board
from localresponse.notify.v1 import messages_service_pb2 as pb
from localresponse.notify.v1 import notify_types_pb2 as types
from sqlalchemy import Connection, inspect, text

from services.chassis.database import Database
from services.chassis.ids import new_id
from services.notify.channels.file import Files
from services.notify.channels.in_app import InApp
from services.notify.commands.recipients import end_role
from services.notify.domain.words import Channel, Status
from tests.notify.house import ADMINISTRATOR, MANAGER, REQUESTER, House, purchase_event
from tests.notify.sink import Sink
from tests.support.clock import FakeClock

ADDRESS, VALUE = "canary.address@school.example", "LR-CANARY-7"


def everything(connection: Connection) -> str:
    """Return every cell of every table."""
    found = []
    for table in inspect(connection).get_table_names():
        for row in connection.execute(text(f"SELECT * FROM {table}")):
            found += [
                cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row
            ]
    return "\n".join(found)


def file_of(database: Database) -> bytes:
    """Return the bytes of a SQLite database that was closed."""
    return Path(database.url.removeprefix("sqlite:///")).read_bytes()


async def test_a_canary_address_and_value_are_in_no_table_after_the_clock(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, ADDRESS)
    await house.take(purchase_event(fund.PurchaseApproved, reference=VALUE))
    await house.delivery.drain()
    await house.apply(lambda work: end_role(work, "p-1", ""))
    before = await house.database.read(everything)

    house.clock.advance(days=7, seconds=1)
    await house.job("erase-old")

    after = await house.database.read(everything)
    assert len(sink.received) == 1
    assert ADDRESS in before
    assert VALUE in before
    assert ADDRESS not in after
    assert VALUE not in after
    counts = await house.call("CountDeliveries", board.CountDeliveriesRequest(), MANAGER)
    assert {(each.channel, each.messages) for each in counts.counts} == {
        (types.CHANNEL_IN_APP, 1),
        (types.CHANNEL_EMAIL, 1),
    }


async def test_the_files_of_the_database_hold_no_canary_either(
    notify_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    files = Files(tmp_path / "mail", "a@fund.example")
    house = House(notify_database, clock, {Channel.IN_APP: InApp(), Channel.EMAIL: files})
    await house.know(REQUESTER, ADDRESS)
    await house.take(purchase_event(fund.PurchaseApproved, reference=VALUE))
    await house.delivery.drain()
    await house.apply(lambda work: end_role(work, "p-1", ""))
    modes = [each.stat().st_mode & 0o777 for each in (tmp_path / "mail").iterdir()]

    clock.advance(days=8)
    await house.job("erase-old")

    assert modes == [0o600]
    assert not list((tmp_path / "mail").iterdir())
    if notify_database.url.startswith("sqlite"):
        notify_database.close()
        raw = file_of(notify_database)
        assert ADDRESS.encode() not in raw
        assert VALUE.encode() not in raw


async def test_an_erased_message_keeps_its_title_and_link_in_the_page(house: House) -> None:
    await house.know(REQUESTER)
    await house.take(purchase_event(fund.PurchaseApproved))
    await house.delivery.drain()

    house.clock.advance(days=8)
    await house.job("erase-old")

    shown = (await house.inbox(REQUESTER)).messages[0]
    assert (shown.title, shown.body) == ("Your request was approved", "")
    assert shown.link == "/purchases/purchase-1"


async def test_what_still_waits_keeps_what_it_needs(house: House, sink: Sink) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await house.take(purchase_event(fund.PurchaseApproved))

    house.clock.advance(days=30)
    await house.job("erase-old")
    await house.delivery.drain()

    assert sink.received[0]["Subject"] == "Your request LR-2026-0042 was approved"


async def test_contacts_of_who_left_go_and_of_who_stays_do_not(house: House) -> None:
    await house.know(REQUESTER, ADDRESS)
    await house.know(MANAGER, "m1@council.example")
    await house.apply(lambda work: end_role(work, "p-1", ""))

    house.clock.advance(days=8)
    await house.job("erase-old")

    left = await house.database.read(everything)
    assert ADDRESS not in left
    assert "m1@council.example" in left


async def test_a_message_sent_by_hand_leaves_no_value_in_the_stored_answer(
    house: House,
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    request = pb.SendMessageRequest(
        request_id=new_id(),
        template_id="purchase_approved",
        subjects=["p-1"],
        values={"reference": VALUE},
    )

    await house.call("SendMessage", request, ADMINISTRATOR)
    await house.delivery.drain()
    house.clock.set(house.clock.now() + timedelta(days=8))
    await house.job("erase-old")

    assert VALUE not in await house.database.read(everything)
    assert {each.status for each in await house.messages()} == {Status.SENT, Status.DELIVERED}
