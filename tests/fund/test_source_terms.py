"""Terms as the service holds them: recorded, versioned, and held against what a request states."""

from __future__ import annotations

from typing import Any

import pytest
from google.type.date_pb2 import Date
from localresponse.fund.v1 import purchase_types_pb2 as types
from localresponse.fund.v1 import sources_service_pb2 as pb

from services.chassis.errors import ServiceError
from tests.fund.closing_world import propose
from tests.fund.test_refusals import refusal
from tests.fund.world import MANAGER, OFFICER, SCHOOL, World, pence, pounds, rid

BOUND: dict[str, Any] = {
    "school_urns": [SCHOOL],
    "areas": ["north"],
    "categories": ["uniform"],
    "phases": [pb.PHASE_PRIMARY],
    "year_groups": [3, 4],
    "cohorts": ["autumn"],
    "spend_by_date": Date(year=2027, month=3, day=31),
    "most_per_child": pounds("100"),
    "most_share_basis_points": 5000,
    "carry_forward_rule": pb.CARRY_FORWARD_RULE_KEEP,
    "vat_treatment": pb.VAT_TREATMENT_NET,
    "reporting_label": "Belonging",
}
STATED: dict[str, Any] = {"year_groups": [4, 3], "cohort": "autumn"}


async def record(world: World, urn: str = SCHOOL, **facts: Any) -> Any:
    facts = {"phase": pb.SCHOOL_PHASE_PRIMARY, "areas": ["north"], **facts}
    request = pb.SetSchoolFactsRequest(request_id=rid(), school_urn=urn, **facts)
    return await world.call(MANAGER, "SetSchoolFacts", request)


async def bound(world: World) -> tuple[Any, Any]:
    """Return a fund with £100 of a source that every rule binds, and £500 of one that none does."""
    trust, council = await world.source("Trust", "100", **BOUND), await world.source(banked="500")
    fund = await world.budget()
    await world.allocate(fund.id, trust.id, "100")
    await world.allocate(fund.id, council.id, "500")
    return trust, council


async def test_every_term_is_kept_and_a_new_version_leaves_what_was_promised(world: World) -> None:
    trust, _ = await bound(world)
    assert trust.terms == pb.SourceTerms(**BOUND)
    await record(world)
    before = await world.submit("80", **STATED)

    narrow = pb.SourceTerms(**{**BOUND, "cohorts": ["spring"]})
    request = pb.SetSourceTermsRequest(request_id=rid(), source_id=trust.id, terms=narrow)
    assert (await world.call(OFFICER, "SetSourceTerms", request)).terms_version == 2
    after = await world.submit("80", **STATED)

    shares = [(each.source_name, pence(each.money.reserved)) for each in before.apportionments]
    assert shares == [("Trust", 4000), ("Council", 4000)]
    assert [each.source_name for each in after.apportionments] == ["Council"]
    assert (list(before.year_groups), before.cohort) == ([3, 4], "autumn")


@pytest.mark.parametrize(
    ("facts", "stated", "rules"),
    [
        pytest.param({}, {}, "cohort,year_group", id="nothing stated"),
        pytest.param({"areas": []}, STATED, "area", id="the school is in no area"),
        pytest.param({"phase": pb.SCHOOL_PHASE_SECONDARY}, STATED, "phase", id="another phase"),
        pytest.param({}, {**STATED, "year_groups": [3, 6]}, "year_group", id="another year"),
        pytest.param({}, {**STATED, "category": "food"}, "category", id="another category"),
    ],
)
async def test_a_refusal_names_what_failed_for_each_source(
    fund: World, facts: dict[str, Any], stated: dict[str, Any], rules: str
) -> None:
    await fund.money("100", **BOUND)
    await record(fund, **facts)

    with pytest.raises(ServiceError) as refused:
        await fund.submit("10", **stated)

    assert refused.value.reason == "NO_ELIGIBLE_SOURCE"
    assert refused.value.metadata["rules"] == rules
    assert refused.value.metadata["by_source"].startswith("Council: ")


async def test_the_facts_of_a_school_are_versions_that_others_may_not_overwrite(
    world: World,
) -> None:
    first = await record(world)
    await record(world, areas=["south"], etag=first.etag)
    stale = record(world, areas=["west"], etag=first.etag)

    assert await refusal(stale) == "ETAG_STALE"
    listed = await world.call(OFFICER, "ListSchoolFacts", pb.ListSchoolFactsRequest(page_size=1))
    (school,) = listed.schools
    assert (school.etag, list(school.areas)) == ("2", ["south"])


async def test_money_goes_into_no_budget_that_it_cannot_serve(fund: World) -> None:
    await record(fund, areas=["south"])
    trust = await fund.source("Trust", "10", areas=["north"])
    top = await fund.budget()
    school = await fund.budget("SCHOOL", parent_id=top.id, school_urns=[SCHOOL])
    into_school = {"budget_id": school.id, "source_id": trust.id, "amount": "1"}

    assert await refusal(fund.allocate(school.id, trust.id, "1")) == "SOURCE_TERMS_BROKEN"
    assert await refusal(propose(fund, "Allocation", **into_school)) == "SOURCE_TERMS_BROKEN"
    await record(fund)
    await fund.allocate(school.id, trust.id, "1")


async def test_vat_that_a_source_pays_is_not_claimed_back(world: World) -> None:
    await world.money("100", vat_treatment=pb.VAT_TREATMENT_GROSS)
    await world.limit()
    claimed = {"vat_recovery": types.VAT_RECOVERY_YES}
    line = types.PurchaseLine(
        description="shoes", quantity=1, unit_price=pounds("50"), vat_rate_basis_points=2000
    )
    line.vat_recovery = types.VAT_RECOVERY_YES
    asked = await world.submit(lines=[line])
    for step in ("ApprovePurchase", "OrderPurchase"):
        await world.step(OFFICER, step, asked.id)

    assert pence(asked.cost) == 6000
    paper = {"invoice_number": "1", "net": pounds("50"), "vat": pounds("10")}
    late = world.step(OFFICER, "RecordInvoice", asked.id, **paper, **claimed)
    assert await refusal(late) == "VAT_NOT_CLAIMED_BACK"
    paid = await world.step(OFFICER, "RecordInvoice", asked.id, **paper)
    assert pence(paid.money.spent) == 6000
