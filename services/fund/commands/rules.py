"""The authority's rules for second officers, changed by two of them."""

from __future__ import annotations

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.proposal import MoneyRules, Proposal
from services.fund.storage import proposals


def check(work: UnitOfWork, proposal: Proposal) -> MoneyRules:
    """Return the rules that are proposed, as the next version."""
    now = proposals.rules(work.connection, work.tenant)
    above = proposal.content.get("allocation_above")
    return MoneyRules(
        now.version + 1,
        int(proposal.content["virement_above"] or 0),
        None if above is None else int(above),
        int(proposal.content.get("return_above") or 0),
        bool(proposal.content.get("budget_by_two")),
    )


def set_rules(work: UnitOfWork, proposal: Proposal) -> str:
    """Put the proposed rules in force; no journal is written."""
    proposals.add_rules(work, check(work, proposal), proposal.proposer)
    return ""
