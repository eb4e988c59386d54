"""What happened to a purchase, one row each, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from services.chassis.tables import Row
from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.purchase import Action, Purchase, State
from services.fund.storage.tables import purchase_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a step adds to the history besides the step itself.

    Attributes:
        reason: Free text, personal.
        effective_on: The day it counts for, Europe/London.
        amount: Pence that moved; 0 when none.
    """

    effective_on: date
    reason: str = ""
    amount: int = 0
    decision_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One thing that happened, as the timeline shows it."""

    position: int
    action: Action
    from_state: State | None
    to_state: State
    actor: str
    actor_role: str
    at: datetime
    fact: Fact


def first_fact(work: UnitOfWork, purchase: Purchase, fact: Fact, action: Action) -> Recorded:
    """Insert the first thing that happened, with the commit, and return it."""
    row = _row(work, purchase, fact, action=action, from_state="")
    work.insert_later(purchase_facts, row)
    return _recorded(row)


def add_fact(
    work: UnitOfWork, purchase: Purchase, fact: Fact, *, action: Action, from_state: State
) -> None:
    """Insert what happened; `purchase` is as it stands after it."""
    row = _row(work, purchase, fact, action=action, from_state=from_state)
    work.connection.execute(insert(purchase_facts).values(row))


def facts_of(connection: Connection, purchase_id: str) -> tuple[Recorded, ...]:
    """Return the history, oldest first."""
    query = (
        select(purchase_facts)
        .where(purchase_facts.c.purchase_id == purchase_id)
        .order_by(purchase_facts.c.position)
    )
    return tuple(_recorded(row._asdict()) for row in connection.execute(query))


def _row(
    work: UnitOfWork, purchase: Purchase, fact: Fact, *, action: Action, from_state: str
) -> Row:
    return {
        "purchase_id": purchase.id,
        "position": purchase.version,
        "tenant": purchase.tenant,
        "action": action,
        "from_state": from_state,
        "to_state": purchase.state,
        "actor": work.caller.subject,
        "actor_role": work.caller.role,
        "reason": fact.reason,
        "at": work.at,
        "effective_on": fact.effective_on,
        "amount": fact.amount,
        "decision_id": fact.decision_id or None,
    }


def _recorded(row: Mapping[str, Any]) -> Recorded:
    return Recorded(
        position=row["position"],
        action=Action(row["action"]),
        from_state=State(row["from_state"]) if row["from_state"] else None,
        to_state=State(row["to_state"]),
        actor=row["actor"],
        actor_role=row["actor_role"],
        at=row["at"],
        fact=Fact(
            effective_on=row["effective_on"],
            reason=row["reason"],
            amount=row["amount"],
            decision_id=row["decision_id"] or "",
        ),
    )
