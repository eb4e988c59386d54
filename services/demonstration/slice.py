"""The main job from an award to a measured change, as steps that each say what they saw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta

import numpy as np

from services.chassis.errors import PermissionDenied
from services.demonstration import registers, setting, sharing, support
from services.demonstration.api import Json
from services.demonstration.calendar import HALF_TERMS, day_json, half_terms
from services.demonstration.seeing import StepFailed, expect, refused, until
from services.demonstration.stage import Stage, pence_of, pounds, weekday_after

Step = Callable[[Stage], Awaitable[Json]]
COHORT = 12
REQUESTED = date(2026, 1, 7)
_MEASURED_UNTIL = date(2026, 7, 20)


async def award(stage: Stage) -> Json:
    """Bank the awards of every source; the same receipt twice is refused."""
    stage.at(HALF_TERMS[0][0], 8)
    banked = await setting.bank_awards(stage, tuple(setting.SOURCES))
    again = {
        "source_id": stage.source_ids["council"],
        "amount": pounds(1),
        "receipt_reference": "BACS council 2025-09",
    }
    reason = await refused(stage.call("fund.SourcesService.BankAward", "officer", again))
    return {"banked_pounds": banked, "second_receipt": reason}


async def budgets(stage: Stage) -> Json:
    """Allocate to a budget for each cluster; more than is banked is refused."""
    await setting.allocate_budgets(stage, 2025)
    await setting.delegate_limits(stage)
    name = next(name for name in stage.budget_ids if not name.startswith("fund"))
    body = {
        "budget_id": stage.budget_ids[name],
        "source_id": stage.source_ids["society"],
        "amount": pounds(9_000),
    }
    reason = await refused(stage.call("fund.BudgetsService.AllocateBudget", "officer", body))
    return {"budgets": len(stage.budget_ids), "more_than_banked": reason}


async def places(stage: Stage) -> Json:
    """Import schools, the calendar, children and their enrolments, and who is reached where."""
    schools = await setting.open_schools(stage)
    children = await setting.enrol_children(stage)
    await setting.register_recipients(stage)
    return {"schools": schools["added"], "children": children["added"]}


async def marks_before(stage: Stage) -> Json:
    """Import the registers of the first two half-terms."""
    return await _marks(stage, 0, 2)


async def request(stage: Stage) -> Json:
    """Submit for the children who were absent most; reserve, and name what the pot lacks."""
    stage.at(REQUESTED, 9)
    chosen = cohort(stage)
    purchases = []
    for place, child in enumerate(chosen):
        need = support.NEEDS[place % 3]
        review = REQUESTED + timedelta(days=120)
        purchases.append(await support.submit(stage, [child], need, review=review))
    expect({p["state"] for p in purchases}, {"PURCHASE_STATE_SUBMITTED"})
    held = sum(pence_of(purchase["money"]["reserved"]) for purchase in purchases)
    expect(held, sum(pence_of(purchase["cost"]) for purchase in purchases))
    return {"submitted": len(purchases), "reserved_pence": held}


async def query_and_answer(stage: Stage) -> Json:
    """Ask about one request and answer it."""
    purchase = (await _requests(stage, "PURCHASE_STATE_SUBMITTED"))[0]
    child = stage.child_ids.index(purchase["child_ids"][0])
    stage.at(REQUESTED, 11)
    reason = {"reason": "Could the sessions be held at school?"}
    queried = await support.move(stage, "QueryPurchase", "officer", purchase, **reason)
    answer = {"reason": "Yes, in the library from three o'clock."}
    answered = await support.move(
        stage, "AnswerPurchase", stage.requester_for(child), queried, **answer
    )
    expect(answered["state"], "PURCHASE_STATE_SUBMITTED")
    return {"queried": queried["state"], "answered": answered["state"]}


async def approve(stage: Stage) -> Json:
    """Approve within limits; the requester, a stale etag and too much for a limit are refused."""
    stage.at(REQUESTED, 14)
    waiting = await _requests(stage, "PURCHASE_STATE_SUBMITTED")
    child = stage.child_ids.index(waiting[0]["child_ids"][0])
    self_approval = await refused(
        support.move(stage, "ApprovePurchase", stage.requester_for(child), waiting[0])
    )
    stale = await refused(
        support.move(stage, "ApprovePurchase", "officer", {**waiting[0], "etag": "0"})
    )
    over = set()
    for purchase in waiting:
        try:
            approved = await support.move(stage, "ApprovePurchase", "officer", purchase)
        except PermissionDenied as refusal:
            over.add(refusal.reason)
            approved = await support.move(stage, "ApprovePurchase", "officer-two", purchase)
        expect(approved["state"], "PURCHASE_STATE_APPROVED")
    refusals = {"by_requester": self_approval, "stale_etag": stale, "over_limit": sorted(over)}
    return {"approved": len(waiting), **refusals}


async def fulfil(stage: Stage) -> Json:
    """Order, deliver, invoice and close every approved request."""
    approved = await _requests(stage, "PURCHASE_STATE_APPROVED")
    ordered = weekday_after(REQUESTED, 1)
    for purchase in approved:
        child = stage.child_ids.index(purchase["child_ids"][0])
        closed = await support.fulfil(stage, purchase, child, ordered=ordered)
        expect(closed["state"], "PURCHASE_STATE_CLOSED")
    return {"closed": len(approved)}


async def marks_after(stage: Stage) -> Json:
    """Import the registers of the rest of the year."""
    return await _marks(stage, 2, 6)


async def episodes(stage: Stage) -> Json:
    """See the episodes opened from the events, with every penny that was spent."""
    found = await until(lambda: _episodes(stage), lambda items: len(items) == COHORT)
    cost = sum(pence_of(episode["cost"]) for episode in found)
    return {"episodes": len(found), "cost_pence": cost}


async def child_changes(stage: Stage) -> Json:
    """See each child's rates before and after, once the windows have closed."""
    stage.at(_MEASURED_UNTIL, 16)

    found = [
        await stage.call("outcomes.EpisodesService.GetEpisode", "liaison", {"episode_id": e["id"]})
        for e in await _episodes(stage)
    ]
    first = [episode["changes"][0] for episode in found]
    expect([change["window"] for change in first], ["WINDOW_KIND_FOLLOW_UP_1"] * COHORT)
    directions = [change["direction"] for change in first]
    return {
        "children": len([change for change in first if "change_pp" in change]),
        "improved": directions.count("CHANGE_DIRECTION_IMPROVED"),
        "same": directions.count("CHANGE_DIRECTION_SAME"),
        "worse": directions.count("CHANGE_DIRECTION_WORSE"),
    }


