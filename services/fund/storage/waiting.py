"""What jobs look for: requests that wait too long, for a decision or for a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from services.chassis.unit_of_work import UnitOfWork
from services.fund.domain.purchase import UNDECIDED, Purchase, State
from services.fund.storage.tables import purchases
from services.fund.storage.tables.approving import approval_policies


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that a job looks at."""

    tenant: str
    purchase_id: str


def overdue(connection: Connection, now: datetime, size: int) -> list[Waiting]:
    """Return submitted requests whose decision is late and that nobody was told of."""
    columns = purchases.c
    query = select(columns.tenant, columns.id).where(
        columns.state == State.SUBMITTED,
        columns.decide_by < now,
        columns.overdue_at.is_(None),
    )
    rows = connection.execute(query.order_by(columns.submitted_at).limit(size))
    return [Waiting(row.tenant, row.id) for row in rows]


def mark_overdue(work: UnitOfWork, purchase: Purchase) -> bool:
    """Note that a late decision was told of; return whether it is the first time."""
    written = work.connection.execute(
        update(purchases)
        .where(purchases.c.id == purchase.id, purchases.c.overdue_at.is_(None))
        .values(overdue_at=work.at)
    )
    return written.rowcount == 1


def undecided_since(
    connection: Connection, tenant: str, before: datetime, size: int
) -> list[Waiting]:
    """Return undecided requests that were submitted before a moment."""
    columns = purchases.c
    query = select(columns.tenant, columns.id).where(
        columns.state.in_(sorted(UNDECIDED)),
        columns.tenant == tenant,
        columns.submitted_at < before,
    )
    rows = connection.execute(query.order_by(columns.submitted_at).limit(size))
    return [Waiting(row.tenant, row.id) for row in rows]


def undecided_tenants(connection: Connection) -> list[str]:
    """Return the authorities with requests that nobody has decided."""
    query = select(purchases.c.tenant).where(purchases.c.state.in_(sorted(UNDECIDED))).distinct()
    return list(connection.execute(query).scalars())


def for_a_rule(
    connection: Connection, tenant: str, *, categories: frozenset[str], up_to: int, size: int
) -> list[Waiting]:
    """Return submitted requests that a rule might approve, oldest first."""
    columns = purchases.c
    query = select(columns.tenant, columns.id).where(
        columns.state == State.SUBMITTED,
        columns.tenant == tenant,
        columns.category.in_(sorted(categories)),
        columns.cost <= up_to,
        columns.version == 1,
    )
    rows = connection.execute(query.order_by(columns.submitted_at).limit(size))
    return [Waiting(row.tenant, row.id) for row in rows]


def tenants_with_policies(connection: Connection) -> list[str]:
    """Return the authorities that have put a policy of their own in force."""
    return list(connection.execute(select(approval_policies.c.tenant).distinct()).scalars())
