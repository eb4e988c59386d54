"""Which source pays, and how a plan is followed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.fund.domain.apportionment import plan
from services.fund.domain.lines import Line, VatRecovery
from services.fund.errors import NoEligibleSource, PotExhausted
from tests.fund.values import NEED, TODAY, make_payer


def planned(cost: int, *payers: object) -> list[tuple[str, int]]:
    shares = plan(payers, NEED, cost, budget_id="budget")  # type: ignore[arg-type]  # made payers
    return [(share.pot_id, share.figures.reserved) for share in shares]


def test_the_most_restricted_money_pays_first() -> None:
    free, bound = make_payer("free"), make_payer("bound", categories=frozenset({"uniform"}))

    assert planned(500, free, bound) == [("bound", 500)]


def test_of_equally_restricted_money_the_soonest_to_end_pays_first() -> None:
    later = make_payer("later", spend_by=date(2027, 3, 31))
    sooner = make_payer("sooner", spend_by=date(2026, 12, 31))

    assert planned(500, make_payer("open"), later, sooner) == [("sooner", 500)]


def test_the_next_pot_pays_what_the_first_cannot() -> None:
    small = make_payer("a", 300)

    assert planned(500, small, make_payer("b")) == [("a", 300), ("b", 200)]


def test_a_source_pays_no_more_for_each_child_than_its_terms_say() -> None:
    capped = make_payer("capped", most_per_child=200)

    assert planned(500, capped, make_payer("open")) == [("capped", 200), ("open", 300)]


def test_money_that_falls_short_is_refused_whole_and_says_by_how_much() -> None:
    with pytest.raises(PotExhausted) as refused:
        planned(501, make_payer("a", 300), make_payer("b", 200))

    assert refused.value.metadata["available_minor"] == "500"


@pytest.mark.parametrize(
    ("terms", "rule"),
    [
        pytest.param({"school_urns": frozenset({"999999"})}, "school", id="another school's"),
        pytest.param({"categories": frozenset({"food"})}, "category", id="another category's"),
        pytest.param({"spend_by": TODAY - timedelta(days=1)}, "spend_by", id="its time is over"),
    ],
)
def test_terms_keep_a_source_from_paying_and_are_named(terms: dict[str, Any], rule: str) -> None:
    with pytest.raises(NoEligibleSource) as refused:
        planned(1, make_payer("a", **terms))

    assert refused.value.metadata["rules"] == rule


@pytest.mark.parametrize(
    ("recovery", "cost"),
    [
        pytest.param(VatRecovery.YES, 999, id="VAT that comes back is no cost"),
        pytest.param(VatRecovery.NO, 1199, id="VAT that does not is"),
        pytest.param(VatRecovery.UNKNOWN, 1199, id="nobody knows, so it is held"),
    ],
)
def test_vat_is_rounded_half_up_for_the_line(recovery: VatRecovery, cost: int) -> None:
    line = Line("shoes", 3, 333, 2000, recovery)

    assert (line.net, line.vat, line.cost) == (999, 200, cost)
