"""While a provider is spoken to, no transaction and no connection of the database is in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from localresponse.fund.v1 import fund_events_pb2 as fund
from sqlalchemy import Engine, event

from services.chassis.database import Database
from services.notify.channels.in_app import InApp
from services.notify.channels.port import Accepted, Answer, Outgoing
from services.notify.domain.words import Channel
from tests.notify.house import REQUESTER, House, purchase_event
from tests.support.clock import FakeClock
from tests.support.waiting import until


class Watch:
    """Counts connections that are checked out and transactions that are open, in every engine."""

    def __init__(self) -> None:
        self.in_use = 0
        self.open = 0
        self.commits = 0
        # The lane and the readers are threads, and a sum that two of them write loses one.
        self._counting = Lock()

    @contextmanager
    def on(self) -> Iterator[None]:
        hooks: list[tuple[Any, str, Any]] = [
            (Engine, "checkout", self._checked_out),
            (Engine, "checkin", self._checked_in),
            (Engine, "begin", self._begun),
            (Engine, "commit", self._committed),
            (Engine, "rollback", self._ended),
        ]
        for target, name, hook in hooks:
            event.listen(target, name, hook)
        try:
            yield
        finally:
            for target, name, hook in hooks:
                event.remove(target, name, hook)

    def _checked_out(self, *_: Any) -> None:
        with self._counting:
            self.in_use += 1

    def _checked_in(self, *_: Any) -> None:
        with self._counting:
            self.in_use -= 1

    def _begun(self, *_: Any) -> None:
        with self._counting:
            self.open += 1

    def _committed(self, *_: Any) -> None:
        with self._counting:
            self.commits += 1
            self.open -= 1

    def _ended(self, *_: Any) -> None:
        with self._counting:
            self.open -= 1


class Observer:
    """A provider that answers only when nothing is open; what its caller held would stay open.

    Another message's outcome may be on its way into the database at the same moment.
    """

    name = "observer"
    per_s = float("inf")
    at_once = 1

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.seen: list[tuple[int, int]] = []

    async def send(self, outgoing: Outgoing) -> Answer:
        del outgoing
        await until(lambda: (self._watch.in_use, self._watch.open) == (0, 0))
        self.seen.append((self._watch.in_use, self._watch.open))
        return Accepted(self.name)

    async def close(self) -> None:
        """Hold nothing open."""


async def test_no_transaction_is_open_during_a_providers_call(
    notify_database: Database, clock: FakeClock
) -> None:
    watch = Watch()
    observer = Observer(watch)
    house = House(notify_database, clock, {Channel.IN_APP: InApp(), Channel.EMAIL: observer})
    await house.know(REQUESTER, "p1@school.example")

    with watch.on():
        for number in range(3):
            await house.take(purchase_event(fund.PurchaseApproved, purchase_id=f"p-{number}"))
            await house.delivery.drain()
        within = await notify_database.write(lambda _: (watch.in_use, watch.open))

    assert within == (1, 1)
    assert observer.seen == [(0, 0)] * 3
    assert watch.commits >= 9
