"""An authority's approval policy: rungs, caps and windows, as data in versions.

The shipped default is version 1. It approves nothing by rule: an authority that wants small
sums decided without a person says so itself. Source: ledger.md d3; DESIGN section 6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from services.fund.domain.category import DEFAULT_CATEGORIES
from services.fund.domain.duties import Duties
from services.fund.errors.approvals import PolicyInvalid

OFFICERS = ("finance_officer",)
_DUTIES = Duties(approver_pays_up_to=500_00)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """How sums up to a bound are decided.

    Attributes:
        category: Only this one; empty for all.
        up_to: Pence, included; None for every sum.
        approvers: Different people, 1 or 2.
        quotes: How many must be attached.
    """

    category: str = ""
    up_to: int | None = None
    approvers: int = 1
    roles: tuple[str, ...] = OFFICERS
    quotes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoRule:
    """What is approved without a person; nothing without categories.

    Attributes:
        up_to: Pence, counted as a person's approval would be.
        sample_percent: How many in a hundred an officer looks at afterwards.
    """

    categories: frozenset[str] = frozenset()
    up_to: int = 0
    sample_percent: int = 0

    def draws(self, purchase_id: str) -> bool:
        """Return whether a purchase is drawn for an after-check; the same on every replica."""
        drawn = int.from_bytes(hashlib.sha256(purchase_id.encode()).digest()[:4]) % 100
        return drawn < self.sample_percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the rules. Amounts are pence.

    Attributes:
        child_cap: The most for one child in all within `cap_days`; None: no cap.
        category_caps: Category -> the most for one child within `cap_days`.
        duplicate_weeks: How far back the same child and category needs a reason; 0: never.
        window_days: How far back approvals count together against splitting.
        tolerance_basis_points, tolerance: How far a purchase may rise without a decision;
            the smaller of both.
        expiry_working_days: When a request that nobody decided expires.
        duties: Who may not pay what they had a hand in.
    """

    version: int = 1
    rungs: tuple[Rung, ...] = (Rung(up_to=5_000_00), Rung(approvers=2, quotes=3))
    auto: AutoRule = AutoRule()
    child_cap: int | None = None
    category_caps: Mapping[str, int] = field(default_factory=dict)
    cap_days: int = 365
    duplicate_weeks: int = 4
    window_days: int = 30
    tolerance_basis_points: int = 500
    tolerance: int = 25_00
    expiry_working_days: int = 30
    duties: Duties = _DUTIES

    def rung(self, category: str, counted: int) -> Rung:
        """Return the rung of a counted sum: the first that fits."""
        return next(
            rung
            for rung in self.rungs
            if rung.category in ("", category) and (rung.up_to is None or counted <= rung.up_to)
        )

    def within_tolerance(self, approved: int, more: int) -> bool:
        """Return whether `more` pence on top of what was approved need no new decision."""
        return more <= min(approved * self.tolerance_basis_points // 10_000, self.tolerance)


DEFAULT = Policy()
"""The shipped policy: one approver up to £5,000, above it two and three quotes; all duties apart,
but an approver may pay up to £500.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """A version with who put it in force; both empty for the default."""

    policy: Policy
    proposed_by: str = ""
    confirmed_by: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProposal:
    """A version that waits for a second officer."""

    id: str
    tenant: str
    policy: Policy
    proposed_by: str
    reason: str
    created_at: datetime


def check_policy(policy: Policy) -> None:
    """Check that a policy answers for every sum of every category.

    Raises:
        PolicyInvalid: It does not (INVALID_ARGUMENT); `rule` says which part.
    """
    last = policy.rungs[-1]
    _hold("the last rung reaches every sum", last.up_to is None and not last.category)
    bounds: dict[str, int] = {}
    for rung in policy.rungs:
        _known(rung.category)
        if rung.up_to is not None:
            rises = rung.up_to > bounds.get(rung.category, 0)
            _hold("the rungs of a category rise", rises)
            bounds[rung.category] = rung.up_to
    for category in (*policy.auto.categories, *policy.category_caps):
        _known(category)


def _known(category: str) -> None:
    _hold("its categories are on the list", not category or category in DEFAULT_CATEGORIES)


def _hold(rule: str, true: bool) -> None:  # noqa: FBT001 (a checked fact)
    if not true:
        raise PolicyInvalid(f"rules: {rule}", field="rules", rule=rule)


def to_content(policy: Policy) -> dict[str, Any]:
    """Return what a row keeps of a policy."""
    return {
        "rungs": [
            [rung.category, rung.up_to, rung.approvers, list(rung.roles), rung.quotes]
            for rung in policy.rungs
        ],
        "auto": [sorted(policy.auto.categories), policy.auto.up_to, policy.auto.sample_percent],
        "category_caps": dict(policy.category_caps),
        "duties": asdict(policy.duties),
        **{name: getattr(policy, name) for name in _PLAIN},
    }


def from_content(content: Mapping[str, Any], version: int) -> Policy:
    """Return the policy that a row keeps."""
    categories, up_to, sample = content["auto"]
    return Policy(
        version=version,
        rungs=tuple(
            Rung(category=name, up_to=most, approvers=people, roles=tuple(roles), quotes=quotes)
            for name, most, people, roles, quotes in content["rungs"]
        ),
        auto=AutoRule(categories=frozenset(categories), up_to=up_to, sample_percent=sample),
        category_caps=dict(content["category_caps"]),
        duties=Duties(**content.get("duties", {})),
        **{name: content[name] for name in _PLAIN},
    )


_PLAIN = (
    "child_cap",
    "cap_days",
    "duplicate_weeks",
    "window_days",
    "tolerance_basis_points",
    "tolerance",
    "expiry_working_days",
)