async def results(stage: Stage) -> Json:
    """Cost per child and the change of the cohort, the naive one labelled as naive."""
    run = await stage.call(
        "outcomes.AnalysisService.RunAnalysis",
        "manager",
        {
            "rule": {
                "name": "Spring cohort",
                "index_from": day_json(REQUESTED),
                "index_to": day_json(_MEASURED_UNTIL),
            },
            "seed": "1",
        },
    )

    async def completed() -> Json:
        body = {"analysis_run_id": run["id"]}
        return await stage.call("outcomes.AnalysisService.GetAnalysisRun", "manager", body)

    await until(completed, lambda it: it["state"] == "ANALYSIS_RUN_STATE_COMPLETED")
    found = await stage.call(
        "outcomes.AnalysisService.GetResults", "manager", {"analysis_run_id": run["id"]}
    )
    naive = found["naive_change"]
    if "naive" not in naive["label"].lower():
        raise StepFailed(f"the naive change is labelled {naive['label']!r}")
    return {
        "children": found["counts"]["children"],
        "cost_per_child_pence": pence_of(found["cost_per_child"]),
        "naive_change_pp": naive.get("estimate_pp"),
        "naive_label": naive["label"],
        "adjusted_difference_pp": found["adjusted_difference"].get("estimate_pp"),
    }


