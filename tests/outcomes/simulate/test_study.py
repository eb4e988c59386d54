from __future__ import annotations

import pytest

from services.outcomes.analysis.method.resampling import generator
from services.outcomes.simulate import Study, run
from services.outcomes.simulate.population import bands, generate


def test_generated_children_are_absent_as_englands_are() -> None:
    real = bands()
    shares = real.chances.reshape(-1, len(real.lower)).sum(axis=0)
    expected = float(shares @ ((real.lower + real.upper) / 2))

    absent = generate(20_000, 190, generator(3)).absent

    assert absent.mean() == pytest.approx(expected, abs=0.004)


def test_absences_come_in_spells_of_about_three_days() -> None:
    absent = generate(20_000, 190, generator(3)).absent
    begun = absent[:, 1:] & ~absent[:, :-1]

    mean = absent[:, 1:].sum() / begun.sum()

    assert 2.7 < mean < 4.5


def test_naive_flatters_and_ours_does_not() -> None:
    found = run(Study(true_effect=0.0, children=200, runs=20))

    assert found.naive_mean is not None
    assert found.adjusted_mean is not None
    assert found.naive_mean > 8
    assert abs(found.adjusted_mean) < 0.7


def test_a_true_effect_is_recovered() -> None:
    found = run(Study(true_effect=4.0, children=200, runs=20))

    assert found.adjusted_mean is not None
    assert abs(found.adjusted_mean - 4.0) < 0.7


def test_supporting_the_most_absent_does_not_bias_the_difference() -> None:
    found = run(Study(true_effect=0.0, children=100, runs=30, worst_first=True))

    assert found.adjusted_mean is not None
    assert abs(found.adjusted_mean) < 0.9


def test_smaller_studies_have_wider_intervals() -> None:
    widths = [
        run(Study(true_effect=0.0, children=n, runs=10)).mean_interval_width for n in (11, 50)
    ]

    assert widths[0] is not None
    assert widths[1] is not None
    assert widths[0] > 1.5 * widths[1]


def test_below_ten_children_nothing_is_estimated() -> None:
    found = run(Study(true_effect=0.0, children=9, runs=2))

    assert (found.naive_mean, found.adjusted_mean, found.coverage) == (None, None, None)


def test_the_same_seed_gives_the_same_studies() -> None:
    study = Study(true_effect=-2.0, children=20, runs=3, seed=5)

    assert run(study) == run(study)


@pytest.mark.parametrize(
    "study",
    [
        pytest.param(Study(true_effect=0.0, children=0, runs=1), id="no child"),
        pytest.param(Study(true_effect=0.0, children=20, runs=0), id="no run"),
        pytest.param(Study(true_effect=60.0, children=20, runs=1), id="more than all absence"),
    ],
)
def test_an_impossible_study_is_refused(study: Study) -> None:
    with pytest.raises(ValueError, match=r"1 or more|leaves room for"):
        run(study)


def test_progress_is_told_after_each_study() -> None:
    told: list[int] = []

    run(Study(true_effect=0.0, children=11, runs=3), progress=told.append)

    assert told == [1, 2, 3]
