"""What a source's terms allow, rule by rule, and what each refusal names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.fund.domain.amending import Planned, amend, uplift
from services.fund.domain.apportionment import plan, plan_lines
from services.fund.domain.lines import Line, VatRecovery
from services.fund.domain.purchase import State
from services.fund.domain.terms import (
    Circumstances,
    Phase,
    SchoolFacts,
    SchoolPhase,
    Terms,
    VatTreatment,
)
from services.fund.errors import NoEligibleSource, PotExhausted
from tests.fund.values import NEED, TODAY, make_payer, make_purchase, make_share

PRIMARY = SchoolFacts("100001", SchoolPhase.PRIMARY, frozenset({"north"}), 1)
SPECIAL = replace(PRIMARY, phase=SchoolPhase.NOT_APPLICABLE)
STATED = Circumstances((3, 4), "autumn", PRIMARY)
SHOES = Line("shoes", 1, 10_000, 2000, VatRecovery.YES)
LOST = replace(SHOES, recovery=VatRecovery.NO)


def broken(terms: dict[str, Any], **changes: Any) -> tuple[str, ...]:
    return Terms(**terms).broken_by(replace(NEED, circumstances=replace(STATED, **changes)))


@pytest.mark.parametrize(
    ("terms", "rule", "changes"),
    [
        pytest.param({"areas": {"north"}}, "", {}, id="the school's area"),
        pytest.param({"areas": {"south"}}, "area", {}, id="another area"),
        pytest.param({"areas": {"north"}}, "area", {"school": SchoolFacts()}, id="area unknown"),
        pytest.param({"phases": {Phase.PRIMARY}}, "", {}, id="the school's phase"),
        pytest.param({"phases": {Phase.SECONDARY}}, "phase", {}, id="another phase"),
        pytest.param({"phases": {Phase.PRIMARY}}, "", {"school": SPECIAL}, id="years decide"),
        pytest.param(
            {"phases": {Phase.PRIMARY}},
            "phase",
            {"school": SPECIAL, "year_groups": (6, 7)},
            id="one child is in another phase",
        ),
        pytest.param(
            {"phases": set(Phase)},
            "phase",
            {"school": SPECIAL, "year_groups": ()},
            id="phase unknown",
        ),
        pytest.param({"year_groups": {3, 4, 5}}, "", {}, id="all in the years"),
        pytest.param({"year_groups": {3}}, "year_group", {}, id="one in another year"),
        pytest.param(
            {"year_groups": {3}}, "year_group", {"year_groups": ()}, id="years not stated"
        ),
        pytest.param({"cohorts": {"autumn"}}, "", {}, id="the cohort"),
        pytest.param({"cohorts": {"autumn"}}, "cohort", {"cohort": ""}, id="cohort not stated"),
    ],
)
def test_a_restriction_is_met_only_by_what_is_known(
    terms: dict[str, Any], rule: str, changes: dict[str, Any]
) -> None:
    frozen = {name: frozenset(values) for name, values in terms.items()}

    assert broken(frozen, **changes) == tuple(filter(None, (rule,)))


def test_a_refusal_names_every_broken_rule_of_every_source() -> None:
    trust = make_payer("trust", areas=frozenset({"x"}), year_groups=frozenset({9}))
    gone = make_payer("gone", spend_by=TODAY - timedelta(days=1), available=0)

    with pytest.raises(NoEligibleSource) as refused:
        plan([trust, gone], NEED, 5, budget_id="budget")

    said = refused.value.metadata
    assert said["by_source"] == "trust: area, year_group; gone: spend_by, available"
    assert said["rules"] == "area,spend_by,year_group"


def test_what_falls_short_names_the_cap_that_holds_each_source_back() -> None:
    half = make_payer("half", most_share=5000)
    child = make_payer("child", most_per_child=10)

    with pytest.raises(PotExhausted) as refused:
        plan([half, child], NEED, 100, budget_id="budget")

    assert refused.value.metadata["by_source"] == "child: most_per_child; half: match_ratio"


def planned(*payers: Any, line: Line = LOST) -> tuple[list[tuple[str, int]], VatRecovery]:
    found = plan_lines(payers, NEED, (line,), budget_id="budget")
    shares = [(share.pot_id, share.figures.reserved) for share in found.shares]
    return shares, found.lines[0].recovery


def test_money_that_pays_no_vat_leaves_it_to_other_money() -> None:
    net = make_payer("net", vat_treatment=VatTreatment.NET, most_per_child=50_000)
    other = make_payer("other")

    assert planned(net, other)[0] == [("net", 10_000), ("other", 2_000)]
    with pytest.raises(PotExhausted) as refused:
        planned(net)
    assert refused.value.metadata["by_source"] == "net: vat, available"


def test_where_money_pays_all_vat_none_of_it_is_claimed_back() -> None:
    gross = make_payer("gross", 20_000, vat_treatment=VatTreatment.GROSS)
    bound = make_payer("bound", 10_000, categories=frozenset({"uniform"}))

    assert planned(gross, line=SHOES) == ([("gross", 12_000)], VatRecovery.NO)
    assert planned(gross, bound, line=SHOES)[1] is VatRecovery.NO
    enough = make_payer("bound", 12_000, categories=frozenset({"uniform"}))
    assert planned(gross, enough, line=SHOES) == ([("bound", 10_000)], VatRecovery.YES)
    short = make_payer("gross", 1, vat_treatment=VatTreatment.GROSS)
    assert planned(short, bound, line=SHOES) == ([("bound", 10_000)], VatRecovery.YES)


def test_a_rise_counts_what_the_purchase_takes_already() -> None:
    purchase = make_purchase(State.ORDERED, shares=(make_share(committed=5000),))
    own = make_payer("pot-1", most_per_child=6000)
    own = replace(own, pot=replace(own.pot, source_id="source-1"))

    raised = uplift(purchase, 1000, Planned((own,), NEED, "budget")).after
    assert raised.money.committed == 6000
    with pytest.raises(PotExhausted):
        uplift(purchase, 1001, Planned((own,), NEED, "budget"))


def test_an_amendment_is_costed_by_who_pays_now() -> None:
    purchase = make_purchase(shares=(make_share(reserved=5000),))
    gross = make_payer("gross", 20_000, vat_treatment=VatTreatment.GROSS)

    step = amend(purchase, replace(purchase, lines=(SHOES,)), Planned((gross,), NEED, "budget"))

    assert (step.after.cost, step.after.lines[0].recovery) == (12_000, VatRecovery.NO)


@pytest.mark.parametrize(
    ("terms", "school", "rule"),
    [
        pytest.param({"areas": {"south"}}, PRIMARY, "area", id="no school of its areas"),
        pytest.param({"phases": {Phase.SECONDARY}}, PRIMARY, "phase", id="no school of its phase"),
        pytest.param({"phases": {Phase.PRIMARY}}, SPECIAL, "", id="years will decide"),
        pytest.param({"areas": {"south"}}, SchoolFacts("100001"), "", id="nothing recorded yet"),
    ],
)
def test_money_stays_out_of_a_budget_whose_schools_it_cannot_serve(
    terms: dict[str, Any], school: SchoolFacts, rule: str
) -> None:
    frozen: dict[str, Any] = {name: frozenset(values) for name, values in terms.items()}

    assert Terms(**frozen).broken_by_budget([school], TODAY) == rule
