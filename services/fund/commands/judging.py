"""What every decision about money is judged by: cover, people, limits and the policy's rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.chassis.clock import london_date
from services.chassis.errors import ServiceError
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.approval import Counted, Decision, Limit, check_limit, content_hash
from services.fund.domain.approving import Deciders, broken_rules, check_any_limit, stands
from services.fund.domain.policy import Policy, Rung
from services.fund.domain.purchase import Purchase
from services.fund.errors.approvals import NoOverrideRight, NotCovered
from services.fund.storage import approvals, deciders, policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a decision is made from.

    Attributes:
        pence: How much would be approved in all.
        explained: Whether the officer gave a reason.
    """

    purchase: Purchase
    who: Deciders
    policy: Policy
    counted: Counted
    pence: int
    explained: bool

    @property
    def rung(self) -> Rung:
        """What the policy asks for."""
        return self.policy.rung(self.purchase.category, self.total)

    @property
    def total(self) -> int:
        """Pence that count, with what was approved in the windows."""
        return self.counted.with_purchase(self.pence)[0]


def case_of(
    work: UnitOfWork, purchase: Purchase, who: Deciders, *, pence: int, explained: bool
) -> Case:
    """Return the case of a decision under the policy in force."""
    policy = policies.in_force(work.connection, work.tenant)
    counted = approvals.counted(work.connection, purchase, policy, at=work.at)
    return Case(
        purchase=purchase,
        who=who,
        policy=policy,
        counted=counted,
        pence=pence,
        explained=explained,
    )


def check_cover(work: UnitOfWork, who: Deciders) -> None:
    """Check that a deputy stands in for whom they say, today.

    Raises:
        NotCovered: They do not (PERMISSION_DENIED).
    """
    if not who.on_behalf_of:
        return
    cover = (work.tenant, who.officer, who.on_behalf_of)
    if not deciders.covered(work.connection, cover, london_date(work.at)):
        raise NotCovered("you stand in for nobody of this id today", delegator_id=who.on_behalf_of)


def standing(work: UnitOfWork, case: Case, known: Iterable[Decision]) -> list[Decision]:
    """Return the earlier decisions that still count: a lowered limit voids its own."""
    today = london_date(work.at)
    wanted = content_hash(case.purchase)
    found = []
    for earlier in known:
        holder = earlier.on_behalf_of or earlier.decider
        now = approvals.limit_of(work.connection, work.tenant, holder, today)
        if stands(earlier, wanted, case.pence, now):
            found.append(earlier)
    return found


def limit_of(work: UnitOfWork, case: Case, *, last: bool) -> Limit:
    """Return the limit that holds; who decides last must be within theirs.

    Raises:
        NoDelegatedLimit, OverDelegatedLimit: They are not (PERMISSION_DENIED).
    """
    holder = case.who.limit_holder
    held = approvals.limit_of(work.connection, work.tenant, holder, london_date(work.at))
    if last:
        return check_limit(held, case.counted, case.pence, officer=holder)
    return check_any_limit(held, holder)


def overridden_by(work: UnitOfWork, case: Case, reason: str) -> tuple[str, ...]:
    """Return the rules that are set aside.

    Raises:
        ServiceError: The first rule that is broken, without a reason to set it aside.
        NoOverrideRight: The officer may not override (PERMISSION_DENIED).
    """
    broken: list[ServiceError] = broken_rules(
        case.purchase, case.counted, case.policy, pence=case.pence, explained=case.explained
    )
    if reason:
        officer = case.who.officer
        if not deciders.may_override(work.connection, work.tenant, officer):
            raise NoOverrideRight("you hold no right to override", officer_id=officer)
        return tuple(each.reason for each in broken)
    if broken:
        raise broken[0]
    return ()
