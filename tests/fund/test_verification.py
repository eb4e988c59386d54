"""`verify ledger` finds what somebody altered behind the product's back, and names it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text, update

from services.fund.domain.chain import canonical
from services.fund.domain.ledger import Journal, Kind, transfer
from services.fund.storage import tables
from services.fund.storage.tables import controls
from services.fund.verification import INVARIANTS, Finding, verify
from services.fund.verification.chains import chained
from tests.fund.closing_world import propose
from tests.fund.values import NOW, TODAY
from tests.fund.world import OFFICER, World

Tamper = Callable[[Connection, str], object]
JOURNALS, ENTRIES = tables.journals, tables.entries


def amount(connection: Connection, journal_id: str) -> object:
    mine = ENTRIES.c.journal_id == journal_id
    return connection.execute(update(ENTRIES).where(mine, ENTRIES.c.position == 1).values(amount=7))


def both_sides(connection: Connection, journal_id: str) -> object:
    mine = ENTRIES.c.journal_id == journal_id
    return connection.execute(update(ENTRIES).where(mine).values(amount=ENTRIES.c.amount * 2))


def actor(connection: Connection, journal_id: str) -> object:
    changed = update(JOURNALS).where(JOURNALS.c.id == journal_id).values(actor="somebody")
    return connection.execute(changed)


def gone(connection: Connection, journal_id: str) -> object:
    connection.execute(delete(ENTRIES).where(ENTRIES.c.journal_id == journal_id))
    return connection.execute(delete(JOURNALS).where(JOURNALS.c.id == journal_id))


TAMPERS = [
    pytest.param(amount, {1, 2, 3, 6, 8, 10}, id="one amount"),
    pytest.param(both_sides, {3, 4, 8, 10, 20}, id="both sides"),
    pytest.param(actor, {10, 17}, id="who did it"),
    pytest.param(gone, {3, 8, 10}, id="a journal gone"),
]


async def tampered(world: World, tamper: Tamper) -> tuple[str, list[Finding]]:
    """Alter the journal of an approval with the triggers off, and verify; then put it back."""
    await world.money()
    await world.limit()
    asked = await world.submit()
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    await world.step(OFFICER, "OrderPurchase", asked.id)
    await world.submit("1")
    (journal,) = [each for each in await world.journals(asked.id) if each.kind == "commit"]
    found: list[Finding] = []

    def alter(connection: Connection) -> None:
        names = (
            f"{name}_{end}"
            for name in ("journals", "entries")
            for end in ("no_update", "no_delete")
        )
        for trigger in names:
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        tamper(connection, journal.id)
        found.extend(verify(connection))
        connection.rollback()

    await world.database.write(alter)
    return journal.id, found


@pytest.mark.parametrize(("tamper", "invariants"), TAMPERS)
async def test_an_altered_row_is_found_and_the_journal_named(
    fund: World, tamper: Tamper, invariants: set[int]
) -> None:
    journal_id, found = await tampered(fund, tamper)

    assert {finding.invariant for finding in found} == invariants
    assert tamper is gone or f"journals {journal_id}" in {finding.row for finding in found}


async def test_a_hand_back_that_nobody_proposed_is_found(fund: World) -> None:
    source = await fund.source(banked="100")
    await propose(fund, "Return", source_id=source.id, amount="40")
    found: list[Finding] = []

    def alter(connection: Connection) -> None:
        connection.execute(text("DROP TRIGGER proposals_final"))
        connection.execute(update(controls.proposals).values(journal_id=""))
        columns = tables.sources.c
        more = {"returned": columns.returned + 1, "banked": columns.banked + 1}
        connection.execute(update(tables.sources).values(more))
        found.extend(verify(connection))
        connection.rollback()

    await fund.database.write(alter)
    assert [(each.invariant, each.row.split()[0]) for each in found] == [
        (3, "sources"),
        (12, "journals"),
        (12, "proposals"),
    ]


async def test_the_chain_names_the_first_journal_that_does_not_follow(fund: World) -> None:
    journal_id, found = await tampered(fund, gone)

    broken = [finding for finding in found if finding.invariant == 10]
    assert len(broken) == 1
    assert "follows number" in broken[0].message
    assert journal_id not in broken[0].row


async def test_journals_are_chained_in_the_order_of_their_commits(world: World) -> None:
    await world.money()
    await world.submit()

    def numbers(connection: Connection) -> list[int]:
        assert list(chained(connection)) == []
        ordered = select(JOURNALS.c.sequence).order_by(JOURNALS.c.sequence)
        return list(connection.execute(ordered).scalars())

    assert await world.database.read(numbers) == [1, 2, 3]


def test_every_invariant_is_asked_of_the_database() -> None:
    assert [invariant.number for invariant in INVARIANTS] == list(range(1, 21))
    assert all(invariant.checks for invariant in INVARIANTS)


@given(name=st.text(max_size=40), pence=st.integers(1, 2**53 - 1), sequence=st.integers(1, 2**40))
def test_the_bytes_of_a_journal_are_canonical(name: str, pence: int, sequence: int) -> None:
    journal = Journal(
        id="j",
        tenant="E06000050",
        kind=Kind.BANK,
        actor=name,
        command_id="c",
        booked_at=NOW,
        effective_on=TODAY,
        entries=transfer(f"external:{name}", "source:s:unallocated", pence, source_id="s"),
    )

    body = canonical(journal, sequence)

    assert rfc8785.dumps(json.loads(body)) == body
