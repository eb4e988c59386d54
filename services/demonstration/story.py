"""The demonstration's year: registers come in, children are supported, and some requests wait.

Told through the public API with the clock moved from day to day, so that every moment in the
ledgers is one at which it could have happened. The same seed tells the same story.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from services.demonstration import (
    buying,
    happenings,
    measuring,
    paying,
    recent,
    registers,
    setting,
    sharing,
    support,
)
from services.demonstration.api import Json
from services.demonstration.calendar import HALF_TERMS, day_json, half_terms
from services.demonstration.stage import Stage, weekday_after

TODAY = date(2026, 11, 20)
"""The Friday on which the story leaves its visitor."""

SOURCES = ("council", "trust", "society")


@dataclass(frozen=True, slots=True)
class Cohort:
    """Children who are supported from one date on.

    Attributes:
        name: For the analysis.
        requested: The day of the requests; marks up to the half-term before are known.
        children: How many, those who were absent most first.
        returned: How many of their payments the bank returns, to be made again.
    """

    name: str
    requested: date
    children: int
    returned: int = 0


COHORTS = (
    Cohort("Autumn half-term", date(2025, 11, 5), 17),
    Cohort("Spring", date(2026, 1, 7), 16),
    Cohort("Spring half-term", date(2026, 2, 25), 14),
    Cohort("Summer", date(2026, 4, 15), 12),
    Cohort("Summer half-term", date(2026, 6, 3), 9, returned=1),
)
LIVE_REQUESTED = date(2026, 11, 12)


async def tell(stage: Stage) -> AsyncIterator[tuple[str, int]]:
    """Tell the whole story; yields what was done and how far along it is, in percent."""
    stage.at(HALF_TERMS[0][0], 8)
    await setting.bank_awards(stage, SOURCES)
    await setting.delegate_limits(stage)
    for year in (2025, 2026):
        await setting.allocate_budgets(stage, year)
    yield "awards banked and allocated", 8
    await setting.open_schools(stage)
    await setting.enrol_children(stage)
    await setting.register_recipients(stage)
    feed_id = await sharing.agree(stage)
    yield "schools, children and people", 15
    funded: set[int] = set()
    terms = half_terms(TODAY)
    for term in terms:
        started = [c for c in COHORTS if _opens(c, term.days)]
        for cohort in started:
            purchases, invoiced = await _support(stage, cohort, funded)
            if cohort is COHORTS[0]:
                await paying.set_payees(stage, paying.suppliers_of(purchases), invoiced)
            await paying.pay(stage, invoiced, returned=cohort.returned)
        stage.at(term.days[-1], 16)
        await registers.import_half_term(stage, term)
        await happenings.record_half_term(stage, term)
        yield f"registers of half-term {term.number + 1}", 15 + 8 * (term.number + 1)
    bought = await recent.buy(stage, _absent_most(stage, recent.CHILDREN, funded))
    breakfast = await _live(stage, funded)
    await recent.leave_waiting(stage, bought, breakfast, TODAY)
    yield "requests and invoices that wait", 90
    stage.at(TODAY, 9)
    for cohort in COHORTS:
        await measuring.name_cohort(stage, cohort.name, cohort.requested)
    run = await _analyse(stage)
    yield "results", 95
    await sharing.publish(stage, run["id"])
    await sharing.feed(stage, feed_id)
    yield "a release and a feed", 100


def _opens(cohort: Cohort, days: tuple[date, ...]) -> bool:
    return days[0] - timedelta(days=7) <= cohort.requested <= days[-1]


def _absent_most(stage: Stage, count: int, funded: set[int]) -> list[int]:
    recent = stage.registers.recent_absence(30)
    ranked = [int(child) for child in np.argsort(-recent, kind="stable")]
    # Every second child who meets the trigger is left unfunded, to be compared with.
    eligible = [child for child in ranked if recent[child] >= 0.2 and child % 2 == 0]
    chosen = [child for child in eligible if child not in funded][:count]
    funded.update(chosen)
    return chosen


async def _support(stage: Stage, cohort: Cohort, funded: set[int]) -> tuple[list[Json], date]:
    """Return a cohort's purchases, closed, and the day of their invoices."""
    chosen = _absent_most(stage, cohort.children, funded)
    stage.at(cohort.requested, 10)
    await measuring.observe(stage, chosen, cohort.requested)
    received, day = await buying.receive(stage, chosen, cohort.requested)
    invoiced = weekday_after(day, 3)
    return await buying.settle(stage, received, invoiced), invoiced


async def _live(stage: Stage, funded: set[int]) -> Json:
    """Leave purchases in every state, as an ordinary week would; return the breakfasts."""
    chosen = _absent_most(stage, 12, funded)
    stage.at(LIVE_REQUESTED, 9)
    review = LIVE_REQUESTED + timedelta(days=120)
    asked = [
        await support.submit(stage, [child], support.NEEDS[place % 5], review=review)
        for place, child in enumerate(chosen)
    ]
    together = _same_school(stage, chosen)
    asked.append(await support.submit(stage, together, support.BREAKFAST, review=review))
    stage.at(LIVE_REQUESTED, 13)
    await _reply(stage, asked, chosen)
    stage.at(LIVE_REQUESTED + timedelta(days=1), 10)
    approved = [await support.approve(stage, purchase) for purchase in asked[5:9]]
    await support.move(
        stage, "CancelPurchase", "officer", approved[0], reason="The supplier has closed."
    )
    ordered = [
        await support.move(stage, "OrderPurchase", "officer", purchase) for purchase in approved[2:]
    ]
    stage.at(LIVE_REQUESTED + timedelta(days=5), 12)
    await support.move(
        stage, "RecordDelivery", stage.requester_for(chosen[8]), ordered[1],
        delivered_date=day_json(LIVE_REQUESTED + timedelta(days=5)),
    )  # fmt: skip
    return asked[-1]


async def _reply(stage: Stage, asked: list[Json], chosen: list[int]) -> None:
    query = {"reason": "Which days will the sessions be on?"}
    await support.move(stage, "QueryPurchase", "officer", asked[1], **query)
    queried = await support.move(stage, "QueryPurchase", "officer", asked[2], **query)
    answer = {"reason": "Tuesdays and Thursdays, after lunch."}
    await support.move(stage, "AnswerPurchase", stage.requester_for(chosen[2]), queried, **answer)
    decline = {"reason": "The school's own uniform fund pays for this."}
    await support.move(stage, "DeclinePurchase", "officer", asked[4], **decline)
    await support.move(
        stage, "WithdrawPurchase", stage.requester_for(chosen[3]), asked[3],
        reason="The family was given one.",
    )  # fmt: skip


def _same_school(stage: Stage, chosen: list[int]) -> list[int]:
    urn = stage.borough.children[chosen[0]].urn
    recent = stage.registers.recent_absence(30)
    roll = sorted(stage.borough.roll(urn), key=lambda child: -recent[child])
    return [child for child in roll if child not in chosen][:6]


async def _analyse(stage: Stage) -> Json:
    return await stage.call(
        "outcomes.AnalysisService.RunAnalysis",
        "manager",
        {
            "rule": {
                "name": "All children supported in 2025/26",
                "index_from": day_json(HALF_TERMS[0][0]),
                "index_to": day_json(HALF_TERMS[5][1]),
            },
            "seed": "2026",
        },
    )
