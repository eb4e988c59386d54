"""What waits - for the morning, for a digest, for tomorrow - arrives once, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time

import pytest
from localresponse.fund.v1 import fund_events_pb2 as fund
from localresponse.notify.v1 import notify_types_pb2 as types
from localresponse.notify.v1 import recipients_service_pb2 as pb

from services.chassis.database import Database
from services.chassis.errors import Aborted
from services.chassis.ids import new_id
from services.notify.app import bank_holidays
from services.notify.channels.port import Provider
from services.notify.domain.deciding import Policy
from services.notify.domain.hours import QuietHours, WorkingCalendar
from services.notify.domain.words import Channel, Status
from services.notify.errors import PreferenceRefused
from tests.notify.house import OFFICER, REQUESTER, House, event, purchase_event
from tests.notify.sink import Sink
from tests.support.clock import FakeClock

POLICY = Policy(
    quiet=QuietHours(time(19), time(7, 30)),
    calendar=WorkingCalendar(bank_holidays()),
    daily_max=3,
)


@pytest.fixture
async def house(
    notify_database: Database, clock: FakeClock, providers: dict[Channel, Provider]
) -> AsyncIterator[House]:
    house = House(notify_database, clock, providers, policy=POLICY)
    yield house
    await house.delivery.close()


async def ask(house: House, **fields: object) -> pb.Preferences:
    request = pb.UpdatePreferencesRequest(request_id=new_id(), **fields)  # type: ignore[arg-type]  # fields of the request
    answer: pb.Preferences = await house.call("UpdatePreferences", request, REQUESTER)
    return answer


def preference(
    category: types.Category.ValueType,
    digest: pb.Digest.ValueType = pb.DIGEST_UNSPECIFIED,
    *opt_outs: types.Channel.ValueType,
) -> pb.CategoryPreference:
    return pb.CategoryPreference(category=category, digest=digest, opt_outs=opt_outs)


async def approve(house: House, *numbers: int) -> None:
    for number in numbers:
        await house.take(
            purchase_event(
                fund.PurchaseApproved, purchase_id=f"purchase-{number}", reference=f"LR-{number}"
            )
        )


@pytest.mark.parametrize(
    "evening",
    [
        pytest.param(datetime(2026, 11, 3, 20, 0, tzinfo=UTC), id="a-night"),
        pytest.param(datetime(2026, 10, 24, 19, 0, tzinfo=UTC), id="the-longer-night"),
        pytest.param(datetime(2027, 3, 27, 20, 0, tzinfo=UTC), id="the-shorter-night"),
        pytest.param(datetime(2026, 12, 24, 20, 0, tzinfo=UTC), id="christmas"),
    ],
)
async def test_what_comes_at_night_goes_once_in_the_morning(
    house: House, sink: Sink, evening: datetime
) -> None:
    house.clock.set(evening)
    await house.know(REQUESTER, "p1@school.example")
    await approve(house, 1)
    await house.delivery.drain()
    held = await house.one()

    hours = 0
    while not sink.received:
        house.clock.advance(hours=0.5)
        await house.delivery.drain()
        hours += 1
        assert hours < 24 * 12
    house.clock.advance(days=1)
    await house.delivery.drain()

    assert (held.status, held.reason) == (Status.HELD, "quiet_hours")
    assert held.due_at is not None
    assert POLICY.calendar.quiet_until(held.due_at, QuietHours(time(19), time(7, 30))) is None
    assert len(sink.received) == 1


async def test_in_app_messages_do_not_wait_for_the_morning(house: House) -> None:
    house.clock.set(datetime(2026, 11, 3, 23, 0, tzinfo=UTC))
    await house.know(REQUESTER)

    await approve(house, 1)
    await house.delivery.drain()

    assert (await house.inbox(REQUESTER)).unread == 1


async def test_a_person_may_have_quiet_hours_of_their_own(house: House, sink: Sink) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await ask(house, quiet_start="09:00", quiet_end="10:00")

    await approve(house, 1)
    await house.delivery.drain()

    assert not sink.received
    house.clock.advance(minutes=30)
    await house.delivery.drain()
    assert len(sink.received) == 1


async def test_a_daily_digest_holds_all_of_the_day_in_one_e_mail(house: House, sink: Sink) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await ask(house, categories=[preference(types.CATEGORY_REQUESTS, pb.DIGEST_DAILY)])
    await approve(house, 1, 2, 3, 4, 5)
    await house.delivery.drain()
    assert not sink.received

    house.clock.set(datetime(2026, 11, 3, 8, 0, tzinfo=UTC))
    await house.delivery.drain()
    house.clock.advance(days=2)
    await house.delivery.drain()

    plain = sink.received[0].get_body(("plain",))
    assert plain is not None
    assert len(sink.received) == 1
    assert [f"LR-{number} " in plain.get_content() for number in range(1, 6)] == [True] * 5
    kept = await house.messages(channel=Channel.EMAIL)
    assert Counter(each.status for each in kept) == {Status.SENT: 6}
    assert len({each.digest_id for each in kept if each.template_id != "digest"}) == 1


async def test_a_digest_that_bounces_takes_what_it_carries_with_it(house: House) -> None:
    await house.know(REQUESTER, "gone@school.example")
    await ask(house, categories=[preference(types.CATEGORY_REQUESTS, pb.DIGEST_DAILY)])
    await approve(house, 1, 2)
    await house.delivery.drain()

    house.clock.set(datetime(2026, 11, 3, 8, 0, tzinfo=UTC))
    await house.delivery.drain()

    kept = await house.messages(channel=Channel.EMAIL)
    assert {each.status for each in kept} == {Status.PERMANENT_FAILURE}


async def test_over_the_daily_limit_the_rest_waits_for_tomorrow_and_none_is_lost(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")

    await approve(house, 1, 2, 3, 4, 5)
    await house.delivery.drain()
    today = len(sink.received)
    house.clock.set(datetime(2026, 11, 3, 9, 0, tzinfo=UTC))
    await house.delivery.drain()

    assert (today, len(sink.received)) == (3, 5)
    assert max(sink.message_ids().values()) == 1


async def test_an_opt_out_is_recorded_and_the_page_still_shows_the_message(
    house: House, sink: Sink
) -> None:
    await house.know(REQUESTER, "p1@school.example")
    await ask(
        house,
        categories=[
            preference(types.CATEGORY_REQUESTS, pb.DIGEST_UNSPECIFIED, types.CHANNEL_EMAIL)
        ],
    )

    await approve(house, 1)
    await house.delivery.drain()

    message = await house.one()
    assert (message.status, message.reason) == (Status.SUPPRESSED, "opted_out")
    assert (await house.inbox(REQUESTER)).unread == 1
    assert not sink.received


async def test_what_the_law_requires_cannot_be_opted_out_of(house: House) -> None:
    await house.know(REQUESTER)

    with pytest.raises(PreferenceRefused):
        await ask(house, categories=[preference(types.CATEGORY_STATUTORY)])


async def test_preferences_that_changed_meanwhile_are_not_overwritten(house: House) -> None:
    await house.know(REQUESTER)
    first = await ask(house, language=types.LANGUAGE_CY)

    await ask(house, etag=first.etag, language=types.LANGUAGE_EN)

    with pytest.raises(Aborted):
        await ask(house, etag=first.etag)


async def test_a_critical_message_wakes_people_and_is_in_no_digest(
    house: House, sink: Sink
) -> None:
    await house.know(OFFICER, "f1@council.example")
    await house.take(purchase_event(fund.PurchaseSubmitted, actor="p-1", urgency=1))
    await house.delivery.drain()
    sink.raw.clear()

    due = datetime(2026, 11, 2, 19, 30, tzinfo=UTC)
    house.clock.set(due)
    late = fund.ApprovalOverdue(purchase_id="purchase-1", reference="LR-2026-0042")
    late.decide_by_time.FromDatetime(due.replace(tzinfo=None))
    await house.take(event(late, resource="late-1"))
    await house.job("climb-ladders")
    await house.delivery.drain()

    assert [each["Subject"] for each in sink.received] == [
        "The decision on LR-2026-0042 is overdue"
    ]
