"""Intervals for shares of sessions and for events that never happened."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

NORMAL_95 = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution."""


def wilson(successes: Counts, trials: Counts) -> tuple[Floats, Floats]:
    """Return both ends of the 95 % Wilson interval of each share; NaN where there is no trial.

    Source: Wilson 1927; Brown, Cai and DasGupta 2001 for why not Wald's.
    """
    n = np.where(trials > 0, trials, np.nan).astype(np.float64)
    share = successes / n
    z2 = NORMAL_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = NORMAL_95 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # At 0 and 1 the ends are the share itself, which rounding may miss by its last digit.
    lower, upper = np.minimum(centre - half, share), np.maximum(centre + half, share)
    return np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0)


def newcombe(after: tuple[Counts, Counts], before: tuple[Counts, Counts]) -> tuple[Floats, Floats]:
    """Return both ends of the 95 % interval of the difference of two shares, after - before.

    Args:
        after: Successes and trials of the later window.
        before: Successes and trials of the earlier one.

    Source: Newcombe 1998, method 10 (square-and-add of Wilson intervals).
    """
    late, early = after[0] / _trials(after[1]), before[0] / _trials(before[1])
    late_low, late_high = wilson(*after)
    early_low, early_high = wilson(*before)
    gap = late - early
    lower = gap - np.hypot(late - late_low, early_high - early)
    upper = gap + np.hypot(late_high - late, early - early_low)
    return lower, upper


def upper_limit_of_none(children: int) -> float:
    """Return the upper end of the 95 % interval of a share when none of `children` had it.

    None of 20 is compatible with a true share of up to 13.9 %.

    Raises:
        ValueError: There are no children, so nothing is known.
    """
    if children < 1:
        raise ValueError("of no children nothing can be said")
    return float(1.0 - 0.05 ** (1.0 / children))


def upper_limit(events: int, children: int) -> float:
    """Return the upper end of the 95 % interval of a share of children.

    With no event the one-sided limit 1 - 0.05^(1/n); otherwise Wilson's upper end.

    Raises:
        ValueError: There are no children.
    """
    if events == 0:
        return upper_limit_of_none(children)
    return float(wilson(np.array([events]), np.array([children]))[1][0])


def _trials(trials: Counts) -> Floats:
    return np.where(trials > 0, trials, np.nan).astype(np.float64)
