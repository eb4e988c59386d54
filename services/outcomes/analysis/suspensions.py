"""Suspensions of supported children beside those of the comparison, before and after.

Everybody who met the trigger is in it, also who left or was excluded: the possible sessions of
each child are the exposure, so a child who is gone adds neither calm nor trouble.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.outcomes.analysis.method import MINIMUM_CHILDREN
from services.outcomes.analysis.method.children import Flags
from services.outcomes.analysis.method.events import RateRatio, rate_ratio
from services.outcomes.analysis.rows import Panel
from services.outcomes.episodes.windows import WindowKind, WindowStatus

BEFORE = (WindowKind.BASELINE, WindowKind.TRIGGER)
AFTER = (WindowKind.FOLLOW_UP_1,)

TOO_FEW_CHILDREN = "too few children: counts only"
TOO_FEW_COMPARISON = "too few children like them to compare with"
NO_SUSPENSIONS = "no suspension on one side: counts and their upper limits only"
GIVEN = "suspensions per possible session, against children like them who were not funded"
METHOD = "negative binomial with possible sessions as offset, HC1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSuspensions:
    """Suspensions of one group of children, 90 school days before and 30 after.

    Attributes:
        children: Looked at.
        suspended_before, suspended_after: Children with one spell or more.
        sessions_before, sessions_after: Lost to suspensions.
        possible_before, possible_after: Sessions that the children could attend.
        off_roll_after: Sessions of follow-up 1 while children were on no roll.
    """

    children: int
    suspended_before: int
    suspended_after: int
    spells_before: int
    spells_after: int
    sessions_before: int
    sessions_after: int
    possible_before: int
    possible_after: int
    off_roll_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionFigures:
    """Both groups, and the ratio of their rates; None is withheld and `label` says why."""

    supported: GroupSuspensions
    comparison: GroupSuspensions
    ratio: float | None = None
    lower: float | None = None
    upper: float | None = None
    dispersion: float | None = None
    label: str = ""


def suspensions_of(panel: Panel) -> SuspensionFigures:
    """Return the suspensions of a run. Pure: the same panel gives the same figures."""
    told = followed(panel)
    supported, comparison = _group(told, told.supported), _group(told, ~told.supported)
    label = _withheld(supported, comparison)
    if label:
        return SuspensionFigures(supported=supported, comparison=comparison, label=label)
    fitted = _fitted(told.where(told.possible(AFTER) > 0))
    return SuspensionFigures(
        supported=supported,
        comparison=comparison,
        ratio=fitted.ratio,
        lower=fitted.lower,
        upper=fitted.upper,
        dispersion=fitted.dispersion,
        label=GIVEN,
    )


def followed(panel: Panel) -> Panel:
    """Return who is compared: who met the trigger and whose follow-up has ended, however it did."""
    follow = panel.windows[WindowKind.FOLLOW_UP_1]
    ended = panel.gone | (follow.status != WindowStatus.RUNNING)
    return panel.where(panel.triggered & ended)


def _fitted(told: Panel) -> RateRatio:
    spells, before = told.happened.spells, told.possible(BEFORE)
    return rate_ratio(
        told.happened.total(spells, AFTER),
        told.possible(AFTER),
        supported=told.supported,
        earlier=told.happened.total(spells, BEFORE) / np.maximum(before, 1),
    )


def _withheld(supported: GroupSuspensions, comparison: GroupSuspensions) -> str:
    if supported.children < MINIMUM_CHILDREN:
        return TOO_FEW_CHILDREN
    if comparison.children < MINIMUM_CHILDREN:
        return TOO_FEW_COMPARISON
    none = not supported.spells_after or not comparison.spells_after
    return NO_SUSPENSIONS if none else ""


def _group(panel: Panel, rows: Flags) -> GroupSuspensions:
    chosen = panel.where(rows)
    held = chosen.happened
    spells = {when: held.total(held.spells, when) for when in (BEFORE, AFTER)}
    return GroupSuspensions(
        children=len(chosen.rows),
        suspended_before=int((spells[BEFORE] > 0).sum()),
        suspended_after=int((spells[AFTER] > 0).sum()),
        spells_before=int(spells[BEFORE].sum()),
        spells_after=int(spells[AFTER].sum()),
        sessions_before=int(held.total(held.sessions, BEFORE).sum()),
        sessions_after=int(held.total(held.sessions, AFTER).sum()),
        possible_before=int(chosen.possible(BEFORE).sum()),
        possible_after=int(chosen.possible(AFTER).sum()),
        off_roll_after=int(held.off_roll.sum()),
    )
