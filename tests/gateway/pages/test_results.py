from __future__ import annotations

import csv
import io

from localresponse.outcomes.v1 import analysis_service_pb2 as analysis

from gateway.pages.findings import found, spread
from services.chassis.money import Money
from services.chassis.wire import money_to_proto
from tests.gateway.pages.conftest import Browser
from tests.support.fakes.stack import PageStack


def results(estimate: analysis.PointsEstimate) -> analysis.Results:
    return analysis.Results(
        counts=analysis.CohortCounts(children=12),
        spend=money_to_proto(Money(100_000)),
        adjusted_difference=estimate,
    )


async def test_the_manager_sees_figures_with_intervals_and_the_naive_one_so_called(
    browser: Browser, stack: PageStack
) -> None:
    stack.analyses.complete("All support")
    stack.analyses.complete("Travel", "travel")
    manager = await browser.be("amina")

    page = (await manager.see("/results")).text

    assert "All support, as of 2 November 2026 at 9:30am" in page
    assert "+2.4 percentage points, likely between +0.6 and +4.3" in page
    assert "Naive: includes the recovery that usually happens anyway" in page
    assert "Not distinguishable from zero" in page
    assert page.count("<svg") == 2


async def test_suspensions_stand_beside_the_comparison_and_none_excluded_has_its_limit(
    browser: Browser, stack: PageStack
) -> None:
    stack.analyses.complete("All support")
    manager = await browser.be("amina")

    page = (await manager.see("/results")).text

    assert "0.61 times as many suspensions for each possible session" in page
    assert "95% interval 0.33 to 1.12" in page
    assert "0 of 42 permanently excluded; the true share may be up to 6.9%" in page
    assert "Moved to home education" in page


async def test_a_small_group_is_withheld_in_words_and_is_empty_in_the_file(
    browser: Browser, stack: PageStack
) -> None:
    stack.analyses.complete("All support")
    stack.analyses.complete("Mentoring", "mentoring")
    manager = await browser.be("amina")

    page = await manager.see("/results")
    file = await manager.see("/results.csv")

    assert (
        "Not shown: mentoring (fewer than 10 children measured, so no rate is shown)." in page.text
    )
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\N{BYTE ORDER MARK}"))))
    assert rows[0]["Change compared, percentage points"] == "2.4"
    assert rows[1]["Change compared, percentage points"] == ""
    assert rows[1]["Why not shown"].startswith("fewer than 10")


async def test_a_named_cohort_stands_before_single_kinds_of_support(
    browser: Browser, stack: PageStack
) -> None:
    stack.analyses.complete("Travel", "travel")
    stack.analyses.complete("Spring cohort", "travel", "food")
    manager = await browser.be("amina")

    page = (await manager.see("/results")).text

    assert "Spring cohort, as of" in page
    assert page.index(">Spring cohort<") < page.index(">Travel<")


async def test_the_numbers_are_open_when_the_page_is_for_printing(
    browser: Browser, stack: PageStack
) -> None:
    stack.analyses.complete("All support")
    manager = await browser.be("amina")

    assert '<details class="govuk-details">' in (await manager.see("/results")).text
    assert '<details class="govuk-details" open>' in (await manager.see("/results?print=1")).text


async def test_a_new_run_is_asked_for_and_said_to_be_under_way(
    browser: Browser, stack: PageStack
) -> None:
    manager = await browser.be("amina")

    empty = await manager.see("/results")
    asked = await manager.fill(empty)

    assert "Nothing has been computed yet" in empty.text
    assert len(stack.analyses.runs) == 6
    assert "6 analyses are being worked off" in asked.text


async def test_budgets_show_what_is_left_at_each_level_and_source(browser: Browser) -> None:
    manager = await browser.be("amina")

    page = (await manager.see("/budgets")).text
    file = (await manager.see("/budgets.csv")).text

    assert page.index("Local response fund</th>") < page.index("Northgate Academy</th>")
    assert page.count("£5,000.00") >= 4
    assert "Northgate Academy,Council fund,5000.00,5000.00" in file


def test_an_interval_that_holds_zero_is_never_called_a_change() -> None:
    estimate = analysis.PointsEstimate(estimate_pp=1.2, lower_pp=-0.4, upper_pp=2.8)

    finding = found("All support", results(estimate))

    assert spread([finding]) == (
        "£1,000.00 was spent on 12 children; the change of attendance cannot be told from no change"
    )


def test_a_missing_estimate_is_never_a_nought() -> None:
    finding = found("All support", results(analysis.PointsEstimate()))

    assert finding.change is None
    assert finding.change_words == "not measured yet"
    assert finding.cost_per_child_minor is None


def test_a_cost_says_how_many_children_had_support_from_elsewhere() -> None:
    told = results(analysis.PointsEstimate())
    pounds = {name: money_to_proto(Money(100)) for name in ("cost", "lower", "upper")}
    told.costs.add(label="1 of 20 children also had support from elsewhere", **pounds)

    said = found("All support", told).costs[0].text

    assert said.endswith("; 1 of 20 children also had support from elsewhere")
