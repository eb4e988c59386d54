"""An authority's weekly absence beside its statistical neighbours': an interrupted series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.intervals import Floats
from services.outcomes.analysis.method.regression import independent

POINTS_EACH_SIDE = 8
"""Weeks needed before and after; with fewer a slope is noise."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """What changed at the interruption, in percentage points of attendance; positive is better.

    Attributes:
        step_pp, step_error_pp: The jump at once and its Newey-West standard error.
        slope_pp, slope_error_pp: The change of trend a week and its standard error.
        lags: Weeks over which errors may resemble each other.
    """

    step_pp: float
    step_error_pp: float
    slope_pp: float
    slope_error_pp: float
    lags: int


def interruption(
    ours: Floats, neighbours: Floats, *, start: int, half_term: npt.NDArray[np.int64]
) -> Interruption:
    """Fit y = b0 + b1 t + b2 after + b3 t after + half-terms, Newey-West errors.

    Args:
        ours: The authority's weekly attendance in percent.
        neighbours: The mean of its statistical neighbours in the same weeks; taken off, so that
            season and national trend go with it.
        start: Index of the first week after.
        half_term: 1 to 6 for each week's half-term, the same in every year.

    Raises:
        ValueError: Fewer than 8 weeks on a side.
    """
    import statsmodels.api as sm

    weeks = len(ours)
    if min(start, weeks - start) < POINTS_EACH_SIDE:
        raise ValueError(f"a series needs {POINTS_EACH_SIDE} weeks before and after")
    time = np.arange(weeks, dtype=np.float64)
    after = (time >= start).astype(np.float64)
    columns = [np.ones(weeks), time, after, (time - start) * after]
    columns += [(half_term == value).astype(np.float64) for value in np.unique(half_term)[1:]]
    lags = int(np.floor(4 * (weeks / 100) ** (2 / 9)))
    fitted = sm.OLS(ours - neighbours, independent(np.column_stack(columns))).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
    )
    return Interruption(
        step_pp=float(fitted.params[2]),
        step_error_pp=float(fitted.bse[2]),
        slope_pp=float(fitted.params[3]),
        slope_error_pp=float(fitted.bse[3]),
        lags=lags,
    )
