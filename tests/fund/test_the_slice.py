"""The main job: from an award to a closed purchase, with its money, its facts and its events."""

from __future__ import annotations

from tests.fund.world import (
    OFFICER,
    PRACTITIONER,
    World,
    pence,
    pounds,
)


async def test_a_purchase_goes_from_request_to_close_and_every_penny_is_where_it_says(
    world: World,
) -> None:
    budget = await world.money("1000")
    await world.limit()

    asked = await world.submit("50")
    await world.step(OFFICER, "QueryPurchase", asked.id, reason="which size?")
    await world.step(PRACTITIONER, "AnswerPurchase", asked.id, reason="six")
    approved = await world.step(OFFICER, "ApprovePurchase", asked.id)
    await world.step(OFFICER, "OrderPurchase", asked.id)
    delivered = await world.step(PRACTITIONER, "RecordDelivery", asked.id, amount=pounds("40"))
    invoiced = await world.step(
        OFFICER, "RecordInvoice", asked.id, invoice_number="A 1", net=pounds("40")
    )
    closed = await world.step(OFFICER, "ClosePurchase", asked.id)
    after = await world.budget_now(budget.id)

    assert pence(approved.money.committed) == 5000
    assert pence(delivered.money.received) == 4000
    assert pence(invoiced.money.spent) == 4000
    assert pence(closed.money.released) == 1000
    assert pence(after.figures.available) == 96000
    assert pence(after.figures.spent) == 4000


async def test_every_step_has_its_fact_and_its_event(world: World) -> None:
    await world.money()
    await world.limit()

    asked = await world.submit()
    await world.step(OFFICER, "ApprovePurchase", asked.id, reason="needed")
    await world.step(OFFICER, "OrderPurchase", asked.id)
    await world.step(PRACTITIONER, "RecordDelivery", asked.id)
    seen = await world.get(asked.id)

    actions = [fact.action for fact in seen.timeline]
    assert actions == ["submitted", "approved", "ordered", "delivered"]
    assert [fact.sequence for fact in seen.timeline] == [1, 2, 3, 4]
    assert seen.timeline[1].reason == "needed"
    assert (await world.events())[2:] == [f"purchase.{action}" for action in actions]


async def test_what_a_decision_would_leave_is_shown_to_an_officer_and_to_nobody_else(
    world: World,
) -> None:
    await world.money("1000")
    await world.limit(amount="60")
    asked = await world.submit("50")

    officers = await world.get(asked.id, OFFICER)
    requesters = await world.get(asked.id, PRACTITIONER)

    context = officers.decision_context
    assert pence(context.left_if_approved) == 95000
    assert pence(context.left_if_declined) == 100000
    assert pence(context.your_limit) == 6000
    assert context.may_approve
    assert not requesters.HasField("decision_context")


async def test_journals_of_a_purchase_tell_each_move(world: World) -> None:
    await world.money()
    await world.limit()
    asked = await world.submit()
    await world.step(OFFICER, "ApprovePurchase", asked.id, approved_amount=pounds("30"))

    journals = await world.journals(asked.id)

    assert sorted(journal.kind for journal in journals) == ["commit", "release", "reserve"]
    assert all(sum(entry.amount_minor for entry in journal.entries) == 0 for journal in journals)
