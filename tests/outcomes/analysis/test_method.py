"""The arithmetic against statsmodels, and the rules of what is withheld."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from services.outcomes.analysis.method import adjusted as headline
from services.outcomes.analysis.method.adjusted import Estimate, Withheld, adjusted, naive
from services.outcomes.analysis.method.costs import Outcome, costs_per_outcome
from services.outcomes.analysis.method.events import rate_ratio
from services.outcomes.analysis.method.regression import fit, fit_resamples, independent
from services.outcomes.analysis.method.resampling import generator, resample_weights
from services.outcomes.analysis.method.sample import Sample
from services.outcomes.analysis.method.series import interruption


def make_sample(
    children: int = 60, comparison: int = 240, *, effect: float = 0.0, schools: int = 5
) -> Sample:
    rng = generator(11)
    count = children + comparison
    supported = np.arange(count) < children
    level = rng.uniform(0.5, 0.95, count)
    follow = np.clip(level + rng.normal(0, 0.06, count) + supported * effect / 100, 0, 1)
    return Sample(
        supported=supported,
        baseline=np.clip(level + rng.normal(0, 0.05, count), 0, 1),
        trigger=np.clip(level - 0.12 + rng.normal(0, 0.05, count), 0, 1),
        follow_up=follow,
        follow_up_possible=np.full(count, 60),
        persistent_before=level < 0.9,
        persistent_after=follow < 0.9,
        improved=follow > level + 0.05,
        phase=np.arange(count) % 2,
        year_group=(np.arange(count) % 11 + 1).astype(np.float64),
        half_term=np.arange(count) % 3,
        school=np.arange(count) % schools,
        cost_minor=np.where(supported, 12_000, 0),
    )


def test_the_fit_is_that_of_statsmodels_with_hc3() -> None:
    sample = make_sample()
    outcome, design = 100 * sample.follow_up, headline.design_of(sample)

    ours = fit(outcome, design)
    theirs = sm.OLS(outcome, design).fit(cov_type="HC3")

    assert ours.coefficients == pytest.approx(theirs.params)
    assert ours.error_hc3(1) == pytest.approx(theirs.bse[1])


def test_from_twenty_schools_the_error_is_that_of_statsmodels_by_cluster() -> None:
    sample = make_sample(schools=24)
    outcome, design = 100 * sample.follow_up, headline.design_of(sample)

    found = adjusted(sample, 1)
    theirs = sm.OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": sample.school})

    assert found.error_pp == pytest.approx(theirs.bse[1])


def test_resamples_are_fits_of_the_children_drawn() -> None:
    sample = make_sample(20, 40)
    outcome, design = 100 * sample.follow_up, headline.design_of(sample)
    weights = next(resample_weights(sample.supported, generator(3)))

    ours = fit_resamples(outcome, design, weights, column=1)
    drawn = np.repeat(np.arange(60), weights[0].astype(int))
    theirs = fit(outcome[drawn], design[drawn])

    assert ours[0] == pytest.approx(theirs.coefficients[1], abs=1e-5)


def test_leaving_one_child_out_needs_no_second_fit() -> None:
    sample = make_sample(20, 40)
    outcome, design = 100 * sample.follow_up, headline.design_of(sample)

    quick = fit(outcome, design).leave_one_out(1)
    slow = fit(outcome[1:], design[1:]).coefficients[1]

    assert quick[0] == pytest.approx(slow)


def test_supported_and_comparison_children_keep_their_numbers_in_each_resample() -> None:
    supported = np.arange(30) < 12

    blocks = list(resample_weights(supported, generator(3), draws=600))

    weights = np.concatenate(blocks)
    assert weights.shape == (600, 30)
    assert (weights[:, :12].sum(axis=1) == 12).all()
    assert (weights[:, 12:].sum(axis=1) == 18).all()


def test_a_column_that_repeats_others_is_left_out() -> None:
    ones, step = np.ones(8), np.arange(8) % 2

    kept = independent(np.column_stack([ones, step, 1 - step, 3 * ones]).astype(np.float64))

    assert kept.shape[1] == 2


def test_a_known_effect_is_found_inside_its_interval() -> None:
    found = adjusted(make_sample(200, 800, effect=4.0), 5)

    assert found.lower_pp is not None
    assert found.upper_pp is not None
    assert found.lower_pp < 4.0 < found.upper_pp
    assert found.distinguishable


def test_the_same_seed_gives_the_same_interval_bit_for_bit() -> None:
    sample = make_sample(20, 80)

    assert adjusted(sample, 9) == adjusted(sample, 9)
    assert adjusted(sample, 9) != adjusted(sample, 10)


@pytest.mark.parametrize(
    ("children", "comparison", "withheld"),
    [
        pytest.param(9, 5, Withheld.TOO_FEW_CHILDREN, id="children are counted first"),
        pytest.param(9, 50, Withheld.TOO_FEW_CHILDREN, id="nine children"),
        pytest.param(10, 9, Withheld.TOO_FEW_COMPARISON, id="nine to compare with"),
        pytest.param(10, 10, Withheld.NO, id="ten and ten"),
    ],
)
def test_fewer_than_ten_give_no_estimate(
    children: int, comparison: int, withheld: Withheld
) -> None:
    assert adjusted(make_sample(children, comparison), 1).withheld is withheld


def test_fewer_than_fifty_children_get_a_corrected_interval() -> None:
    assert adjusted(make_sample(49, 100), 1).interval_method.endswith("BCa")
    assert not adjusted(make_sample(50, 100), 1).interval_method.endswith("BCa")


def test_the_naive_change_says_what_it_includes() -> None:
    found = naive(make_sample())

    assert found.label == "naive: includes the recovery that usually happens anyway"
    assert found.estimate_pp is not None
    assert found.estimate_pp > 8


def test_the_sensitivity_bound_is_the_near_end_of_the_interval() -> None:
    given = Estimate(children=20, comparison=40, label="", estimate_pp=5, lower_pp=2, upper_pp=8)

    assert headline.sensitivity_bound_pp(given) == 2
    assert headline.sensitivity_bound_pp(replace(given, lower_pp=-1.0)) is None


def costs_of(sample: Sample) -> dict[Outcome, int | None]:
    estimate, draws = headline.adjusted_with_draws(sample, 4)
    found = costs_per_outcome(sample, estimate, gains_pp=draws, seed=4)
    return {each.outcome: each.cost_minor for each in found}


def test_a_gain_has_a_cost_per_point_and_per_extra_session() -> None:
    found = costs_of(make_sample(200, 800, effect=6.0))

    point, session = found[Outcome.POINT], found[Outcome.EXTRA_SESSION]
    assert point is not None
    assert session is not None
    assert session == pytest.approx(point / 0.6, rel=0.01), "a point of 60 sessions is 0.6 of one"


def test_a_gain_that_may_be_zero_has_no_cost_per_outcome() -> None:
    assert set(costs_of(make_sample(40, 160)).values()) == {None}


def test_suspensions_are_compared_with_possible_sessions_as_offset() -> None:
    rng = generator(2)
    supported = np.arange(1_000) < 500
    possible = rng.integers(0, 120, 1_000)
    mean = 0.02 * possible * np.where(supported, 0.5, 1.0)
    events = rng.poisson(mean * rng.gamma(0.8, 1 / 0.8, 1_000))

    found = rate_ratio(events, possible, supported=supported, earlier=np.zeros(1_000))

    assert found.lower < 0.5 < found.upper < 1
    assert found.dispersion > 0.5
    assert found.children == int((possible > 0).sum())


def test_without_an_event_there_is_no_ratio() -> None:
    none = np.zeros(20, dtype=np.int64)

    with pytest.raises(ValueError, match="no ratio"):
        rate_ratio(none, none + 60, supported=np.arange(20) < 10, earlier=np.zeros(20))


def test_an_interrupted_series_finds_a_step_beside_neighbours() -> None:
    rng = generator(6)
    weeks = np.arange(76)
    season = 3 * np.sin(2 * np.pi * weeks / 38)
    ours = 92 + season + 2.0 * (weeks >= 40) + rng.normal(0, 0.3, 76)

    found = interruption(ours, 92 + season, start=40, half_term=weeks % 38 // 7)

    assert found.step_pp == pytest.approx(2.0, abs=3 * found.step_error_pp)
    assert found.lags == 3


def test_a_series_needs_eight_weeks_on_each_side() -> None:
    with pytest.raises(ValueError, match="8 weeks"):
        interruption(np.ones(20), np.ones(20), start=7, half_term=np.zeros(20, dtype=np.int64))
