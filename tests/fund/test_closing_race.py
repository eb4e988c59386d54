"""Money that races a closing year on another replica: it is in before the close, or refused."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from services.chassis.unit_of_work import UnitOfWork
from services.fund.commands import budgets, closing, sources
from services.fund.domain.budget import Period, PeriodKind
from services.fund.domain.source import SourceKind
from services.fund.domain.terms import Terms
from tests.fund import books
from tests.fund.test_refusals import refusal
from tests.fund.world import OFFICER, World, migrate
from tests.support.clock import FakeClock
from tests.support.databases import POSTGRESQL, Databases
from tests.support.waiting import until

YEAR = Period(PeriodKind.FINANCIAL_YEAR, 2026)
Post = Callable[[UnitOfWork, Any, Any], object]


def bank(work: UnitOfWork, source: Any, _budget: Any) -> object:
    award = sources.Award(source_id=source.id, amount=500, reference="late", received_on=None)
    return sources.bank(work, award)


def pledge(work: UnitOfWork, _source: Any, _budget: Any) -> object:
    new = sources.NewSource(
        name="Late", kind=SourceKind.OTHER, funder="Late", terms=Terms(), pledged=500
    )
    return sources.create(work, new)


def allocate(work: UnitOfWork, source: Any, budget: Any) -> object:
    return budgets.allocate(work, budgets.Allocation(budget.id, source.id, 500))


@pytest.fixture
async def replicas(databases: Databases, clock: FakeClock) -> AsyncIterator[tuple[World, World]]:
    """Return two services on one PostgreSQL database; its books are checked at the end."""
    url = databases.prepared(POSTGRESQL, "fund", migrate)
    both = (World(url, clock), World(url, clock))
    for each in both:
        each.database.start()
    yield both
    await both[0].database.read(books.check)
    for each in both:
        each.database.close()


def close_year(work: UnitOfWork) -> None:
    closing.soft_close(work, YEAR)
    closing.close(work, YEAR)


class Gate:
    """Holds a command, once, after it has done its work and before it is committed."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def after(self, act: Callable[[UnitOfWork], object]) -> Callable[[UnitOfWork], None]:
        def held(work: UnitOfWork) -> None:
            act(work)
            self.reached.set()
            assert self.open.wait(20)

        return held


@pytest.mark.parametrize("post", [bank, pledge, allocate])
async def test_what_was_decided_before_a_close_and_written_after_it_is_refused(
    replicas: tuple[World, World], post: Post
) -> None:
    first, second = replicas
    source, budget = await first.source(banked="10"), await first.budget()
    gate = Gate()

    held = gate.after(lambda work: post(work, source, budget))
    posting = asyncio.create_task(refusal(first.commands.apply(OFFICER, held)))
    await until(gate.reached.is_set)
    await second.commands.apply(OFFICER, close_year)
    gate.open.set()

    assert await posting == "PERIOD_CLOSED"


async def test_what_comes_while_a_close_is_under_way_waits_for_it_and_is_refused(
    replicas: tuple[World, World],
) -> None:
    first, second = replicas
    source = await first.source(banked="10")
    gate = Gate()

    closed = asyncio.create_task(second.commands.apply(OFFICER, gate.after(close_year)))
    await until(gate.reached.is_set)
    banking = asyncio.create_task(refusal(first.bank(source.id, "5", reference="late")))

    def waiting(connection: Connection) -> bool:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return bool(connection.execute(text(query)).scalar_one())

    await until(lambda: first.database.read(waiting))
    assert not banking.done()
    gate.open.set()
    await closed
    assert await banking == "PERIOD_CLOSED"
