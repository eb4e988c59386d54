"""Who decided that a purchase may cost more, where one officer or two decide."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.approval import Decision, content_hash
from services.fund.domain.approving import Part, Took
from services.fund.domain.purchase import Purchase
from services.fund.storage.deciders import decision_of
from services.fund.storage.tables import decisions
from services.fund.storage.tables.approving import uplift_people


def people_of(connection: Connection, purchase: Purchase, pence: int) -> list[Took]:
    """Return who has decided that the purchase, as it stands, may cost so many pence in all."""
    columns = uplift_people.c
    query = select(columns.person, columns.decision_id).where(
        columns.purchase_id == purchase.id,
        columns.content_hash == content_hash(purchase),
        columns.amount == pence,
    )
    return [Took(row.person, Part.APPROVED, row.decision_id) for row in connection.execute(query)]


def add_people(
    work: UnitOfWork, purchase: Purchase, people: Iterable[str], decision: Decision
) -> None:
    """Insert who decides; the table refuses the requester and anybody a second time."""
    work.connection.execute(
        insert(uplift_people),
        [
            {
                "purchase_id": purchase.id,
                "content_hash": content_hash(purchase),
                "amount": decision.amount_minor,
                "person": person,
                "tenant": purchase.tenant,
                "requester": purchase.requester,
                "decider": decision.decider,
                "decision_id": decision.id,
                "created_at": work.at,
            }
            for person in people
        ],
    )


def first_decisions(connection: Connection, purchase: Purchase) -> list[Decision]:
    """Return the first decisions of two on costing more, of the version that stands now."""
    query = select(decisions).where(
        decisions.c.purchase_id == purchase.id,
        decisions.c.revision == purchase.revision,
        decisions.c.outcome == "raising",
    )
    return [decision_of(row) for row in connection.execute(query.order_by(decisions.c.id))]
