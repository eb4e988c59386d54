"""Nothing is lost of many messages, however often the process is killed on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from services.chassis import migrations
from services.chassis.database import Database
from services.notify.channels.in_app import InApp
from services.notify.domain.words import Channel, Outcome
from tests.notify import load
from tests.notify.house import House
from tests.support.clock import FakeClock
from tests.support.databases import Prepare


async def test_of_many_messages_none_is_lost_and_a_repeat_follows_an_unknown_outcome(
    prepared_database_url: Callable[[str, Prepare], str],
) -> None:
    url = prepared_database_url("notify", partial(migrations.upgrade, package="services.notify"))

    result = await load.run(url, messages=300, kills=4)

    database = Database(url)
    database.start()
    house = House(database, FakeClock(), {Channel.IN_APP: InApp()})
    outcomes: Counter[str] = Counter()
    for each in await house.messages(channel=Channel.EMAIL):
        made = await house.attempts(each.message_id)
        outcomes.update(str(attempt.outcome) for attempt in made)
    await house.delivery.close()
    database.close()
    assert result.lost == 0
    assert result.repeated <= outcomes[Outcome.UNKNOWN]
    assert outcomes[Outcome.ACCEPTED] == 300
