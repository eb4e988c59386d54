"""The ledger as Beancount reads it, against the entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from beancount import loader
from sqlalchemy import Connection, select

from services.fund.reports.ledger import account_name
from services.fund.storage.tables import entries
from tests.fund.world import World


async def check(world: World, lines: Iterable[str]) -> None:
    """Assert that Beancount finds no error and has the balances of the entries."""
    directives, errors, _ = loader.load_string("\n".join(lines))
    assert errors == []
    theirs: dict[str, int] = defaultdict(int)
    for directive in directives:
        for posting in getattr(directive, "postings", ()):
            theirs[posting.account] += int(posting.units.number * 100)

    def balances(connection: Connection) -> dict[str, int]:
        sums: dict[str, int] = defaultdict(int)
        for row in connection.execute(select(entries)):
            sums[account_name(row.account)] += row.amount
        return sums

    assert theirs == await world.database.read(balances)
