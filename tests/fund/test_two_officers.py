"""What one officer proposes and another confirms."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import proposals_service_pb2 as pb
from sqlalchemy import Connection, update
from sqlalchemy.exc import DBAPIError

from services.fund.storage.tables.controls import proposals
from tests.fund.closing_world import YEAR, confirm, propose, reject, rules
from tests.fund.test_refusals import refusal
from tests.fund.world import FOREIGNER, OFFICER, SCHOOL, SECOND_OFFICER, World, pence, rid

DONE, WAITING = pb.PROPOSAL_STATE_DONE, pb.PROPOSAL_STATE_WAITING


async def two_budgets(world: World) -> tuple[Any, Any, Any]:
    """Return a fund with £5,000 of one source, a school's budget below it, and the source."""
    source = await world.source(banked="9000")
    fund = await world.budget()
    school = await world.budget("SCHOOL", parent_id=fund.id, school_urns=[SCHOOL])
    await world.allocate(fund.id, source.id, "5000")
    return fund, school, source


def virement(fund: Any, school: Any, source: Any, amount: str = "300") -> dict[str, Any]:
    return {
        "budget_id": fund.id,
        "target_budget_id": school.id,
        "source_id": source.id,
        "amount": amount,
    }


async def test_a_small_virement_is_done_at_once_and_moves_no_total(world: World) -> None:
    fund, school, source = await two_budgets(world)

    moved = await propose(world, "Virement", **virement(fund, school, source))

    assert (moved.state, moved.second_officer_needed) == (DONE, False)
    assert pence((await world.budget_now(fund.id)).own_figures.available) == 470_000
    assert pence((await world.budget_now(school.id)).figures.available) == 30_000
    assert pence((await world.budget_now(fund.id)).figures.available) == 500_000
    assert (await world.events())[-1] == "budget.vired"


async def test_a_large_virement_waits_for_another_officer(world: World) -> None:
    fund, school, source = await two_budgets(world)
    asked = await propose(world, "Virement", **virement(fund, school, source, "1000.01"))

    assert asked.state == WAITING
    assert await refusal(confirm(world, asked, OFFICER)) == "PROPOSER_MAY_NOT_CONFIRM"
    assert await refusal(confirm(world, asked, FOREIGNER)) == "PROPOSAL_NOT_FOUND"

    done = await confirm(world, asked)
    assert (done.state, done.decider_id) == (DONE, SECOND_OFFICER.subject)
    assert done.result_journal_id
    assert await refusal(confirm(world, asked)) == "PROPOSAL_DECIDED"


async def test_a_rejected_proposal_moves_nothing(world: World) -> None:
    fund, school, source = await two_budgets(world)
    asked = await propose(world, "Virement", **virement(fund, school, source, "2000"))

    await reject(world, asked)

    assert await refusal(confirm(world, asked)) == "PROPOSAL_DECIDED"
    assert pence((await world.budget_now(school.id)).figures.available) == 0


async def test_virements_that_cannot_be_are_refused_in_order(fund: World) -> None:
    top, school, source = await two_budgets(fund)
    other = await fund.source("Trust", school_urns=["100009"])
    later = await fund.budget(period={"kind": YEAR.kind, "start_year": 2027})

    async def refused(**changes: Any) -> str:
        return await refusal(
            propose(fund, "Virement", **{**virement(top, school, source), **changes})
        )

    assert await refused(budget_id=rid()) == "BUDGET_NOT_FOUND"
    assert await refused(source_id=rid()) == "SOURCE_NOT_FOUND"
    assert await refused(target_budget_id=top.id) == "VIREMENT_INVALID"
    assert await refused(target_budget_id=later.id) == "VIREMENT_INVALID"
    assert await refused(source_id=other.id) == "SOURCE_TERMS_BROKEN"
    assert await refused(amount="5000.01") == "POT_EXHAUSTED"
    assert await refused(amount="0") == "AMOUNT_NOT_POSITIVE"


async def test_the_rules_for_second_officers_are_changed_by_two(fund: World) -> None:
    top, school, source = await two_budgets(fund)
    changed = await rules(fund, virement_above="10", allocation_above="50")

    assert changed.state == DONE
    small = await propose(fund, "Virement", **virement(top, school, source, "10.01"))
    assert small.state == WAITING
    assert await refusal(fund.allocate(top.id, source.id, "51")) == "SECOND_OFFICER_NEEDED"
    asked = await propose(fund, "Allocation", budget_id=top.id, source_id=source.id, amount="51")
    assert (await confirm(fund, asked)).state == DONE


async def test_a_journal_is_reversed_once_by_two_officers(world: World) -> None:
    top, _, _ = await two_budgets(world)
    (journal,) = [each for each in await world.journals() if each.kind == "allocate"]
    asked = await propose(world, "Reversal", journal_id=journal.id)
    again = await propose(world, "Reversal", journal_id=journal.id)

    done = await confirm(world, asked)

    assert pence((await world.budget_now(top.id)).figures.allocated) == 0
    assert await refusal(confirm(world, again)) == "JOURNAL_ALREADY_REVERSED"
    undone = await propose_reversal(world, done.result_journal_id)
    assert undone == "JOURNAL_NOT_REVERSIBLE"
    bank = next(each for each in await world.journals() if each.kind == "bank")
    await confirm(world, await propose(world, "Reversal", journal_id=bank.id))


async def propose_reversal(world: World, journal_id: str) -> str:
    return await refusal(propose(world, "Reversal", journal_id=journal_id))


async def test_money_that_has_gone_on_cannot_be_reversed(fund: World) -> None:
    await fund.money("100")
    bank = next(each for each in await fund.journals() if each.kind == "bank")
    allocate = next(each for each in await fund.journals() if each.kind == "allocate")
    await fund.submit("100")

    banked = await propose(fund, "Reversal", journal_id=bank.id)
    allocated = await propose(fund, "Reversal", journal_id=allocate.id)

    assert await refusal(confirm(fund, banked)) == "SOURCE_EXHAUSTED"
    assert await refusal(confirm(fund, allocated)) == "POT_EXHAUSTED"
    assert await propose_reversal(fund, rid()) == "JOURNAL_NOT_FOUND"


async def test_sql_refuses_a_proposal_that_one_officer_did_alone(world: World) -> None:
    fund, school, source = await two_budgets(world)
    await propose(world, "Virement", **virement(fund, school, source, "2000"))

    def alone(connection: Connection) -> None:
        connection.execute(update(proposals).values(state="done", decider=proposals.c.proposer))

    with pytest.raises(DBAPIError):
        await world.database.write(alone)
