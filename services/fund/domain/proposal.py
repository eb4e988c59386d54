"""What one officer proposes and another confirms, and when one officer is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.fund.errors import ProposalDecided, ProposerMayNotConfirm


class ProposalKind(StrEnum):
    """What is proposed."""

    VIREMENT = "virement"
    ALLOCATION = "allocation"
    WRITE_OFF = "write_off"
    REVERSAL = "reversal"
    REOPENING = "reopening"
    MONEY_RULES = "money_rules"
    RETURN = "return"
    BUDGET = "budget"


class ProposalState(StrEnum):
    """Where a proposal stands."""

    WAITING = "waiting"
    DONE = "done"
    REJECTED = "rejected"


COUNTED_DAYS = 30
"""For how long what one officer did alone counts towards the next sum, as in approvals."""

SAME_MOVE: Mapping[ProposalKind, tuple[str, ...]] = {
    ProposalKind.VIREMENT: ("budget_id", "target_budget_id", "source_id"),
    ProposalKind.ALLOCATION: ("budget_id", "source_id"),
    ProposalKind.RETURN: ("source_id",),
}
"""Kind -> what of its content makes two of them parts of one sum."""


@dataclass(frozen=True, slots=True)
class MoneyRules:
    """From which sums on a second officer is needed, in pence; None: never.

    Source: ledger.md d2, virement limits are data. What is shipped holds until an authority sets
    its own: the second of one borough's bands for money that moves, ten times it for money that
    is planned.

    Attributes:
        budget_by_two: Whether a new budget needs a second officer.
    """

    version: int = 0
    virement_above: int = 100_000
    allocation_above: int | None = 1_000_000
    return_above: int = 100_000
    budget_by_two: bool = False

    def second_needed(self, kind: ProposalKind, pence: int) -> bool:
        """Return whether a second officer must confirm a sum, counted with its parts so far."""
        match kind:
            case ProposalKind.VIREMENT:
                return pence > self.virement_above
            case ProposalKind.ALLOCATION:
                return self.allocation_above is not None and pence > self.allocation_above
            case ProposalKind.RETURN:
                return pence > self.return_above
            case ProposalKind.BUDGET:
                return self.budget_by_two
            case _:
                return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal; amounts in pence, times aware UTC.

    Attributes:
        content: What it is about, by name: ids and whole numbers.
        reason: Free text, personal.
        decider: Who confirmed or rejected; empty while it waits and where one was enough.
        journal_id: What it wrote; empty when nothing.
    """

    id: str
    tenant: str
    kind: ProposalKind
    second_needed: bool
    amount: int
    reason: str
    proposer: str
    proposed_at: datetime
    content: Mapping[str, str | int | None] = field(default_factory=dict)
    state: ProposalState = ProposalState.WAITING
    decider: str = ""
    decided_at: datetime | None = None
    journal_id: str = ""
    version: int = 1

    def of(self, name: str) -> str:
        """Return one text of the content; empty when it is not there."""
        return str(self.content.get(name) or "")


def check_waiting(proposal: Proposal) -> Proposal:
    """Return the proposal.

    Raises:
        ProposalDecided: It does not wait any more (FAILED_PRECONDITION).
    """
    if proposal.state is not ProposalState.WAITING:
        raise ProposalDecided(f"the proposal is {proposal.state}", state=proposal.state)
    return proposal


def check_second(proposal: Proposal, officer: str) -> Proposal:
    """Return the proposal.

    Raises:
        ProposerMayNotConfirm: The same officer (PERMISSION_DENIED).
    """
    if officer == proposal.proposer:
        raise ProposerMayNotConfirm(
            "who proposed may not confirm; two officers are needed", proposal_id=proposal.id
        )
    return proposal
