"""What a unit of an outcome cost, drawn jointly with the outcome, or why nobody can say.

Cost and gain of a child are drawn together, so that children who cost much and gained little
weigh on the ratio. Where the interval of the gain includes zero there is no cost per outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.outcomes.analysis.method.adjusted import Estimate, Withheld
from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.method.intervals import Floats
from services.outcomes.analysis.method.resampling import generator, interval, resample_weights
from services.outcomes.analysis.method.sample import Sample

NOT_DISTINGUISHABLE = "not distinguishable from zero"


class Outcome(StrEnum):
    """What is bought, one unit of it."""

    POINT = "percentage point of attendance gained by a child over follow-up 1"
    EXTRA_SESSION = "extra session attended in follow-up 1"
    CHILD_REENGAGED = "child re-engaged beyond the comparison's rate"
    PERSISTENT_EXIT = "child out of persistent absence beyond the comparison's rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Pence for one unit of an outcome.

    Attributes:
        outcome: The unit.
        cost_minor: None when withheld.
        lower_minor: Lower end of the 95 % interval; None when withheld.
        upper_minor: Upper end; None when withheld, or when it has no bound.
        withheld: Why there is none.
    """

    outcome: Outcome
    cost_minor: int | None = None
    lower_minor: int | None = None
    upper_minor: int | None = None
    withheld: Withheld = Withheld.NO


def costs_per_outcome(
    sample: Sample,
    estimate: Estimate,
    *,
    gains_pp: Floats,
    seed: int,
    credited: Floats | None = None,
) -> list[Cost]:
    """Return every cost per outcome of a run.

    Args:
        sample: The children of the headline.
        estimate: The headline; when it is withheld so is everything here.
        gains_pp: Its resamples, made with the same seed.
        seed: The run's.
        credited: The part of each child's gain that the cost is to answer for, 0 to 1; all of it
            when None.
    """
    if estimate.withheld is not Withheld.NO:
        return [Cost(outcome=outcome, withheld=estimate.withheld) for outcome in Outcome]
    weights = np.concatenate(list(resample_weights(sample.supported, generator(seed))))
    spent = weights @ sample.cost_minor.astype(np.float64)
    parts = sample.supported.astype(np.float64) if credited is None else credited
    return [
        _cost(outcome, sample, (gain, draws, spent))
        for outcome, gain, draws in _gains(sample, estimate, (gains_pp, weights), parts)
    ]


def _gains(
    sample: Sample, estimate: Estimate, draws: tuple[Floats, Floats], credited: Floats
) -> list[tuple[Outcome, float, Floats]]:
    gains_pp, weights = draws
    point = estimate.estimate_pp or 0.0
    possible = np.where(sample.supported, sample.follow_up_possible, 0) * credited
    ones = np.ones((1, len(sample.supported)))

    def both(count: Callable[[Sample, Floats, Floats], Floats]) -> tuple[float, Floats]:
        return float(count(sample, ones, credited)[0]), count(sample, weights, credited)

    return [
        (Outcome.POINT, point * float(credited.sum()), gains_pp * (weights @ credited)),
        (
            Outcome.EXTRA_SESSION,
            point / 100 * float(possible.sum()),
            gains_pp / 100 * (weights @ possible),
        ),
        (Outcome.CHILD_REENGAGED, *both(_reengaged)),
        (Outcome.PERSISTENT_EXIT, *both(_exits)),
    ]


def _reengaged(sample: Sample, weights: Floats, credited: Floats) -> Floats:
    everyone = np.ones(len(sample.supported), dtype=np.bool_)
    return _beyond(sample, (everyone, sample.improved), weights=weights, credited=credited)


def _exits(sample: Sample, weights: Floats, credited: Floats) -> Floats:
    left = sample.persistent_before & ~sample.persistent_after
    return _beyond(sample, (sample.persistent_before, left), weights=weights, credited=credited)


def _beyond(
    sample: Sample, counted: tuple[Flags, Flags], *, weights: Floats, credited: Floats
) -> Floats:
    """Return supported children with the outcome less those the comparison's rate expects."""
    among, hit = counted
    observed = weights @ (credited * (among & hit))
    exposed = weights @ (credited * among)
    others = weights @ (~sample.supported & among)
    rate = (weights @ (~sample.supported & among & hit)) / np.maximum(others, 1)
    return np.asarray(observed - exposed * rate, dtype=np.float64)


def _cost(outcome: Outcome, sample: Sample, parts: tuple[float, Floats, Floats]) -> Cost:
    gain, gains, spent = parts
    total = int(sample.cost_minor[sample.supported].sum())
    lower, _ = interval(gains, estimate=gain, children=sample.children)
    if lower <= 0 or gain <= 0:
        return Cost(outcome=outcome, withheld=Withheld.NOT_DISTINGUISHABLE_FROM_ZERO)
    with np.errstate(divide="ignore"):
        ratios = np.where(gains > 0, spent / np.where(gains > 0, gains, 1.0), np.inf)
    ends = np.quantile(ratios, (0.025, 0.975), method="inverted_cdf")
    return Cost(
        outcome=outcome,
        cost_minor=round(total / gain),
        lower_minor=round(float(ends[0])),
        upper_minor=round(float(ends[1])) if np.isfinite(ends[1]) else None,
    )
