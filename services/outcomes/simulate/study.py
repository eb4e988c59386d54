"""Many studies of the same size, each analysed as the product would, against a known truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from services.outcomes.analysis.method.adjusted import Estimate, adjusted, naive
from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.method.resampling import generator
from services.outcomes.analysis.rows import Panel, Row, met_trigger, panel_of
from services.outcomes.episodes.windows import DailyCounts, SchoolDayWindows, WindowKind
from services.outcomes.simulate.population import Children, generate

DAYS = 195
"""School days generated: a baseline, a trigger window, a delivery and a follow-up."""

REVIEW_DAYS = (95, 125, 150)
"""School days on which panels meet, one in each of three half-terms."""

DELIVERY_DAYS = 5
"""School days from request to first delivery."""

COMPARISON_EACH = 4
"""Comparison children for each supported one, as an authority would have them or more."""

COMPARISON_MIN = 200
_TRIGGERED_SHARE = 0.11
_SEED_STEP = 7919


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is simulated.

    Attributes:
        true_effect: Percentage points of attendance that support adds to the follow-up, on
            average over children who are referred; below 0 it takes away.
        children: Supported children in each study.
        runs: Studies.
        seed: Of every draw.
        worst_first: Whether support goes to the most absent of those referred, drawn among
            twice as many, instead of to any of them.
    """

    true_effect: float
    children: int
    runs: int
    seed: int = 2
    worst_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the studies found; None where the product gives no estimate.

    Attributes:
        naive_mean: Mean of the change before and after, which includes the usual recovery.
        adjusted_mean, adjusted_sd: Mean and spread of the adjusted difference.
        coverage: Share of 95 % intervals that hold the true effect.
        mean_interval_width: In percentage points.
        distinguishable: Share of studies whose interval leaves zero out.
    """

    true_effect: float
    children: int
    runs: int
    seed: int
    naive_mean: float | None
    adjusted_mean: float | None
    adjusted_sd: float | None
    coverage: float | None
    mean_interval_width: float | None
    distinguishable: float | None

    def as_json(self) -> dict[str, float | int | None]:
        """Return the values by name, rounded to what they are worth."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def run(study: Study, *, progress: Callable[[int], None] = lambda _: None) -> Outcome:
    """Run every study and return what they found.

    Args:
        study: What is simulated.
        progress: Told the number of studies done, after each.

    Raises:
        ValueError: The study is not possible: no child, no run, or a larger effect than
            absence leaves room for.
    """
    if study.children < 1 or study.runs < 1:
        raise ValueError("children and runs are 1 or more")
    found = []
    for number in range(study.runs):
        seed = study.seed * _SEED_STEP**2 + number
        found.append(_one(study, seed))
        progress(number + 1)
    return _summary(study, found)


def _one(study: Study, seed: int) -> tuple[Estimate, Estimate]:
    panel = one_study(study, generator(seed)).headline()
    sample = panel.sample()
    return naive(sample), adjusted(sample, seed)


def one_study(study: Study, rng: np.random.Generator) -> Panel:
    """Return the rows of one study, as a run of the product would read them."""
    wanted = max(COMPARISON_EACH * study.children, COMPARISON_MIN) + study.children
    everyone = generate(round(wanted / _TRIGGERED_SHARE), DAYS, rng)
    review = rng.choice(REVIEW_DAYS, size=len(everyone.absent)).astype(np.int32)
    read = _read(everyone.absent)
    trigger = read.measure(WindowKind.TRIGGER, requested=review, index=review)
    met = met_trigger(trigger)
    referred = np.flatnonzero(met)
    if len(referred) <= study.children:
        raise ValueError("too few generated children met the trigger")
    eligible = referred
    if study.worst_first:
        order = np.argsort(-trigger.absent[referred], kind="stable")
        eligible = referred[order[: 2 * study.children]]
    supported = np.zeros(len(everyone.absent), dtype=np.bool_)
    supported[rng.choice(eligible, size=study.children, replace=False)] = True
    absent = _with_effect(everyone.absent, (met, supported), review, study=study, rng=rng)
    rows = [_row(everyone, int(place), review, supported) for place in referred]
    return panel_of(rows, _read(absent[referred]))


def _with_effect(
    absent: Flags,
    groups: tuple[Flags, Flags],
    review: npt.NDArray[np.int32],
    *,
    study: Study,
    rng: np.random.Generator,
) -> Flags:
    """Turn days of the supported children's follow-up.

    Each day that may be turned has the same chance, set so that the effect over everybody who
    was referred would be the one asked for. Set by the supported children alone it would undo
    part of their luck, and intervals would seem too narrow.
    """
    referred, supported = groups
    first = review + DELIVERY_DAYS + 1
    columns = np.arange(DAYS)
    follow_up = (columns >= first[:, None]) & (columns < first[:, None] + 30)
    may_turn = follow_up & (absent if study.true_effect > 0 else ~absent)
    needed = abs(study.true_effect) / 100 * int(follow_up[referred].sum())
    possible = int(may_turn[referred].sum())
    if needed > possible:
        raise ValueError(
            f"an effect of {study.true_effect} points is more than absence leaves room for"
        )
    drawn = rng.random(absent.shape, dtype=np.float32) < needed / max(possible, 1)
    return np.asarray(absent ^ (may_turn & drawn & supported[:, None]), dtype=np.bool_)


def _read(absent: npt.NDArray[np.bool_]) -> SchoolDayWindows:
    """Return generated days as the register store would: two sessions a day, all recorded."""
    both = np.full(absent.shape, 2, dtype=np.uint8)
    days = np.arange(DAYS, dtype=np.int32)
    missed = 2 * absent.astype(np.uint8)
    return SchoolDayWindows(DailyCounts(days, both, both, missed, np.zeros_like(both), both))


def _row(
    everyone: Children,
    place: int,
    review: npt.NDArray[np.int32],
    supported: npt.NDArray[np.bool_],
) -> Row:
    requested = int(review[place])
    return Row(
        child_id=str(place),
        supported=bool(supported[place]),
        requested_day=requested,
        index_day=requested + DELIVERY_DAYS,
        urn=str(everyone.school[place]),
        phase=everyone.phases[everyone.phase[place]],
        year_group=int(everyone.year_group[place]),
        half_term=(0, REVIEW_DAYS.index(requested)),
    )


def _summary(study: Study, found: list[tuple[Estimate, Estimate]]) -> Outcome:
    naives = [each.estimate_pp for each, _ in found if each.estimate_pp is not None]
    given = [
        (each.estimate_pp, each.lower_pp, each.upper_pp, each.distinguishable)
        for _, each in found
        if each.estimate_pp is not None
    ]
    table = np.array(given, dtype=np.float64).reshape(-1, 4)
    some = bool(len(table))
    covered = (table[:, 1] <= study.true_effect) & (study.true_effect <= table[:, 2])
    return Outcome(
        true_effect=study.true_effect,
        children=study.children,
        runs=study.runs,
        seed=study.seed,
        naive_mean=float(np.mean(naives)) if naives else None,
        adjusted_mean=float(table[:, 0].mean()) if some else None,
        adjusted_sd=float(table[:, 0].std(ddof=1)) if len(table) > 1 else None,
        coverage=float(covered.mean()) if some else None,
        mean_interval_width=float((table[:, 2] - table[:, 1]).mean()) if some else None,
        distinguishable=float(table[:, 3].mean()) if some else None,
    )
