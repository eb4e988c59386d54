"""Everything that happened to a purchase, as far as the caller may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.chassis.auth import Principal
from services.fund.domain.papers import INTERNAL_ROLES
from services.fund.queries.purchases import readable
from services.fund.storage import deciders, discussion, purchases, revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened; the amount in pence, 0 for none.

    Attributes:
        kind: `step`, `decision`, `revision`, `comment` or `attachment`.
        text: Why, or what was said; personal.
    """

    kind: str
    action: str
    actor: str
    at: datetime
    actor_role: str = ""
    text: str = ""
    amount: int = 0
    resource_id: str = ""
    policy_version: int = 0
    content_hash: str = ""


def history(connection: Connection, who: Principal, purchase_id: str) -> list[Entry]:
    """Return the whole history, oldest first.

    Raises:
        PurchaseNotFound: Unknown, or another authority's (NOT_FOUND).
        PermissionDenied: Another school's (ACTION_NOT_ALLOWED).
    """
    purchase = readable(connection, who, purchase_id)
    entries = [
        *_steps(connection, purchase.id),
        *_decisions(connection, purchase.id),
        *_revisions(connection, purchase.id),
        *_said(connection, who, purchase.id),
        *_attached(connection, purchase.id),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _steps(connection: Connection, purchase_id: str) -> list[Entry]:
    return [
        Entry(
            kind="step",
            action=each.action,
            actor=each.actor,
            actor_role=each.actor_role,
            text=each.fact.reason,
            at=each.at,
            amount=each.fact.amount,
        )
        for each in purchases.facts_of(connection, purchase_id)
    ]


def _decisions(connection: Connection, purchase_id: str) -> list[Entry]:
    return [
        Entry(
            kind="decision",
            action=each.outcome,
            actor=each.decider,
            at=each.decided_at,
            amount=each.amount_minor,
            resource_id=each.id,
            policy_version=each.policy_version,
            content_hash=each.content_hash,
        )
        for each in deciders.decisions_of(connection, purchase_id)
    ]


def _revisions(connection: Connection, purchase_id: str) -> list[Entry]:
    return [
        Entry(
            kind="revision",
            action="replaced",
            actor=each.replaced_by,
            text=each.reason,
            at=each.replaced_at,
            amount=each.cost,
            content_hash=each.content_hash,
        )
        for each in revisions.of(connection, purchase_id)
    ]


def _said(connection: Connection, who: Principal, purchase_id: str) -> list[Entry]:
    internal = who.role in INTERNAL_ROLES
    return [
        Entry(
            kind="comment",
            action="internal" if each.internal else "shared",
            actor=each.author,
            actor_role=each.author_role,
            text=each.text,
            at=each.created_at,
            resource_id=each.id,
        )
        for each in discussion.comments(connection, purchase_id, internal=internal)
    ]


def _attached(connection: Connection, purchase_id: str) -> list[Entry]:
    return [
        Entry(
            kind="attachment",
            action=each.kind,
            actor=each.added_by,
            text=each.name,
            at=each.created_at,
            resource_id=each.id,
            content_hash=each.sha256,
        )
        for each in discussion.attachments_of(connection, purchase_id)
    ]
