"""Judging a rule over many children at once, in three values: yes, no, and not known.

A child is in a cohort only where the rule says yes. Where a fact is missing neither a condition
nor its opposite holds, so that nobody is drawn in by a gap in the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.outcomes.cohorts.domain.rule import AllOf, AnyOf, Leaf, Not, Rule

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of each child; neither is not known.

    Attributes:
        yes: Whom it holds for.
        no: Whom it does not hold for.
    """

    yes: Flags
    no: Flags

    @classmethod
    def of(cls, yes: Flags) -> Verdict:
        """Return a verdict of which nothing is unknown."""
        return cls(yes, ~yes)

    @classmethod
    def where_known(cls, yes: Flags, known: Flags) -> Verdict:
        """Return a verdict that is silent where nothing is known."""
        return cls(yes & known, ~yes & known)

    @property
    def unknown(self) -> Flags:
        """Of whom the rule cannot say."""
        return ~self.yes & ~self.no


class Facts(Protocol):
    """What is known of a population on a day, as of a moment."""

    def __len__(self) -> int:
        """Return how many children there are."""
        ...

    def judge(self, leaf: Leaf) -> Verdict:
        """Return what is known of one condition."""
        ...


def judged(rule: Rule | None, facts: Facts) -> Verdict:
    """Return what a rule says of each child; no rule holds for nobody."""
    if rule is None:
        return Verdict.of(np.zeros(len(facts), np.bool_))
    match rule:
        case AllOf(parts):
            return _all([judged(each, facts) for each in parts], len(facts))
        case AnyOf(parts):
            turned = [_turned(judged(each, facts)) for each in parts]
            return _turned(_all(turned, len(facts)))
        case Not(part):
            return _turned(judged(part, facts))
        case _:
            return facts.judge(rule)


def _all(parts: Sequence[Verdict], count: int) -> Verdict:
    yes, no = np.ones(count, np.bool_), np.zeros(count, np.bool_)
    for each in parts:
        yes &= each.yes
        no |= each.no
    return Verdict(yes, no)


def _turned(one: Verdict) -> Verdict:
    return Verdict(one.no, one.yes)
