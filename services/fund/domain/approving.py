"""Whether an approval may stand: who takes part, and what the policy asks for.

Requester, recommender and approvers are different people; a deputy and the officer they stand in
for count as both. Rules that an override may set aside come last. Source: ledger.md d3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.chassis.errors import ServiceError
from services.fund.domain.approval import Counted, Decision, Limit
from services.fund.domain.policy import Policy, Rung
from services.fund.domain.purchase import Purchase
from services.fund.errors import NoDelegatedLimit, RequesterMayNotDecide
from services.fund.errors.approvals import (
    AlreadyTookPart,
    ApproverRoleNotAllowed,
    CategoryCapReached,
    ChildCapReached,
    DuplicateUnexplained,
    QuotesMissing,
    RecommenderMayNotDecide,
    SameApproverTwice,
)


class Part(StrEnum):
    """How a person took part in a version of a request."""

    RECOMMENDED = "recommended"
    APPROVED = "approved"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Took:
    """A person's part in the version that is decided now."""

    person: str
    part: Part
    decision_id: str = ""


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who decides: an officer, and whom they stand in for (empty: nobody)."""

    officer: str
    on_behalf_of: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who counts as having decided."""
        return (self.officer, self.on_behalf_of) if self.on_behalf_of else (self.officer,)

    @property
    def limit_holder(self) -> str:
        """Whose limit holds."""
        return self.on_behalf_of or self.officer


def each_place(pence: int, places: int) -> int:
    """Return what one place of a purchase costs, rounded up to the penny."""
    return -(-pence // max(places, 1))


def check_people(purchase: Purchase, deciders: Deciders, took: Iterable[Took]) -> None:
    """Check that whoever decides has no other part in the request.

    Raises:
        RequesterMayNotDecide: One of them asked for it (PERMISSION_DENIED).
        RecommenderMayNotDecide: One of them recommended it (PERMISSION_DENIED).
        SameApproverTwice: One of them approved it already (PERMISSION_DENIED).
    """
    if purchase.requester in deciders.people:
        raise RequesterMayNotDecide(
            "who asked for a purchase may not decide on it", purchase_id=purchase.id
        )
    before = {each.person: each.part for each in took}
    parts = {before[person] for person in deciders.people if person in before}
    if Part.RECOMMENDED in parts:
        raise RecommenderMayNotDecide(
            "who recommended a purchase may not decide on it", purchase_id=purchase.id
        )
    if parts:
        raise SameApproverTwice(
            "you, or who you stand in for, have approved it; another person is needed",
            purchase_id=purchase.id,
        )


def check_new_part(purchase: Purchase, person: str, took: Iterable[Took]) -> None:
    """Check that a person has no part in the request so far.

    Raises:
        AlreadyTookPart: They recommended or approved it (PERMISSION_DENIED).
    """
    if any(each.person == person for each in took):
        raise AlreadyTookPart("you have a part in it already", purchase_id=purchase.id)


def check_role(rung: Rung, role: str) -> None:
    """Check that the policy gives this sum to the role.

    Raises:
        ApproverRoleNotAllowed: It does not (PERMISSION_DENIED).
    """
    if role not in rung.roles:
        roles = ",".join(rung.roles)
        raise ApproverRoleNotAllowed(f"sums like this are for {roles}", role=role, roles=roles)


def check_any_limit(limit: Limit | None, officer: str) -> Limit:
    """Return the limit of the first of two approvers, whatever its amount.

    Raises:
        NoDelegatedLimit: They hold none today (PERMISSION_DENIED).
    """
    if limit is None:
        raise NoDelegatedLimit("you hold no delegated limit today", officer_id=officer)
    return limit


def stands(earlier: Decision, purchase_hash: str, pence: int, limit_now: Limit | None) -> bool:
    """Return whether an earlier approval still counts.

    It must be for the same content and as much money, and its limit must not have been lowered
    or ended since.
    """
    kept = limit_now is not None and limit_now.limit_minor >= earlier.limit_minor
    return kept and earlier.content_hash == purchase_hash and earlier.amount_minor >= pence


def broken_rules(
    purchase: Purchase, counted: Counted, policy: Policy, *, pence: int, explained: bool
) -> list[ServiceError]:
    """Return the refusals of the policy that a reason or an override may set aside, in order.

    Args:
        purchase: What is decided.
        counted: What came before it.
        policy: In force now.
        pence: How much would be approved.
        explained: Whether the approver gave a reason.
    """
    rung = policy.rung(purchase.category, counted.with_purchase(pence)[0])
    found: list[ServiceError] = []
    if counted.quotes < rung.quotes:
        found.append(
            QuotesMissing(
                f"{rung.quotes} quotes are needed and {counted.quotes} are attached",
                needed=rung.quotes,
                attached=counted.quotes,
            )
        )
    found += _caps(purchase, counted, policy, each_place(pence, purchase.places))
    if counted.duplicate and not explained:
        found.append(
            DuplicateUnexplained(
                "the child was given this category lately; say why again",
                weeks=policy.duplicate_weeks,
                purchase_id=counted.duplicate,
            )
        )
    return found


def _caps(
    purchase: Purchase, counted: Counted, policy: Policy, part: int
) -> Sequence[ServiceError]:
    found: list[ServiceError] = []
    if policy.child_cap is not None and counted.child + part > policy.child_cap:
        found.append(
            ChildCapReached(
                f"a child would be given {counted.child + part} pence in all",
                cap_minor=policy.child_cap,
                counted_minor=counted.child + part,
            )
        )
    cap = policy.category_caps.get(purchase.category)
    if cap is not None and counted.child_in_category + part > cap:
        found.append(
            CategoryCapReached(
                f"a child would be given {counted.child_in_category + part} pence of this",
                category=purchase.category,
                cap_minor=cap,
                counted_minor=counted.child_in_category + part,
            )
        )
    return found
