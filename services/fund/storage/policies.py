"""Versions of the approval policy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.policy import (
    DEFAULT,
    Policy,
    PolicyProposal,
    PolicyVersion,
    from_content,
    to_content,
)
from services.fund.errors import ProposalNotFound
from services.fund.storage.tables.approving import approval_policies, policy_proposals


def version_in_force(connection: Connection, tenant: str) -> PolicyVersion:
    """Return the newest version; the shipped default when the authority has none."""
    row = connection.execute(
        select(approval_policies)
        .where(approval_policies.c.tenant == tenant)
        .order_by(approval_policies.c.version.desc())
        .limit(1)
    ).one_or_none()
    return PolicyVersion(policy=DEFAULT) if row is None else _version(row)


def in_force(connection: Connection, tenant: str) -> Policy:
    """Return the rules that hold now."""
    return version_in_force(connection, tenant).policy


def propose(work: UnitOfWork, proposal: PolicyProposal) -> None:
    """Insert a version that waits for a second officer."""
    work.connection.execute(
        insert(policy_proposals).values(
            id=proposal.id,
            tenant=proposal.tenant,
            content=to_content(proposal.policy),
            reason=proposal.reason,
            proposed_by=proposal.proposed_by,
            created_at=proposal.created_at,
        )
    )


def proposal(connection: Connection, tenant: str, proposal_id: str) -> PolicyProposal:
    """Return a proposal.

    Raises:
        ProposalNotFound: Unknown, or another authority's (NOT_FOUND).
    """
    row = connection.execute(
        select(policy_proposals).where(
            policy_proposals.c.tenant == tenant, policy_proposals.c.id == proposal_id
        )
    ).one_or_none()
    if row is None:
        raise ProposalNotFound("there is no such proposal", proposal_id=proposal_id)
    return PolicyProposal(
        id=row.id,
        tenant=row.tenant,
        policy=from_content(row.content, 0),
        proposed_by=row.proposed_by,
        reason=row.reason,
        created_at=row.created_at,
    )


def is_confirmed(connection: Connection, proposal_id: str) -> bool:
    """Return whether a proposal has been put in force."""
    query = select(approval_policies.c.version).where(
        approval_policies.c.proposal_id == proposal_id
    )
    return connection.execute(query).first() is not None


def confirm(work: UnitOfWork, found: PolicyProposal) -> PolicyVersion:
    """Put a proposal in force as the next version; the table refuses its proposer."""
    version = in_force(work.connection, work.tenant).version + 1
    confirmed = PolicyVersion(
        policy=from_content(to_content(found.policy), version),
        proposed_by=found.proposed_by,
        confirmed_by=work.caller.subject,
        created_at=work.at,
    )
    work.connection.execute(
        insert(approval_policies).values(
            tenant=work.tenant,
            version=version,
            proposal_id=found.id,
            content=to_content(found.policy),
            proposed_by=found.proposed_by,
            confirmed_by=work.caller.subject,
            created_at=work.at,
        )
    )
    return confirmed


def _version(row: Any) -> PolicyVersion:
    return PolicyVersion(
        policy=from_content(row.content, row.version),
        proposed_by=row.proposed_by,
        confirmed_by=row.confirmed_by,
        created_at=row.created_at,
    )
