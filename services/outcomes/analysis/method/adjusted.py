"""The headline: follow-up attendance of supported children beside that of children like them.

Children are referred when their attendance is at its worst, so most of them recover anyway. A
change before and after therefore flatters; the comparison is with children who met the same
trigger and were not funded, and with both earlier windows held equal (ANCOVA).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.outcomes.analysis.method import MINIMUM_CHILDREN
from services.outcomes.analysis.method.intervals import Floats
from services.outcomes.analysis.method.regression import Fit, fit, fit_resamples, independent
from services.outcomes.analysis.method.resampling import (
    BCA_BELOW,
    DRAWS,
    generator,
    interval,
    resample_weights,
)
from services.outcomes.analysis.method.sample import Sample

NAIVE_LABEL = "naive: includes the recovery that usually happens anyway"
ADJUSTED_LABEL = "adjusted: compared with children like them who were not funded"

NOT_YET_LABEL = "adjusted: compared with children whose own support began later"

SCHOOLS_TO_CLUSTER = 20
"""From this many schools the error lets children of one school resemble each other."""

COMPARISON_FOR_CURVE = 50
"""From this many comparison children the return to the mean may be a curve."""

_SUPPORT = 1
"""The column of the design that says whether a child was supported."""


class Withheld(StrEnum):
    """Why a figure is not given."""

    NO = ""
    TOO_FEW_CHILDREN = "too_few_children"
    TOO_FEW_COMPARISON = "too_few_comparison"
    NOT_DISTINGUISHABLE_FROM_ZERO = "not_distinguishable_from_zero"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure in percentage points of attendance; positive is better.

    Attributes:
        estimate_pp, lower_pp, upper_pp: None when withheld.
        children, comparison: What it rests on.
        label: For printing beside it.
        withheld: Why it is not given.
        interval_method: How the interval was made.
        other_support, comparison_other_support: Of them, who also had support that the fund did
            not pay for between the request and the end of follow-up 1.
        error_pp: Standard error beside the bootstrap, HC3 or by school; None when there is none.
    """

    children: int
    comparison: int
    label: str
    withheld: Withheld = Withheld.NO
    estimate_pp: float | None = None
    lower_pp: float | None = None
    upper_pp: float | None = None
    interval_method: str = ""
    error_pp: float | None = None
    other_support: int = 0
    comparison_other_support: int = 0

    @property
    def distinguishable(self) -> bool:
        """Return whether zero lies outside the interval."""
        if self.lower_pp is None or self.upper_pp is None:
            return False
        return self.lower_pp > 0 or self.upper_pp < 0


def naive(sample: Sample) -> Estimate:
    """Return the mean change from the trigger window to the follow-up, supported children only.

    Labelled as naive wherever it is shown: on children with no true effect at all it is about
    12 points.
    """
    from scipy.special import stdtrit

    change = 100 * (sample.follow_up - sample.trigger)[sample.supported]
    count = len(change)
    if count < MINIMUM_CHILDREN:
        return Estimate(
            children=count, comparison=0, label=NAIVE_LABEL, withheld=Withheld.TOO_FEW_CHILDREN
        )
    error = float(change.std(ddof=1) / np.sqrt(count))
    reach = float(stdtrit(count - 1, 0.975)) * error
    mean = float(change.mean())
    return Estimate(
        children=count,
        comparison=0,
        label=NAIVE_LABEL,
        estimate_pp=mean,
        lower_pp=mean - reach,
        upper_pp=mean + reach,
        interval_method="Student's t",
        error_pp=error,
    )


def adjusted(sample: Sample, seed: int, *, draws: int = DRAWS) -> Estimate:
    """Return the adjusted difference with its bootstrap interval, or why there is none."""
    return adjusted_with_draws(sample, seed, draws=draws)[0]