async def shared(stage: Stage) -> Json:
    """Publish a release that withstands an attack, and see the evaluator's feed."""
    feed_id = await sharing.agree(stage)
    release = await sharing.publish(stage, "latest")
    verdict = await sharing.attacked(stage, release["id"])
    expect((verdict.under, verdict.recovered), (0, ()))
    page = await sharing.feed(stage, feed_id)
    return {
        "release": release["data_version"],
        "suppressed": verdict.suppressed,
        "recovered": len(verdict.recovered),
        "items": len(page["items"]),
    }


async def told(stage: Stage) -> Json:
    """See that the requester and the officers have messages."""

    async def inbox() -> list[Json]:
        found = await stage.call("notify.MessagesService.ListMessages", "practitioner", {})
        return list(found["messages"])

    found = await until(inbox, lambda items: len(items) > 0)
    officer = await stage.call("notify.MessagesService.ListMessages", "officer", {})
    return {"practitioner": len(found), "officer": len(officer["messages"])}


async def books(stage: Stage) -> Json:
    """Every penny of the awards is in exactly one place."""
    found = await stage.call("fund.SourcesService.ListSources", "auditor", {})
    sources = found["sources"]
    banked = sum(pence_of(source["banked"]) for source in sources)
    budget_list = await stage.call("fund.BudgetsService.ListBudgets", "auditor", {})
    own = [budget["own_figures"] for budget in budget_list["budgets"]]
    parts = ("available", "reserved", "committed", "received", "issued", "spent", "refund_due")
    held = sum(pence_of(figures[part]) for figures in own for part in parts)
    unallocated = sum(pence_of(source["unallocated"]) for source in sources)
    expect(banked, held + unallocated)
    spent = sum(pence_of(figures["spent"]) for figures in own)
    return {"banked_pence": banked, "held_pence": held, "spent_pence": spent}


STEPS: tuple[Step, ...] = (
    award,
    budgets,
    places,
    marks_before,
    request,
    query_and_answer,
    approve,
    fulfil,
    marks_after,
    episodes,
    child_changes,
    results,
    shared,
    told,
    books,
)


OPENING: tuple[Step, ...] = (award, budgets, places, marks_before, request)
"""As much of it as leaves a council with requests that wait."""


def cohort(stage: Stage) -> list[int]:
    """Return the children of the practitioners' schools who were absent most of late."""
    recent = stage.registers.recent_absence(30)
    own = {urn for p in ("practitioner", "practitioner-two") for urn in stage.cast[p].schools}
    children = stage.borough.children
    ranked = (int(child) for child in np.argsort(-recent, kind="stable"))
    return [child for child in ranked if children[child].urn in own][:COHORT]


async def _episodes(stage: Stage) -> list[Json]:
    found = await stage.call("outcomes.EpisodesService.ListEpisodes", "liaison", {})
    return [e for e in found["episodes"] if e["state"] == "EPISODE_STATE_OPEN"]


async def _marks(stage: Stage, first: int, last: int) -> Json:
    terms = half_terms(_MEASURED_UNTIL)[first:last]
    counted = []
    for term in terms:
        stage.at(term.days[-1], 16)
        answer = await registers.import_half_term(stage, term)
        counted.append(int(answer["marks_added"]))
    return {"imports": len(terms), "marks": sum(counted)}


async def waiting(stage: Stage) -> list[Json]:
    """Return the requests that wait for a decision, in order of their references."""
    return await _requests(stage, "PURCHASE_STATE_SUBMITTED")


async def _requests(stage: Stage, state: str) -> list[Json]:
    found = await stage.call(f"{support.PURCHASES}.ListPurchases", "officer", {"states": [state]})
    return [await _whole(stage, purchase) for purchase in _in_order(found["purchases"])]


def _in_order(purchases: list[Json]) -> Iterator[Json]:
    return iter(sorted(purchases, key=lambda purchase: str(purchase["reference"])))


async def _whole(stage: Stage, purchase: Json) -> Json:
    body = {"purchase_id": purchase["id"]}
    return await stage.call(f"{support.PURCHASES}.GetPurchase", "officer", body)
