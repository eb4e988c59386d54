"""What waits for somebody: ladders that are open, paused or closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from services.notify.storage.tables import escalation

_COLUMN = escalation.c


@dataclass(frozen=True, slots=True)
class Escalation:
    """One open matter.

    Attributes:
        resource: What waits; `round` counts how often it has waited on this ladder.
        anchor_at: When it is due.
        taken: Steps that were taken.
        next_at: When the next step is due; None when paused, closed or all taken.
        paused_at: Since when it stands still; None when it runs.
    """

    tenant: str
    ladder: str
    resource: str
    round: int
    reference: str
    requester: str
    link: str
    anchor_at: datetime
    next_at: datetime | None
    taken: int = 0
    paused_at: datetime | None = None
    closed_at: datetime | None = None


def open_one(connection: Connection, tenant: str, ladder: str, resource: str) -> Escalation | None:
    """Return the open matter of a resource on a ladder, kept from others, or None."""
    query = (
        select(escalation)
        .where(
            _COLUMN.tenant == tenant,
            _COLUMN.ladder == ladder,
            _COLUMN.resource == resource,
            _COLUMN.closed_at.is_(None),
        )
        .with_for_update()
    )
    row = connection.execute(query).first()
    return _of(row) if row else None


def rounds(connection: Connection, tenant: str, ladder: str, resource: str) -> int:
    """Return how often a resource has waited on a ladder."""
    query = select(func.count()).where(
        _COLUMN.tenant == tenant, _COLUMN.ladder == ladder, _COLUMN.resource == resource
    )
    return connection.execute(query).scalar_one()


def add(connection: Connection, added: Escalation) -> None:
    """Open a matter."""
    connection.execute(
        insert(escalation).values(
            tenant=added.tenant,
            ladder=added.ladder,
            resource=added.resource,
            round=added.round,
            reference=added.reference,
            requester=added.requester,
            link=added.link,
            closed_at=None,
            **_moving(added),
        )
    )


def save(connection: Connection, changed: Escalation) -> None:
    """Keep how far a matter has come."""
    connection.execute(
        update(escalation)
        .where(
            _COLUMN.tenant == changed.tenant,
            _COLUMN.ladder == changed.ladder,
            _COLUMN.resource == changed.resource,
            _COLUMN.round == changed.round,
        )
        .values(closed_at=changed.closed_at, **_moving(changed))
    )


def due(connection: Connection, now: datetime, limit: int) -> Sequence[Escalation]:
    """Return matters with a step that is due, and keep other replicas off them."""
    query = (
        select(escalation)
        .where(_COLUMN.next_at <= now)
        .order_by(_COLUMN.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_of(row) for row in connection.execute(query)]


def any_due(connection: Connection, now: datetime) -> bool:
    """Return whether any step is due."""
    query = select(_COLUMN.resource).where(_COLUMN.next_at <= now).limit(1)
    return connection.execute(query).first() is not None


def _moving(matter: Escalation) -> dict[str, Any]:
    return {
        "anchor_at": matter.anchor_at,
        "taken": matter.taken,
        "next_at": matter.next_at,
        "paused_at": matter.paused_at,
    }


def _of(row: Row[Any]) -> Escalation:
    return Escalation(
        tenant=row.tenant,
        ladder=row.ladder,
        resource=row.resource,
        round=row.round,
        reference=row.reference,
        requester=row.requester,
        link=row.link,
        anchor_at=row.anchor_at,
        next_at=row.next_at,
        taken=row.taken,
        paused_at=row.paused_at,
        closed_at=row.closed_at,
    )
