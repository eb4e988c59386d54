"""What one officer proposes and another confirms."""

from __future__ import annotations

from typing import Any

import pytest
from localresponse.fund.v1 import budgets_service_pb2 as budgets
from localresponse.fund.v1 import money_rules_pb2 as money_rules
from localresponse.fund.v1 import proposals_service_pb2 as pb
from localresponse.fund.v1 import sources_service_pb2 as sources
from sqlalchemy import Connection, update
from sqlalchemy.exc import DBAPIError

from services.fund.storage.tables.controls import proposals
from tests.fund.closing_world import YEAR, confirm, propose, reject, rules
from tests.fund.test_refusals import refusal
from tests.fund.world import FOREIGNER, OFFICER, SCHOOL, SECOND_OFFICER, World, pence, pounds, rid

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


async def test_the_shipped_rules_ask_for_two_officers_above_a_set_sum(fund: World) -> None:
    source, top = await fund.source(banked="30000"), await fund.budget()
    shipped = await fund.call(OFFICER, "GetMoneyRules", pb.GetMoneyRulesRequest())
    sums = (shipped.virement_above, shipped.allocation_above, shipped.return_above)
    assert [pence(each) for each in sums] == [100_000, 1_000_000, 100_000]

    await fund.allocate(top.id, source.id, "10000")
    assert await refusal(fund.allocate(top.id, source.id, "10000.01")) == "SECOND_OFFICER_NEEDED"


async def test_a_sum_that_needs_two_officers_is_not_split_round_them(world: World) -> None:
    fund, school, source = await two_budgets(world)
    await rules(world, virement_above="500", allocation_above="6000", return_above="100")

    assert (await propose(world, "Virement", **virement(fund, school, source))).state == DONE
    second = await propose(world, "Virement", **virement(fund, school, source, "200.01"))
    back = await propose(world, "Virement", **virement(school, fund, source, "300"))
    assert (second.state, back.state) == (WAITING, DONE)
    await confirm(world, second)
    third = await propose(world, "Virement", **virement(fund, school, source, "200"))
    assert third.state == DONE
    await world.allocate(fund.id, source.id, "1000")
    assert await refusal(world.allocate(fund.id, source.id, "0.01")) == "SECOND_OFFICER_NEEDED"
    await world.allocate(school.id, source.id, "0.01")
    half = {"source_id": source.id, "amount": "60"}
    states = [(await propose(world, "Return", **half)).state for _ in range(2)]
    assert states == [DONE, WAITING]

    world.clock.advance(days=31)
    assert (await propose(world, "Return", **half)).state == DONE
    await world.allocate(fund.id, source.id, "100")


async def test_a_new_budget_needs_two_officers_where_the_rules_say_so(world: World) -> None:
    top = await world.budget(name="top")
    asked = money_rules.MoneyRules(virement_above=pounds("1"), budget_by_two=True)
    await confirm(world, await propose(world, "MoneyRules", rules=asked))
    new = budgets.CreateBudgetRequest(
        request_id=rid(),
        parent_id=top.id,
        scope=budgets.BUDGET_SCOPE_SCHOOL,
        name="school",
        school_urns=[SCHOOL],
        period=YEAR,
    )

    assert await refusal(world.call(OFFICER, "CreateBudget", new)) == "SECOND_OFFICER_NEEDED"
    waiting = await propose(world, "Budget", budget=new)
    assert waiting.state == WAITING
    assert (waiting.budget.name, list(waiting.budget.school_urns)) == ("school", [SCHOOL])
    done = await confirm(world, waiting)
    assert (await world.budget_now(done.budget_id)).parent_id == top.id
    again = await propose(world, "Budget", budget=new)
    assert await refusal(confirm(world, again)) == "NAME_TAKEN"
    new.parent_id = rid()
    assert await refusal(propose(world, "Budget", budget=new)) == "BUDGET_NOT_FOUND"


async def test_money_in_no_budget_goes_back_to_its_funder(world: World) -> None:
    _, _, source = await two_budgets(world)

    small = await propose(world, "Return", source_id=source.id, amount="1000")
    large = await propose(world, "Return", source_id=source.id, amount="1000.01")
    above = propose(world, "Return", source_id=source.id, amount="3000.01")

    assert (small.state, large.state) == (DONE, WAITING)
    assert await refusal(above) == "SOURCE_EXHAUSTED"
    assert await refusal(confirm(world, large, OFFICER)) == "PROPOSER_MAY_NOT_CONFIRM"
    await confirm(world, large)
    again = await propose(world, "Return", source_id=source.id, amount="1999.99")
    await confirm(world, again)
    late = propose(world, "Return", source_id=source.id, amount="0.01")
    assert await refusal(late) == "SOURCE_EXHAUSTED"
    request = sources.GetSourceRequest(source_id=source.id)
    now = await world.call(OFFICER, "GetSource", request)
    assert (pence(now.banked), pence(now.returned), pence(now.unallocated)) == (900_000, 400_000, 0)
    assert (await world.events()).count("source.returned") == 3
    assert await propose_reversal(world, small.result_journal_id) == "JOURNAL_NOT_REVERSIBLE"


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
