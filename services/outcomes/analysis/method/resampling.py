"""Bootstrap of children: how far a figure would move if other children had been there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.intervals import NORMAL_95, Floats

DRAWS = 2_000
"""Resamples of every interval."""

BCA_BELOW = 50
"""Below this many supported children the interval is corrected for bias and skew."""

_BLOCK = 250
"""Resamples weighed at once: bounds memory whatever the size of the comparison."""


def generator(seed: int) -> np.random.Generator:
    """Return the generator that a run's seed stands for; the same in every release of ours."""
    return np.random.Generator(np.random.PCG64(seed))


def resample_weights(
    supported: npt.NDArray[np.bool_], rng: np.random.Generator, *, draws: int = DRAWS
) -> Iterator[Floats]:
    """Yield blocks of rows that say how often each child was drawn.

    Supported and comparison children are drawn apart, so that both keep their numbers.
    """
    groups = [np.flatnonzero(supported), np.flatnonzero(~supported)]
    for start in range(0, draws, _BLOCK):
        rows = min(_BLOCK, draws - start)
        weights = np.zeros((rows, len(supported)))
        for members in groups:
            weights[:, members] = _counts(len(members), rows, rng)
        yield weights


def _counts(members: int, rows: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    if members == 0:
        return np.zeros((rows, 0), dtype=np.int64)
    drawn = rng.integers(0, members, size=(rows, members))
    flat = (drawn + (np.arange(rows) * members)[:, None]).ravel()
    return np.bincount(flat, minlength=rows * members).reshape(rows, members)


def interval(
    draws: Floats, *, estimate: float, children: int, left_out: Floats | None = None
) -> tuple[float, float]:
    """Return both ends of the 95 % interval from the draws of a figure.

    Args:
        draws: The figure in each resample.
        estimate: The figure in the sample.
        children: Supported children; the tails are widened as Student's t is wider than the
            normal with so few.
        left_out: The figure without each child in turn; given, the interval is bias-corrected
            and accelerated (BCa).

    Source: Efron 1987 (BCa); Hesterberg 2015, section 5.3.1 (widening the percentiles).
    """
    from scipy.special import ndtr, ndtri, stdtrit

    freedom = max(children - 1, 1)
    reach = float(np.sqrt(children / freedom) * stdtrit(freedom, 0.975))
    below = np.clip(np.mean(draws < estimate), 1 / len(draws), 1 - 1 / len(draws))
    bias = float(ndtri(below)) if left_out is not None else 0.0
    skew = _acceleration(left_out) if left_out is not None else 0.0
    ends = []
    for tail in (-reach, reach):
        shifted = bias + tail
        ends.append(float(ndtr(bias + shifted / (1 - skew * shifted))))
    lower, upper = np.quantile(draws, ends)
    return float(lower), float(upper)


def _acceleration(left_out: Floats) -> float:
    gap = left_out.mean() - left_out
    scale = np.sum(gap**2) ** 1.5
    limit = 0.25 / NORMAL_95
    return float(np.clip(np.sum(gap**3) / (6 * scale), -limit, limit)) if scale > 0 else 0.0
