"""Proposals: what one officer asks for, and who else must say yes before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from services.chassis.auth import Resource, require
from services.chassis.ids import new_id
from services.chassis.unit_of_work import UnitOfWork
from services.fund.access import ACTIONS
from services.fund.commands import (
    allocating,
    alone,
    founding,
    handing_back,
    reopening,
    reversal,
    rules,
    virement,
    writing_off,
)
from services.fund.domain.proposal import (
    Proposal,
    ProposalKind,
    ProposalState,
    check_second,
    check_waiting,
)
from services.fund.storage import proposals

Do = Callable[[UnitOfWork, Proposal], str]
"""Does what was proposed and returns the journal that it wrote, empty when none."""

_CHECK: dict[ProposalKind, Callable[[UnitOfWork, Proposal], object]] = {
    ProposalKind.VIREMENT: lambda work, asked: virement.check(work, virement.of(asked)),
    ProposalKind.ALLOCATION: allocating.check,
    ProposalKind.WRITE_OFF: writing_off.check,
    ProposalKind.REVERSAL: lambda work, asked: reversal.check(work, asked.of("journal_id")),
    ProposalKind.REOPENING: reopening.check,
    ProposalKind.MONEY_RULES: rules.check,
    ProposalKind.RETURN: handing_back.check,
    ProposalKind.BUDGET: founding.check,
}
_DO: dict[ProposalKind, Do] = {
    ProposalKind.VIREMENT: virement.move,
    ProposalKind.ALLOCATION: allocating.allocate,
    ProposalKind.WRITE_OFF: writing_off.write_off,
    ProposalKind.REVERSAL: reversal.reverse,
    ProposalKind.REOPENING: reopening.reopen,
    ProposalKind.MONEY_RULES: rules.set_rules,
    ProposalKind.RETURN: handing_back.hand_back,
    ProposalKind.BUDGET: founding.found,
}
_ACTION = {
    ProposalKind.VIREMENT: "budget.vire",
    ProposalKind.ALLOCATION: "budget.allocate",
    ProposalKind.WRITE_OFF: "money.write_off",
    ProposalKind.REVERSAL: "journal.reverse",
    ProposalKind.REOPENING: "period.reopen",
    ProposalKind.MONEY_RULES: "rules.set",
    ProposalKind.RETURN: "source.return",
    ProposalKind.BUDGET: "budget.create",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is proposed; the amount in pence, 0 when it is not about one."""

    kind: ProposalKind
    reason: str
    amount: int = 0
    content: Mapping[str, str | int | None] = field(default_factory=dict)


def propose(work: UnitOfWork, draft: Draft) -> Proposal:
    """Propose, and where one officer is enough do it at once.

    Raises:
        ServiceError: What doing it now would be refused for.
    """
    require(ACTIONS, work.caller, _ACTION[draft.kind], Resource(work.tenant))
    rules_ = proposals.rules(work.connection, work.tenant)
    counted = alone.counted(work, draft.kind, draft.amount, draft.content)
    proposal = Proposal(
        id=new_id(),
        tenant=work.tenant,
        kind=draft.kind,
        second_needed=rules_.second_needed(draft.kind, counted),
        amount=draft.amount,
        content=_content(draft),
        reason=draft.reason,
        proposer=work.caller.subject,
        proposed_at=work.at,
    )
    if proposal.second_needed:
        _CHECK[draft.kind](work, proposal)
    else:
        journal_id = _DO[draft.kind](work, proposal)
        done = ProposalState.DONE
        proposal = replace(proposal, state=done, decided_at=work.at, journal_id=journal_id)
    proposals.add(work, proposal)
    return proposal


def _content(draft: Draft) -> Mapping[str, str | int | None]:
    """Return what is proposed; a new budget has its id from here on."""
    if draft.kind is ProposalKind.BUDGET:
        return {**draft.content, "budget_id": new_id()}
    return draft.content


def confirm(work: UnitOfWork, proposal_id: str) -> Proposal:
    """Do what another officer proposed.

    Raises:
        ProposalNotFound: There is no such proposal (NOT_FOUND).
        ProposerMayNotConfirm: The caller's own (PERMISSION_DENIED).
        ProposalDecided: It does not wait (FAILED_PRECONDITION).
        ServiceError: What doing it is refused for; the proposal goes on waiting.
    """
    proposal = proposals.get(work.connection, work.tenant, proposal_id, lock=True)
    require(ACTIONS, work.caller, "proposal.decide", Resource(proposal.tenant))
    check_waiting(check_second(proposal, work.caller.subject))
    journal_id = _DO[proposal.kind](work, proposal)
    return _decided(work, proposal, ProposalState.DONE, journal_id)


def reject(work: UnitOfWork, proposal_id: str) -> Proposal:
    """Reject a proposal, or take the own one back.

    Raises:
        ProposalNotFound: There is no such proposal (NOT_FOUND).
        ProposalDecided: It does not wait (FAILED_PRECONDITION).
    """
    proposal = proposals.get(work.connection, work.tenant, proposal_id, lock=True)
    require(ACTIONS, work.caller, "proposal.decide", Resource(proposal.tenant))
    return _decided(work, check_waiting(proposal), ProposalState.REJECTED, "")


def _decided(
    work: UnitOfWork, proposal: Proposal, state: ProposalState, journal_id: str
) -> Proposal:
    after = replace(
        proposal,
        state=state,
        decider=work.caller.subject,
        decided_at=work.at,
        journal_id=journal_id,
        version=proposal.version + 1,
    )
    proposals.decide(work, after)
    return after
