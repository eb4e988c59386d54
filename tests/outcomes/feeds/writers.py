"""Eight writers who write before any commits, and then commit in another order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from sqlalchemy import Connection, Engine

from services.outcomes.feeds import facts
from tests.outcomes.feeds.house import fact

WRITERS, FACTS_EACH = 8, 3
Commit = Callable[[], None]


def eight_writers(
    engines: list[Engine], chance: random.Random, *, tenant: str, first: int
) -> Iterator[Commit]:
    """Let each writer write before any commits, and yield their commits in another order."""
    with ExitStack() as stack:
        opened = []
        for place, engine in enumerate(engines):
            connection = stack.enter_context(engine.connect())
            transaction = connection.begin()
            write(connection, tenant, first + place)
            opened.append(transaction)
        chance.shuffle(opened)
        for transaction in opened:
            yield transaction.commit


def write(connection: Connection, tenant: str, number: int) -> None:
    """Write the facts of one writer in one round; each of another child."""
    new = [fact(f"c{number}-{place}") for place in range(FACTS_EACH)]
    facts.add(connection, tenant, new)
