"""Approval policies, cover, and the right to override: what approvals are decided under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.chassis.auth import Resource, require
from services.chassis.clock import london_date
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.domain.policy import Policy, PolicyProposal, PolicyVersion, check_policy
from services.fund.errors import DateOutOfRange, ProposalDecided, ProposerMayNotConfirm
from services.fund.errors.approvals import CoverInvalid, OwnOverrideRight
from services.fund.storage import deciders, policies
from services.fund.storage.deciders import Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCover:
    """Who stands in for whom; no first day: today."""

    delegator: str
    deputy: str
    valid_from: date | None
    valid_to: date


@dataclass(frozen=True, slots=True)
class OverrideRight:
    """Whether an officer may override from now on."""

    id: str
    officer: str
    allowed: bool


def propose(work: UnitOfWork, policy: Policy, reason: str) -> PolicyProposal:
    """Propose a version; nothing changes until another officer confirms it.

    Raises:
        PolicyInvalid: It does not answer for every sum (INVALID_ARGUMENT).
    """
    require(ACTIONS, work.caller, "policy.set", Resource(work.tenant))
    check_policy(policy)
    proposal = PolicyProposal(
        id=new_id(),
        tenant=work.tenant,
        policy=policy,
        proposed_by=work.caller.subject,
        reason=reason,
        created_at=work.at,
    )
    policies.propose(work, proposal)
    return proposal


def confirm(work: UnitOfWork, proposal_id: str) -> PolicyVersion:
    """Put a proposed version in force.

    Raises:
        ProposalNotFound: Unknown, or another authority's (NOT_FOUND).
        ProposerMayNotConfirm: The caller proposed it (PERMISSION_DENIED).
        ProposalDecided: It is in force already (FAILED_PRECONDITION).
    """
    require(ACTIONS, work.caller, "policy.set", Resource(work.tenant))
    found = policies.proposal(work.connection, work.tenant, proposal_id)
    if found.proposed_by == work.caller.subject:
        raise ProposerMayNotConfirm("another officer confirms it", proposal_id=proposal_id)
    if policies.is_confirmed(work.connection, proposal_id):
        raise ProposalDecided("it is in force already", state="confirmed")
    return policies.confirm(work, found)


def set_cover(work: UnitOfWork, new: NewCover) -> Cover:
    """Let a deputy decide under another officer's limit.

    Raises:
        CoverInvalid: Deputy, delegator and caller are not as they must be (INVALID_ARGUMENT).
        DateOutOfRange: It begins in the past or ends before it begins (INVALID_ARGUMENT).
    """
    require(ACTIONS, work.caller, "cover.set", Resource(work.tenant))
    today = london_date(work.at)
    start = new.valid_from or today
    _check_cover(new, work.caller.subject)
    if start < today or new.valid_to < start:
        raise DateOutOfRange(
            f"valid_to_date: {start} to {new.valid_to} is no time to come",
            field="valid_from_date" if start < today else "valid_to_date",
            date=(start if start < today else new.valid_to).isoformat(),
        )
    cover = Cover(
        id=new_id(),
        tenant=work.tenant,
        delegator=new.delegator,
        deputy=new.deputy,
        valid_from=start,
        valid_to=new.valid_to,
        set_by=work.caller.subject,
    )
    deciders.add_cover(work, cover)
    return cover


def _check_cover(new: NewCover, setter: str) -> None:
    rules = {
        "nobody stands in for themselves": new.deputy == new.delegator,
        "nobody makes themselves a deputy": new.deputy == setter,
    }
    for rule, broken in rules.items():
        if broken:
            raise CoverInvalid(f"deputy_id: {rule}", field="deputy_id", rule=rule)


def end_cover(work: UnitOfWork, cover_id: str) -> Cover:
    """End a cover at once.

    Raises:
        CoverNotFound: Unknown, another authority's, or ended (NOT_FOUND).
    """
    require(ACTIONS, work.caller, "cover.set", Resource(work.tenant))
    return deciders.end_cover(work, cover_id)


def set_override(work: UnitOfWork, officer: str, *, allowed: bool) -> OverrideRight:
    """Give or take the right to override.

    Raises:
        OwnOverrideRight: The caller's own (PERMISSION_DENIED).
    """
    require(ACTIONS, work.caller, "override.set", Resource(work.tenant))
    if officer == work.caller.subject:
        raise OwnOverrideRight("nobody sets their own right", officer_id=officer)
    right = OverrideRight(new_id(), officer, allowed)
    deciders.set_override(work, right.id, officer, allowed=allowed)
    return right
