"""What the database itself refuses, whoever asks it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Executable, delete, insert, text, update

from services.fund.storage import tables
from services.fund.storage.tables import controls
from tests.fund.by_sql import answers, row_of, unexpected
from tests.fund.closing_world import propose
from tests.fund.world import OFFICER, World

ADDED = "only ever added to"
SHARES, POTS = tables.purchase_shares, tables.pots
CHANGES: dict[str, tuple[Executable, str]] = {
    "an entry is changed": (update(tables.entries).values(amount=1), ADDED),
    "an entry is deleted": (delete(tables.entries), ADDED),
    "a journal is changed": (update(tables.journals).values(kind="gift"), ADDED),
    "a journal is chained anew": (update(tables.journals).values(hash=bytes(32)), ADDED),
    "a journal is deleted": (delete(tables.journals), ADDED),
    "a fact is changed": (update(tables.purchase_facts).values(reason=""), ADDED),
    "a fact is deleted": (delete(tables.purchase_facts), ADDED),
    "a decision is changed": (update(tables.decisions).values(amount=1), ADDED),
    "a decision is deleted": (delete(tables.decisions), ADDED),
    "a limit is changed": (update(tables.delegated_limits).values(amount=900_00), ADDED),
    "a limit is deleted": (delete(tables.delegated_limits), ADDED),
    "who took part is changed": (
        update(tables.approving.approval_people).values(person="somebody"),
        ADDED,
    ),
    "a receipt is deleted": (delete(tables.receipts), ADDED),
    "terms are changed": (update(tables.source_terms).values(most_per_child=1), ADDED),
    "a pot grows": (update(POTS).values(available=POTS.c.available + 1), "pots_allocated_adds_up"),
    "a pot is overdrawn": (
        update(POTS).values(available=-1, reserved=POTS.c.allocated + 1),
        "_not_negative|adds_up",
    ),
    "a pot is closed over live money": (update(POTS).values(closed=True), "pots_closed_holds"),
    "a pot is another source's": (update(POTS).values(source_id="other"), "for good"),
    "a pot is deleted": (delete(POTS), "pots are kept"),
    "the requester approves": (
        update(tables.purchases).values(approver=tables.purchases.c.requester),
        "approver_not_requester|nobody decided",
    ),
    "a purchase is deleted": (delete(tables.purchases), "purchases are kept"),
    "a share spends what it has not": (update(SHARES).values(spent=1), "held_adds_up"),
    "a share is another pot's": (update(SHARES).values(pot_id="other"), "for good"),
    "a share is deleted": (delete(SHARES), "purchase_shares are kept"),
    "a source grows": (update(tables.sources).values(unallocated=1), "sources_banked_adds_up"),
    "a source is another funder's": (update(tables.sources).values(funder="Me"), "for good"),
    "a budget is another year's": (update(tables.budgets).values(start_year=2030), "for good"),
    "a year is reopened by one officer": (
        insert(tables.period_facts).values(
            period_id="p",
            position=1,
            tenant="E06000050",
            action="reopened",
            state="soft_closed",
            actor="officer-1",
            second="",
            reason="alone",
            at=datetime(2027, 4, 1, tzinfo=UTC),
        ),
        "period_facts_reopened_by_two",
    ),
}


async def test_books_cannot_be_changed_behind_their_back(world: World) -> None:
    await world.money()
    await world.limit()
    asked = await world.submit()
    await world.step(OFFICER, "ApprovePurchase", asked.id)

    answered = await answers(world, {name: each for name, (each, _) in CHANGES.items()})

    expected = {name: words for name, (_, words) in CHANGES.items()}
    assert unexpected(answered, expected) == {}


async def test_a_proposal_keeps_what_was_proposed_and_how_it_ended(world: World) -> None:
    source = await world.source(banked="100")
    await propose(world, "Return", source_id=source.id, amount="40")
    table = controls.proposals

    answered = await answers(
        world,
        {
            "more": update(table).values(amount=500_00),
            "by another": update(table).values(proposer="somebody"),
            "again": update(table).values(state="waiting"),
            "deleted": delete(table),
        },
    )

    expected = {
        "more": "for good|it was decided",
        "by another": "for good|it was decided",
        "again": "it was decided",
        "deleted": "proposals are kept",
    }
    assert unexpected(answered, expected) == {}


async def test_no_table_of_the_books_is_emptied_or_written_over_at_once(world: World) -> None:
    await world.money()
    await world.limit()
    asked = await world.submit()
    await world.step(OFFICER, "ApprovePurchase", asked.id)
    kept = [table.name for table in tables.INSERT_ONLY]
    kept += [table.name for table in (tables.purchases, SHARES, POTS, tables.sources)]
    on_postgresql = world.database.url.startswith("postgresql")
    at_once: dict[str, Executable]
    if on_postgresql:
        at_once = {name: text(f"TRUNCATE {name} CASCADE") for name in kept}
    else:
        row = await row_of(world, tables.decisions)
        over = insert(tables.decisions).prefix_with("OR REPLACE")
        at_once = {"decisions": over.values({**row, "id": "other"})}
        row = await row_of(world, tables.delegated_limits)
        over = insert(tables.delegated_limits).prefix_with("OR REPLACE")
        at_once["delegated_limits"] = over.values({**row, "amount": 900_00})

    answered = await answers(world, at_once)

    assert unexpected(answered, dict.fromkeys(at_once, f"{ADDED}|are kept")) == {}
