"""Proposals, and the rules for when a second officer is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, exists, insert, not_, select, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.proposal import (
    COUNTED_DAYS,
    MoneyRules,
    Proposal,
    ProposalKind,
    ProposalState,
)
from services.fund.errors import ProposalDecided, ProposalNotFound
from services.fund.storage.paging import Cut
from services.fund.storage.tables import journals
from services.fund.storage.tables.controls import money_rules, proposals


def get(connection: Connection, tenant: str, proposal_id: str, *, lock: bool = False) -> Proposal:
    """Return a proposal.

    Raises:
        ProposalNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    query = select(proposals).where(proposals.c.tenant == tenant, proposals.c.id == proposal_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise ProposalNotFound("there is no such proposal", proposal_id=proposal_id)
    return _proposal(row)


def page(
    connection: Connection, tenant: str, cut: Cut, state: ProposalState | None
) -> list[Proposal]:
    """Return a page of proposals, newest first; all of them without a state."""
    query = select(proposals).where(proposals.c.tenant == tenant)
    if cut.after:
        query = query.where(proposals.c.id < cut.after)
    if state is not None:
        query = query.where(proposals.c.state == state)
    rows = connection.execute(query.order_by(proposals.c.id.desc()).limit(cut.size))
    return [_proposal(row) for row in rows]


def add(work: UnitOfWork, proposal: Proposal) -> None:
    """Insert a proposal."""
    work.connection.execute(
        insert(proposals).values(
            id=proposal.id,
            tenant=proposal.tenant,
            kind=proposal.kind,
            second_needed=proposal.second_needed,
            amount=proposal.amount,
            content=dict(proposal.content),
            reason=proposal.reason,
            proposer=proposal.proposer,
            proposed_at=proposal.proposed_at,
            **_decided(proposal),
        )
    )


def decide(work: UnitOfWork, after: Proposal) -> None:
    """Write what became of a proposal that waits.

    Raises:
        ProposalDecided: It was decided meanwhile (FAILED_PRECONDITION).
    """
    waits = (proposals.c.id == after.id) & (proposals.c.state == ProposalState.WAITING)
    written = work.connection.execute(update(proposals).where(waits).values(**_decided(after)))
    if written.rowcount != 1:
        raise ProposalDecided("the proposal was decided meanwhile", state=after.state)


def done_alone(
    connection: Connection,
    tenant: str,
    kind: ProposalKind,
    *,
    same: Mapping[str, Any],
    at: datetime,
) -> int:
    """Return the pence that one officer sufficed for lately, of the same move, and still stand."""
    undone = exists().where(journals.c.reverses_id == proposals.c.journal_id)
    query = select(proposals.c.amount, proposals.c.content).where(
        proposals.c.tenant == tenant,
        proposals.c.kind == kind,
        proposals.c.state == ProposalState.DONE,
        proposals.c.second_needed.is_(False),
        proposals.c.decided_at > at - timedelta(days=COUNTED_DAYS),
        not_(undone),
    )
    found = connection.execute(query)
    return sum(row.amount for row in found if same.items() <= row.content.items())


def rules(connection: Connection, tenant: str) -> MoneyRules:
    """Return the rules in force; the default until the authority sets its own."""
    query = select(money_rules).where(money_rules.c.tenant == tenant)
    row = connection.execute(query.order_by(money_rules.c.version.desc()).limit(1)).one_or_none()
    if row is None:
        return MoneyRules()
    return MoneyRules(
        row.version,
        row.virement_above,
        row.allocation_above,
        row.return_above,
        row.budget_by_two,
    )


def add_rules(work: UnitOfWork, new: MoneyRules, proposer: str) -> None:
    """Insert the next version of the rules; the caller is the second officer."""
    work.connection.execute(
        insert(money_rules).values(
            tenant=work.tenant,
            version=new.version,
            virement_above=new.virement_above,
            allocation_above=new.allocation_above,
            return_above=new.return_above,
            budget_by_two=new.budget_by_two,
            set_by=proposer,
            confirmed_by=work.caller.subject,
            created_at=work.at,
        )
    )


def _decided(proposal: Proposal) -> dict[str, Any]:
    return {
        "state": proposal.state,
        "decider": proposal.decider,
        "decided_at": proposal.decided_at,
        "journal_id": proposal.journal_id,
        "version": proposal.version,
    }


def _proposal(row: Any) -> Proposal:
    return Proposal(
        id=row.id,
        tenant=row.tenant,
        kind=ProposalKind(row.kind),
        second_needed=row.second_needed,
        amount=row.amount,
        content=row.content,
        reason=row.reason,
        proposer=row.proposer,
        proposed_at=row.proposed_at,
        state=ProposalState(row.state),
        decider=row.decider,
        decided_at=row.decided_at,
        journal_id=row.journal_id,
        version=row.version,
    )
