"""What each source, category, supplier, phase and half-term bought for its money.

A value's children are compared as the headline's are, and the cost that went through it answers
for its share of their gain alone: a child helped by two suppliers is not two gains.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.outcomes.analysis.cohort import Cohort
from services.outcomes.analysis.method.adjusted import Estimate, adjusted_with_draws
from services.outcomes.analysis.method.attribution import (
    WHOLE,
    Attribution,
    Bought,
    shares_of,
)
from services.outcomes.analysis.method.costs import Cost, costs_per_outcome
from services.outcomes.analysis.method.intervals import Floats
from services.outcomes.analysis.method.sample import Sample
from services.outcomes.analysis.rows import Panel, Row, beside
from services.outcomes.episodes.domain.episode import Part
from services.outcomes.episodes.domain.shares import share
from services.outcomes.support.domain import Support

_MODES = {"phase": (Attribution.COST_WEIGHTED,), "half_term": (Attribution.COST_WEIGHTED,)}
"""Splits that every purchase of a child falls on one side of: crediting changes nothing there.

Beside support from elsewhere the purchases together have the same part equally and by cost.
"""

Drawn = tuple[Estimate, Floats]
"""An adjusted difference, and its resamples."""

Key = tuple[str, str]
"""A split, such as `category`, and one of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """What one value of a split bought, by one way of crediting gains.

    Attributes:
        children: In the headline, and reached by it.
        spend_minor: What went to them through it.
        credited_millionths: Of their gains, in millionths of a child.
        adjusted: Of these children.
        costs: For each outcome, or why there is none.
    """

    split: str
    value: str
    attribution: Attribution
    children: int
    spend_minor: int
    credited_millionths: int
    adjusted: Estimate
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """A child's purchases, and each one's millionths of its gain in each way of crediting.

    Attributes:
        others: Support that the fund did not pay for, which has its millionths beside them.
    """

    parts: tuple[Part, ...]
    others: tuple[Support, ...]
    by_mode: dict[Attribution, dict[str, int]]


def shares_in(cohort: Cohort, row: Row) -> Shares:
    """Return the shares of one supported child over all of its episodes."""
    parts = tuple(part for each in row.episode_ids for part in cohort.episodes[each].parts)
    bought = [Bought(part.purchase_id, part.cost_minor, part.delivered_on) for part in parts]
    bought += [Bought(each.id, 0, each.details.first, funded=False) for each in row.others]
    return Shares(parts, row.others, {mode: shares_of(bought, mode) for mode in Attribution})


@dataclass(frozen=True, slots=True)
class _Piece:
    """One child's spend through a value, and its millionths of the child's gain by mode."""

    spend_minor: int
    millionths: dict[Attribution, int]


def breakdowns_of(
    cohort: Cohort, headline: Panel, seed: int, *, whole: Drawn
) -> Iterable[Breakdown]:
    """Yield what each value bought, in every way of crediting that makes a difference to it.

    Args:
        cohort: For the purchases of each child.
        headline: The rows that the headline rests on.
        seed: The run's.
        whole: The headline and its resamples: a value that reached every child has the same.
    """
    pieces = [
        _pieces(row, shares_in(cohort, row)) if row.supported else {} for row in headline.rows
    ]
    known = {headline.supported.tobytes(): whole}
    for key in sorted({key for held in pieces for key in held}):
        reached = [held.get(key) for held in pieces]
        chosen = np.array([piece is not None for piece in reached], dtype=np.bool_)
        part = headline.where(chosen | ~headline.supported)
        sample = part.sample()
        if chosen.tobytes() not in known:
            estimate, draws = adjusted_with_draws(sample, seed)
            known[chosen.tobytes()] = beside(estimate, part), draws
        through = [piece for piece in reached if piece is not None]
        yield from _of_value(key, (sample, known[chosen.tobytes()]), through, seed)


def _of_value(
    key: Key, measured: tuple[Sample, Drawn], through: Sequence[_Piece], seed: int
) -> Iterable[Breakdown]:
    """Yield the breakdowns of one value; the sample has its children in order, and all others."""
    sample, (estimate, draws) = measured
    cost = np.zeros(len(sample.supported), np.int64)
    cost[sample.supported] = [piece.spend_minor for piece in through]
    paid = replace(sample, cost_minor=cost)
    for mode in _MODES.get(key[0], tuple(Attribution)):
        credited = np.zeros(len(sample.supported))
        credited[sample.supported] = [piece.millionths[mode] / WHOLE for piece in through]
        costs = costs_per_outcome(paid, estimate, gains_pp=draws, seed=seed, credited=credited)
        yield Breakdown(
            split=key[0],
            value=key[1],
            attribution=mode,
            children=len(through),
            spend_minor=int(cost.sum()),
            credited_millionths=sum(piece.millionths[mode] for piece in through),
            adjusted=estimate,
            costs=tuple(costs),
        )


def _pieces(row: Row, shares: Shares) -> dict[Key, _Piece]:
    """Return what one child had through each value; the pieces of one split make up the child.

    What support from elsewhere is credited with is in none of them.
    """
    ours = {part.purchase_id for part in shares.parts}
    whole = {mode: sum(held[each] for each in ours) for mode, held in shares.by_mode.items()}
    term = f"{row.half_term[0]}/{row.half_term[1]}"
    found = {
        (split, value): [(row.cost_minor, whole)]
        for split, value in (("phase", row.phase), ("half_term", term))
    }
    for part in shares.parts:
        mine = {mode: held[part.purchase_id] for mode, held in shares.by_mode.items()}
        for split, value in (("category", part.category), ("supplier", part.supplier_id)):
            found.setdefault((split, value), []).append((part.cost_minor, mine))
        paid = {cost.source_id: cost.cost_minor for cost in part.costs if cost.cost_minor}
        split_up = {mode: share(each, paid) if paid else {} for mode, each in mine.items()}
        for source, minor in paid.items():
            theirs = {mode: each[source] for mode, each in split_up.items()}
            found.setdefault(("source", source), []).append((minor, theirs))
    return {key: _summed(held) for key, held in found.items()}


def _summed(held: Sequence[tuple[int, dict[Attribution, int]]]) -> _Piece:
    millionths = {mode: sum(each[mode] for _, each in held) for mode in Attribution}
    return _Piece(sum(minor for minor, _ in held), millionths)
