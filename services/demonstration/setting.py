"""Before the first request: money banked and allocated, schools, calendars, children, people."""

from __future__ import annotations

from services.demonstration.api import Json
from services.demonstration.calendar import HALF_TERMS, day_json, spans
from services.demonstration.stage import Stage, pounds

SOURCES = {
    "council": ("SOURCE_KIND_COUNCIL", "Council inclusion grant", "Demonstration council", 60_000),
    "trust": (
        "SOURCE_KIND_PHILANTHROPIC",
        "Willow Trust attendance award",
        "The Willow Trust",
        30_000,
    ),
    "society": (
        "SOURCE_KIND_BUSINESS",
        "Harbour Building Society gift",
        "Harbour Building Society",
        15_000,
    ),
}
TRUST_CATEGORIES = ("mentoring", "counselling", "travel", "food")
LIMIT_POUNDS = 1_000
SECOND_LIMIT_POUNDS = 5_000


async def bank_awards(stage: Stage, names: tuple[str, ...]) -> int:
    """Create the named sources and bank their awards; return the pounds banked."""
    for name in names:
        kind, title, funder, amount = SOURCES[name]
        terms: Json = {"carry_forward_rule": "CARRY_FORWARD_RULE_KEEP", "reporting_label": title}
        if name == "trust":
            terms["categories"] = list(TRUST_CATEGORIES)
        source = await stage.call(
            "fund.SourcesService.CreateSource",
            "officer",
            {
                "name": title,
                "kind": kind,
                "funder": funder,
                "terms": terms,
                "pledged": pounds(amount),
            },
        )
        stage.source_ids[name] = source["id"]
        await stage.call(
            "fund.SourcesService.BankAward",
            "officer",
            {
                "source_id": source["id"],
                "amount": pounds(amount),
                "receipt_reference": f"BACS {name} 2025-09",
            },
        )
    return sum(SOURCES[name][3] for name in names)


async def allocate_budgets(stage: Stage, year: int) -> None:
    """Create the year's fund and a budget for each cluster, and allocate to them."""
    period = {"kind": "PERIOD_KIND_ACADEMIC_YEAR", "start_year": year}
    top = await stage.call(
        "fund.BudgetsService.CreateBudget",
        "officer",
        {
            "scope": "BUDGET_SCOPE_FUND",
            "name": f"Local response fund {year}/{year % 100 + 1}",
            "period": period,
        },
    )
    stage.budget_ids[f"fund-{year}"] = top["id"]
    for cluster in sorted({school.cluster for school in stage.borough.schools}):
        urns = [school.urn for school in stage.borough.schools if school.cluster == cluster]
        budget = await stage.call(
            "fund.BudgetsService.CreateBudget",
            "officer",
            {
                "parent_id": top["id"],
                "scope": "BUDGET_SCOPE_CLUSTER",
                "name": f"{cluster} cluster {year}/{year % 100 + 1}",
                "school_urns": urns,
                "period": period,
            },
        )
        stage.budget_ids[f"{cluster}-{year}"] = budget["id"]
        await _fill(stage, budget["id"])


async def _fill(stage: Stage, budget_id: str) -> None:
    """Allocate a sixth of each source: three clusters in each of two years."""
    for name, source_id in stage.source_ids.items():
        await stage.call(
            "fund.BudgetsService.AllocateBudget",
            "officer",
            {
                "budget_id": budget_id,
                "source_id": source_id,
                "amount": pounds(SOURCES[name][3] // 6),
            },
        )


async def delegate_limits(stage: Stage) -> None:
    """Give both officers a limit; neither sets their own."""
    for setter, officer, limit in (
        ("officer-two", "officer", LIMIT_POUNDS),
        ("officer", "officer-two", SECOND_LIMIT_POUNDS),
    ):
        await stage.call(
            "fund.ApprovalsService.SetDelegatedLimit",
            setter,
            {
                "officer_id": stage.cast[officer].subject,
                "limit": pounds(limit),
                "valid_from_date": day_json(HALF_TERMS[0][0]),
            },
        )


async def open_schools(stage: Stage) -> Json:
    """Import the schools and the authority's calendar."""
    schools = [
        {
            "urn": school.urn,
            "laestab": school.laestab,
            "name": school.name,
            "phase": f"PHASE_{school.phase}",
            "cluster": school.cluster,
        }
        for school in stage.borough.schools
    ]
    answer = await stage.call(
        "outcomes.SchoolsService.ImportSchools", "administrator", {"schools": schools}
    )
    await stage.call(
        "outcomes.SchoolsService.SetCalendar", "administrator", {"urn": "", "spans": spans()}
    )
    return answer


async def enrol_children(stage: Stage) -> Json:
    """Import every child with identifiers and an enrolment from the first day of the story."""
    children = stage.borough.children
    first = HALF_TERMS[0][0].isoformat()
    answer = await stage.call(
        "outcomes.ChildrenService.ImportChildren",
        "liaison",
        {
            "columns": {
                "urns": [child.urn for child in children],
                "upns": [child.upn for child in children],
                "forenames": [child.forename for child in children],
                "surnames": [child.surname for child in children],
                "dates_of_birth": [child.date_of_birth.isoformat() for child in children],
                "first_dates": [first] * len(children),
            }
        },
    )
    stage.child_ids.extend(answer["child_ids"])
    return answer


async def register_recipients(stage: Stage) -> None:
    """Tell notify how staff are reached; addresses are of a reserved domain.

    The payments officer decides nothing, so no message about a request is for them.
    """
    reached = {part: who for part, who in stage.cast.items() if part != "payments"}
    for part, persona in reached.items():
        await stage.call(
            "notify.RecipientsService.UpsertRecipient",
            "administrator",
            {
                "subject": persona.subject,
                "role": persona.role,
                "schools": list(persona.schools),
                "email": f"{part}.{persona.tenant.lower()}@example.org",
            },
        )
