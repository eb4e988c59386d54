"""From rows to figures: everything that a run says, as plain values that can be stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.outcomes.analysis.breakdowns import Breakdown, breakdowns_of
from services.outcomes.analysis.cohort import Cohort
from services.outcomes.analysis.method.adjusted import (
    NOT_YET_LABEL,
    Estimate,
    Withheld,
    adjusted,
    adjusted_with_draws,
    naive,
    sensitivity_bound_pp,
)
from services.outcomes.analysis.method.children import (
    Direction,
    changes,
    persistently_absent,
    severely_absent,
)
from services.outcomes.analysis.method.costs import Cost, costs_per_outcome
from services.outcomes.analysis.method.sample import Sample
from services.outcomes.analysis.progress import report
from services.outcomes.analysis.rows import EMPTY_PANEL, Panel, beside, together
from services.outcomes.analysis.suspensions import SuspensionFigures, suspensions_of
from services.outcomes.episodes.domain.episode import Episode
from services.outcomes.episodes.windows import WindowKind, WindowStatus

_DIGITS = 6
"""Digits kept of a stored figure: far finer than shown, and the same on every processor."""

NOTES = (
    "The adjusted difference compares children who met the same trigger; it is observational.",
    "Children who left, were home educated or excluded are counted beside, never as improved.",
    "Panels know things about children that registers do not.",
    "Support that the fund did not pay for is known only where somebody recorded it.",
    "Attendance counts possible sessions only; a mark N, no reason yet, may still change.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Who was counted and who could not be; each supported child is in one of the first rows."""

    children: int = 0
    episodes: int = 0
    measured: int = 0
    insufficient: int = 0
    running: int = 0
    leavers: int = 0
    outside_trigger: int = 0
    comparison: int = 0
    never_delivered: int = 0
    improved: int = 0
    same: int = 0
    worse: int = 0
    persistent_before: int = 0
    persistent_after: int = 0
    severe_before: int = 0
    severe_after: int = 0
    home_educated: int = 0
    permanently_excluded: int = 0
    comparison_leavers: int = 0
    comparison_home_educated: int = 0
    comparison_permanently_excluded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendPart:
    """What one value of a split spent, on how many children."""

    split: str
    value: str
    spend_minor: int
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that a run says. Rates are shares of sessions; None is withheld."""

    counts: Counts
    spend_minor: int
    spend_measured_minor: int
    naive: Estimate
    adjusted: Estimate
    placebo: Estimate
    sensitivity_bound_pp: float | None
    extra_sessions: float | None
    means: dict[str, float | None]
    costs: tuple[Cost, ...]
    spend_parts: tuple[SpendPart, ...]
    inputs_sha256: str
    suspensions: SuspensionFigures | None = None
    breakdowns: tuple[Breakdown, ...] = ()
    not_yet_funded: Estimate | None = None
    notes: tuple[str, ...] = NOTES


def figures_of(cohort: Cohort, seed: int) -> Figures:
    """Return every figure of a cohort. Pure: the same cohort and seed give the same figures."""
    panel = cohort.panel or EMPTY_PANEL
    mine, headline = panel.where(panel.supported), panel.headline()
    sample = headline.sample()
    report("comparing with children like them", 60)
    estimate, draws = adjusted_with_draws(sample, seed)
    estimate = beside(estimate, headline)
    report("the placebo run", 75)
    placebo = adjusted(headline.placebo_sample(), seed)
    alone = mine.where(mine.before_and_after & ~mine.gone)
    report("costs per outcome", 85)
    return Figures(
        counts=_counts(cohort, panel, headline),
        spend_minor=sum(row.cost_minor for row in mine.rows),
        spend_measured_minor=sum(row.cost_minor for row in headline.rows),
        naive=beside(naive(alone.sample()), alone),
        adjusted=estimate,
        placebo=beside(placebo, headline.placebo_measured()),
        sensitivity_bound_pp=sensitivity_bound_pp(estimate),
        extra_sessions=_extra_sessions(sample, estimate),
        means=_means(sample, estimate),
        costs=tuple(costs_per_outcome(sample, estimate, gains_pp=draws, seed=seed)),
        spend_parts=tuple(_spend_parts(cohort, mine)),
        inputs_sha256=panel.digest(),
        suspensions=suspensions_of(panel),
        not_yet_funded=_not_yet_funded(cohort, mine, seed),
        breakdowns=tuple(breakdowns_of(cohort, headline, seed, whole=(estimate, draws))),
    )


def _not_yet_funded(cohort: Cohort, mine: Panel, seed: int) -> Estimate:
    """Return the adjusted difference against children whose own support began later."""
    parts = [mine] if cohort.later is None else [mine, cohort.later]
    headline = together(parts).headline()
    found = adjusted(headline.sample(), seed)
    return replace(beside(found, headline), label=NOT_YET_LABEL)


def _counts(cohort: Cohort, panel: Panel, headline: Panel) -> Counts:
    mine, others = panel.where(panel.supported), panel.where(~panel.supported)
    base, follow = (mine.windows[k] for k in (WindowKind.BASELINE, WindowKind.FOLLOW_UP_1))
    kept = headline.where(headline.supported)
    both = base.measured & follow.measured & ~mine.gone
    moved = changes((base.absent, base.possible), (follow.absent, follow.possible), measured=both)
    running = ~mine.gone & (follow.status == WindowStatus.RUNNING)
    outside = ~mine.gone & ~running & mine.measured & ~mine.triggered
    gone, gone_there = _gone(mine), _gone(others)
    first = {name: int(rows.sum()) for name, rows in (("running", running), ("out", outside))}
    persistent = persistently_absent
    return Counts(
        children=len(mine.rows),
        episodes=sum(len(row.episode_ids) for row in mine.rows),
        measured=len(kept.rows),
        insufficient=len(mine.rows) - len(kept.rows) - int(mine.gone.sum()) - sum(first.values()),
        running=first["running"],
        outside_trigger=first["out"],
        comparison=len(headline.rows) - len(kept.rows),
        never_delivered=cohort.never_delivered,
        improved=int((moved.direction == Direction.IMPROVED).sum()),
        same=int((moved.direction == Direction.SAME).sum()),
        worse=int((moved.direction == Direction.WORSE).sum()),
        persistent_before=int((persistent(base.absent, base.possible) & both).sum()),
        persistent_after=int((persistent(follow.absent, follow.possible) & both).sum()),
        severe_before=int((severely_absent(base.absent, base.possible) & both).sum()),
        severe_after=int((severely_absent(follow.absent, follow.possible) & both).sum()),
        **gone,
        **{f"comparison_{name}": count for name, count in gone_there.items()},
    )


def _gone(panel: Panel) -> dict[str, int]:
    """Return who could not be followed, each child once and by the gravest reason."""
    told = panel.happened
    home = told.home_educated & ~told.excluded
    left = panel.left_early & ~told.excluded & ~home
    return {
        "permanently_excluded": int(told.excluded.sum()),
        "home_educated": int(home.sum()),
        "leavers": int(left.sum()),
    }


def _extra_sessions(sample: Sample, estimate: Estimate) -> float | None:
    if estimate.estimate_pp is None:
        return None
    possible = int(sample.follow_up_possible[sample.supported].sum())
    return estimate.estimate_pp / 100 * possible


def _means(sample: Sample, estimate: Estimate) -> dict[str, float | None]:
    """Return the mean attendance of both groups in each window; None when withheld."""
    columns = {
        "baseline": sample.baseline,
        "trigger": sample.trigger,
        "follow_up": sample.follow_up,
    }
    shown = estimate.withheld is Withheld.NO
    means: dict[str, float | None] = {}
    for name, column in columns.items():
        ours, theirs = column[sample.supported], column[~sample.supported]
        means[f"attendance_{name}"] = float(ours.mean()) if shown else None
        means[f"comparison_{name}"] = float(theirs.mean()) if shown else None
    return means


def _spend_parts(cohort: Cohort, mine: Panel) -> Iterable[SpendPart]:
    spend: Counter[tuple[str, str]] = Counter()
    reached: dict[tuple[str, str], set[str]] = {}
    for row in mine.rows:
        for episode_id in row.episode_ids:
            episode = cohort.episodes[episode_id]
            for split, value, minor in _pieces(episode, row.phase, row.half_term):
                spend[split, value] += minor
                reached.setdefault((split, value), set()).add(row.child_id)
    for key in sorted(spend):
        yield SpendPart(
            split=key[0], value=key[1], spend_minor=spend[key], children=len(reached[key])
        )


def _pieces(
    episode: Episode, phase: str, half_term: tuple[int, int]
) -> Iterable[tuple[str, str, int]]:
    """Yield each split's pieces of an episode's cost; the pieces of one split sum to it."""
    yield "phase", phase, episode.cost_minor
    yield "half_term", f"{half_term[0]}/{half_term[1]}", episode.cost_minor
    for part in episode.parts:
        yield "category", part.category, part.cost_minor
        yield "supplier", part.supplier_id, part.cost_minor
    for cost in episode.costs():
        yield "source", cost.source_id, cost.cost_minor


def rounded(value: float | None) -> float | None:
    """Return a figure as it is stored."""
    return None if value is None else round(value, _DIGITS)