def adjusted_with_draws(
    sample: Sample, seed: int, *, draws: int = DRAWS
) -> tuple[Estimate, Floats]:
    """Return the adjusted difference and its resamples, which costs per outcome need jointly."""
    reason = _reason_to_withhold(sample)
    if reason is not Withheld.NO:
        none = Estimate(
            children=sample.children,
            comparison=sample.comparison,
            label=ADJUSTED_LABEL,
            withheld=reason,
        )
        return none, np.empty(0)
    outcome, design = 100 * sample.follow_up, design_of(sample)
    fitted = fit(outcome, design)
    point = float(fitted.coefficients[_SUPPORT])
    resampled = np.concatenate(
        [
            fit_resamples(outcome, design, weights, column=_SUPPORT)
            for weights in resample_weights(sample.supported, generator(seed), draws=draws)
        ]
    )
    corrected = sample.children < BCA_BELOW
    lower, upper = interval(
        resampled,
        estimate=point,
        children=sample.children,
        left_out=fitted.leave_one_out(_SUPPORT) if corrected else None,
    )
    estimate = Estimate(
        children=sample.children,
        comparison=sample.comparison,
        label=ADJUSTED_LABEL,
        estimate_pp=point,
        lower_pp=lower,
        upper_pp=upper,
        interval_method=f"bootstrap of children, {draws:,} draws{', BCa' if corrected else ''}",
        error_pp=_error(fitted, sample),
    )
    return estimate, resampled


def design_of(sample: Sample) -> Floats:
    """Return the columns of the regression: 1, support, both earlier windows, then who and when.

    Both earlier windows also stand pooled, squared and cubed: panels choose the most absent, and
    at the ends attendance does not return to its mean along a straight line. Measured on
    generated children without any effect, the most absent supported: a straight line finds -3.3
    to +1.5 points, the curve -0.1 to +0.1, with the same spread. Year group is a slope within
    phase, with its own column for children without one.
    """
    unknown = np.isnan(sample.year_group)
    known = sample.year_group[~unknown]
    middle = float(known.mean()) if len(known) else 0.0
    columns = [
        np.ones(len(sample.supported)),
        sample.supported.astype(np.float64),
        100 * sample.trigger,
        100 * sample.baseline,
        *_curve(sample),
        np.where(unknown, 0.0, sample.year_group - middle),
        unknown.astype(np.float64),
    ]
    for labels in (sample.phase, sample.half_term):
        columns += [(labels == value).astype(np.float64) for value in np.unique(labels)[1:]]
    return independent(np.column_stack(columns))


def _curve(sample: Sample) -> list[Floats]:
    if sample.comparison < COMPARISON_FOR_CURVE:
        return []
    pooled = (60 * sample.baseline + 30 * sample.trigger) / 90
    centred = 10 * (pooled - pooled.mean())
    return [centred**2, centred**3]


def sensitivity_bound_pp(estimate: Estimate) -> float | None:
    """Return how large an unmeasured difference would bring the interval's near end to zero.

    That is: by how many points of follow-up attendance the supported children would have had to
    differ anyway, beyond everything adjusted for. None when withheld or already zero.
    """
    if not estimate.distinguishable or estimate.lower_pp is None or estimate.upper_pp is None:
        return None
    return min(abs(estimate.lower_pp), abs(estimate.upper_pp))


def _reason_to_withhold(sample: Sample) -> Withheld:
    if sample.children < MINIMUM_CHILDREN:
        return Withheld.TOO_FEW_CHILDREN
    if sample.comparison < MINIMUM_CHILDREN:
        return Withheld.TOO_FEW_COMPARISON
    return Withheld.NO


def _error(fitted: Fit, sample: Sample) -> float:
    schools, cluster = np.unique(sample.school, return_inverse=True)
    if len(schools) >= SCHOOLS_TO_CLUSTER:
        return fitted.error_by_cluster(_SUPPORT, cluster.astype(np.int64))
    return fitted.error_hc3(_SUPPORT)
