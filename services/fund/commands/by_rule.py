"""Approving small sums by rule, away from the requests themselves, and the checks afterwards.

A job does it, so that asking costs no more where a rule exists. What a rule approves is decided
under the same windows, caps and duplicates as a person's approval, and it never overrides.
"""

from __future__ import annotations

from dataclasses import replace

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.commands.steps import record
from services.fund.domain import steps
from services.fund.domain.approval import Counted, Decision, content_hash
from services.fund.domain.approving import broken_rules
from services.fund.domain.policy import Policy
from services.fund.domain.purchase import Action, Purchase, State
from services.fund.errors import RequesterMayNotDecide
from services.fund.storage import after_checks, approvals, deciders, policies, purchases
from services.fund.storage.after_checks import AfterCheck

RULE = "rule"
"""Who approved, where no person did."""


def approve(work: UnitOfWork, purchase_id: str) -> bool:
    """Approve a request when the rule allows it; return whether it did."""
    purchase = purchases.get(work.connection, work.tenant, purchase_id, lock=True)
    policy = policies.in_force(work.connection, work.tenant)
    counted = approvals.counted(work.connection, purchase, policy, at=work.at)
    if not _allowed(work, purchase, policy, counted):
        return False
    step = steps.approve(purchase, None, RULE, at=work.at)
    decision = Decision(
        id=new_id(),
        tenant=work.tenant,
        purchase_id=purchase.id,
        purchase_version=purchase.version,
        revision=purchase.revision,
        outcome="approved",
        decider=RULE,
        requester=purchase.requester,
        decided_at=work.at,
        amount_minor=step.amount,
        limit_minor=policy.auto.up_to,
        counted_minor=counted.with_purchase(step.amount)[0],
        policy_version=policy.version,
        content_hash=content_hash(purchase),
    )
    approvals.add_decision(work, decision)
    if policy.auto.draws(purchase.id):
        after_checks.add(work, decision)
    details = {"decision_id": decision.id, "approved_minor": step.amount}
    today = london_date(work.at)
    fact = purchases.Fact(effective_on=today, amount=step.amount, decision_id=decision.id)
    record(work, step, fact=fact, details=details)
    return True


def _allowed(work: UnitOfWork, purchase: Purchase, policy: Policy, counted: Counted) -> bool:
    pence = purchase.money.reserved
    return (
        purchase.state is State.SUBMITTED
        and purchase.category in policy.auto.categories
        and counted.with_purchase(pence)[0] <= policy.auto.up_to
        and not broken_rules(purchase, counted, policy, pence=pence, explained=False)
        and not deciders.took_part(work.connection, purchase)
        and not _seen_by_people(work, purchase)
    )


def _seen_by_people(work: UnitOfWork, purchase: Purchase) -> bool:
    """Return whether somebody asked something: then a person decides."""
    facts = purchases.facts_of(work.connection, purchase.id)
    return any(each.action is not Action.SUBMITTED for each in facts)


def check_afterwards(work: UnitOfWork, found: AfterCheck) -> AfterCheck:
    """Record what an officer found about an approval by rule.

    Raises:
        AfterCheckNotFound: It was not drawn (NOT_FOUND).
        RequesterMayNotDecide: The caller asked for it (PERMISSION_DENIED).
        AfterCheckDone: Somebody has looked already (ALREADY_EXISTS).
    """
    require(ACTIONS, work.caller, "after_check.record", Resource(work.tenant))
    drawn = after_checks.get(work.connection, work.tenant, found.decision_id)
    if drawn.requester == work.caller.subject:
        raise RequesterMayNotDecide("another person looks", purchase_id=drawn.purchase_id)
    check = replace(
        drawn,
        found_right=found.found_right,
        reason=found.reason,
        checked_by=work.caller.subject,
        checked_at=work.at,
    )
    after_checks.record(work, check)
    return check
