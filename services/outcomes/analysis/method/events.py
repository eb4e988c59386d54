"""Counts of events per child, such as suspensions: few children hold most of them.

Suspensions are over-dispersed (15 % of pupils make about 60 % of multiple suspensions), so a
Poisson error would be too small; the negative binomial's is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.method.intervals import NORMAL_95, Counts, Floats
from services.outcomes.analysis.method.regression import independent

_NEARLY_POISSON = 1e-6


@dataclass(frozen=True, slots=True)
class RateRatio:
    """Events per possible session of supported children against the comparison's.

    Attributes:
        ratio: Below 1 is fewer events.
        lower, upper: The 95 % interval.
        children: Children with any possible session.
        dispersion: 0 would be Poisson.
    """

    ratio: float
    lower: float
    upper: float
    children: int
    dispersion: float


def rate_ratio(events: Counts, possible: Counts, *, supported: Flags, earlier: Floats) -> RateRatio:
    """Fit a negative binomial model with possible sessions as its offset.

    Args:
        events: Events of each child after the index date.
        possible: Possible sessions of the same days; a child with none says nothing and is
            left out, because one such row makes the likelihood undefined.
        supported: True for children whom the fund supported.
        earlier: The same children's events per possible session before.

    Raises:
        ValueError: No event, or no child on one side, so that there is no ratio.
    """
    import statsmodels.api as sm

    rows = possible > 0
    counts, treated = events[rows], supported[rows]
    if not counts.sum() or treated.all() or not treated.any():
        raise ValueError("there is no ratio of nothing")
    before = earlier[rows] - earlier[rows].mean()
    design = independent(np.column_stack([np.ones(len(counts)), treated, before]))
    offset = np.log(possible[rows])
    poisson = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset).fit()
    dispersion = _dispersion(counts, np.asarray(poisson.mu, dtype=np.float64))
    family = sm.families.NegativeBinomial(alpha=max(dispersion, _NEARLY_POISSON))
    fitted = sm.GLM(counts, design, family=family, offset=offset).fit(cov_type="HC1")
    log_ratio, error = float(fitted.params[1]), float(fitted.bse[1])
    return RateRatio(
        ratio=float(np.exp(log_ratio)),
        lower=float(np.exp(log_ratio - NORMAL_95 * error)),
        upper=float(np.exp(log_ratio + NORMAL_95 * error)),
        children=len(counts),
        dispersion=dispersion,
    )


def _dispersion(counts: Counts, mean: Floats) -> float:
    """Return how much more events vary than Poisson's, 0 or more.

    Source: Cameron and Trivedi 1990, the auxiliary regression ((y - m)^2 - y) / m on m.
    """
    excess = ((counts - mean) ** 2 - counts) / mean
    return max(float(excess @ mean / (mean @ mean)), 0.0)
