"""The invariants of the ledger, asked of a database as it stands."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from services.fund import verification
from services.fund.storage import tables
from services.fund.storage.tables.columns import BUCKETS


def check(connection: Connection) -> None:
    """Assert what must hold at every committed point."""
    found = verification.verify(connection)
    assert found == [], found
    balances = _balances(connection)
    _entries_are_the_truth_of_pots(connection, balances)
    _entries_are_the_truth_of_sources(connection, balances)
    _no_source_pays_for_another(connection)
    _shares_and_pots_agree(connection)
    below = {account: sum_ for account, sum_ in balances.items() if sum_ < 0}
    assert all(account.startswith(("external:", "vat:control")) for account in below), below


def _balances(connection: Connection) -> dict[str, int]:
    balances: dict[str, int] = defaultdict(int)
    journals: dict[str, int] = defaultdict(int)
    for row in connection.execute(select(tables.entries)):
        balances[row.account] += row.amount
        journals[row.journal_id] += row.amount
    assert not any(journals.values()), "every journal sums to zero"
    known = set(connection.execute(select(tables.journals.c.id)).scalars())
    assert known == set(journals), "every journal has entries, every entry a journal"
    return balances


def _entries_are_the_truth_of_pots(connection: Connection, balances: dict[str, int]) -> None:
    for pot in connection.execute(select(tables.pots)):
        for bucket in BUCKETS:
            assert getattr(pot, bucket) == balances.get(f"pot:{pot.id}:{bucket}", 0)


def _entries_are_the_truth_of_sources(connection: Connection, balances: dict[str, int]) -> None:
    for source in connection.execute(select(tables.sources)):
        for state in ("pledged", "unallocated"):
            assert getattr(source, state) == balances.get(f"source:{source.id}:{state}", 0)


def _no_source_pays_for_another(connection: Connection) -> None:
    pots: dict[str, int] = defaultdict(int)
    for pot in connection.execute(select(tables.pots)):
        pots[pot.source_id] += pot.allocated
    for source in connection.execute(select(tables.sources)):
        assert source.banked == source.unallocated + pots[source.id] + source.returned


def _shares_and_pots_agree(connection: Connection) -> None:
    held: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for share in connection.execute(select(tables.purchase_shares)):
        for bucket in BUCKETS[1:]:
            held[share.pot_id][bucket] += getattr(share, bucket)
    for pot in connection.execute(select(tables.pots)):
        for bucket in BUCKETS[1:]:
            assert getattr(pot, bucket) == held[pot.id][bucket], bucket
