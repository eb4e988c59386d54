"""Least squares for one sample and for thousands of resamples at once.

A bootstrap of 2,000 draws is one matrix product: each draw is a row of counts, and the normal
equations of every draw are those counts times the children's own products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.intervals import Floats

_DEPENDENT = 1e-8
"""A column of which less than this is new only repeats the others."""

_RIDGE = 1e-9
"""Keeps a resample solvable when a half-term has dropped out of it; far below any digit shown."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients of one ordinary least squares fit with what the errors need."""

    coefficients: Floats
    residuals: Floats
    leverage: Floats
    inverse: Floats
    design: Floats

    def leave_one_out(self, column: int) -> Floats:
        """Return the coefficient without each child in turn, exactly and without refitting."""
        rest = np.maximum(1.0 - self.leverage, 1e-12)
        step = (self.design @ self.inverse[:, column]) * self.residuals / rest
        return np.asarray(self.coefficients[column] - step, dtype=np.float64)

    def error_hc3(self, column: int) -> float:
        """Return the HC3 standard error, which does not trust equal variances.

        Source: MacKinnon and White 1985; Long and Ervin 2000 for samples under 250.
        """
        rest = np.maximum(1.0 - self.leverage, 1e-12)
        scores = (self.design @ self.inverse[:, column]) * self.residuals / rest
        return float(np.sqrt(np.sum(scores**2)))

    def error_by_cluster(self, column: int, cluster: npt.NDArray[np.int64]) -> float:
        """Return the standard error that lets children of one school resemble each other.

        Source: Liang and Zeger 1986, with the usual small-sample factor.
        """
        scores = (self.design @ self.inverse[:, column]) * self.residuals
        groups = int(cluster.max()) + 1
        sums = np.bincount(cluster, weights=scores, minlength=groups)
        rows, columns = self.design.shape
        factor = groups / (groups - 1) * (rows - 1) / (rows - columns)
        return float(np.sqrt(factor * np.sum(sums**2)))


def fit(outcome: Floats, design: Floats) -> Fit:
    """Fit by the normal equations; `design` has independent columns."""
    inverse: Floats = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    coefficients = inverse @ (design.T @ outcome)
    leverage = np.asarray(np.sum((design @ inverse) * design, axis=1), dtype=np.float64)
    return Fit(coefficients, outcome - design @ coefficients, leverage, inverse, design)


def independent(design: Floats) -> Floats:
    """Return the columns that add something, first come first kept.

    The first columns are the ones that matter (intercept, support, earlier attendance); a
    half-term that only repeats a phase is left out.
    """
    kept: list[int] = []
    basis = np.empty((design.shape[0], 0))
    for column in range(design.shape[1]):
        values = design[:, column]
        rest = values - basis @ (basis.T @ values)
        rest -= basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > _DEPENDENT * float(np.linalg.norm(values)) and length > 0:
            kept.append(column)
            basis = np.column_stack([basis, rest / length])
    return design[:, kept]


def fit_resamples(outcome: Floats, design: Floats, weights: Floats, *, column: int) -> Floats:
    """Return one coefficient of each resample.

    Args:
        outcome: n values.
        design: n rows of k columns.
        weights: One row a resample: how often each of the n children was drawn.
        column: The coefficient wanted.
    """
    rows, columns = design.shape
    upper = np.triu_indices(columns)
    products = np.empty((rows, len(upper[0]) + columns))
    products[:, : len(upper[0])] = design[:, upper[0]] * design[:, upper[1]]
    products[:, len(upper[0]) :] = design * outcome[:, None]
    sums = weights @ products
    normal = np.empty((len(weights), columns, columns))
    normal[:, upper[0], upper[1]] = sums[:, : len(upper[0])]
    normal[:, upper[1], upper[0]] = sums[:, : len(upper[0])]
    diagonal = np.arange(columns)
    normal[:, diagonal, diagonal] += _RIDGE * rows
    right = sums[:, len(upper[0]) :, None]
    return np.asarray(np.linalg.solve(normal, right)[:, column, 0], dtype=np.float64)
